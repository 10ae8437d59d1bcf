"""The simulated portal as tests speak of it: people, companies, phones and links by plain verbs.

Every verb goes through the portal's own methods, in process: what a test sets up is what an administrator could do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm_mirror.sandbox import custom_fields
from crm_mirror.sandbox.data import people, status_field
from crm_mirror.sandbox.kinds import kinds
from crm_mirror.sandbox.server import SandboxServer
from crm_mirror.sandbox.store import Store

ADMINISTRATOR = 1
Phones = str | Iterable[str] | None


@dataclass(frozen=True)
class Employee:
    id: int
    name: str


def id_of(person: Employee | int) -> int:
    return person if isinstance(person, int) else person.id


class PortalDriver:
    """A running portal with readable verbs; everything of the server itself is passed through."""

    def __init__(self, server: SandboxServer, status_kind: str = "enumeration") -> None:
        self.server = server
        self.portal = server.portal
        self.store: Store = server.portal.store
        self.url, self.webhook, self.log = server.url, server.webhook, server.log
        self.fails_with, self.heal = server.fails_with, server.heal
        self.status_kind = status_kind

    def call(self, method: str, params: dict[str, Any] | None = None, *, by: Employee | int = ADMINISTRATOR) -> Any:
        """Result of a method on behalf of somebody, an administrator by default. Raises Refused."""
        return self.portal.call(method, params, user_id=id_of(by))

    @property
    def now(self) -> datetime:
        return self.portal.now()

    # People

    def add_employee(
        self,
        name: str,
        *,
        department: int | Iterable[int] | None = None,
        active: bool = True,
        admin: bool = False,
        hidden: bool = False,
    ) -> Employee:
        """`name`: "Имя Фамилия". Without a department: in the root one. Hidden: a bot, missing from user.get."""
        user_id = max((int(user["ID"]) for user in self.store.users()), default=0) + 2
        homes = [people.ROOT] if department is None else [department] if isinstance(department, int) else [*department]
        details: dict[str, Any] = {"departments": homes, "active": active, "admin": admin, "hidden": hidden}
        people.add_user(self.store, user_id, name, **details)
        told = {"ID": user_id, "ACTIVE": "Y" if active else "N", "NAME": name, "UF_DEPARTMENT": homes}
        self.portal.events.emit("ONUSERADD", told, ADMINISTRATOR)  # its payload has no FIELDS
        return Employee(user_id, name)

    def dismiss(self, employee: Employee | int) -> None:
        user = self.store.user(id_of(employee))
        assert user is not None
        user["ACTIVE"] = False

    def add_department(self, name: str, *, head: Employee | int | None = None, parent: int | None = people.ROOT) -> int:
        department_id = max(self.store.departments, default=0) + 2
        head_id = None if head is None else id_of(head)
        return people.add_department(self.store, department_id, name, parent=parent, head=head_id)

    def set_head(self, department: int, head: Employee | int | None) -> None:
        row = self.store.departments[department]
        row.pop("UF_HEAD", None)
        if head is not None:
            row["UF_HEAD"] = str(id_of(head))

    def move_employee(self, employee: Employee | int, *departments: int) -> None:
        user = self.store.user(id_of(employee))
        assert user is not None
        user["UF_DEPARTMENT"] = list(departments)

    # Entities

    def add_company(
        self,
        title: str,
        *,
        phone: Phones = None,
        responsible: Employee | int = ADMINISTRATOR,
        status: str | None = None,
        is_my_company: bool = False,
        by: Employee | int = ADMINISTRATOR,
        **fields: Any,
    ) -> int:
        """`status` by name; the field is created when the portal has none yet."""
        fields |= {"TITLE": title, "ASSIGNED_BY_ID": id_of(responsible), "IS_MY_COMPANY": "Y" if is_my_company else "N"}
        if status is not None:
            fields[status_field.FIELD] = self.status_value(status)
        return self._add("company", phone, fields, by)

    def add_contact(
        self,
        name: str,
        *,
        phone: Phones = None,
        responsible: Employee | int = ADMINISTRATOR,
        companies: Iterable[int] = (),
        by: Employee | int = ADMINISTRATOR,
        **fields: Any,
    ) -> int:
        """`name`: "Имя Фамилия". The first of the companies becomes the primary one."""
        first, _, last = name.partition(" ")
        fields |= {"NAME": first, "LAST_NAME": last, "ASSIGNED_BY_ID": id_of(responsible)}
        if linked := list(companies):
            fields["COMPANY_IDS"] = linked
        return self._add("contact", phone, fields, by)

    def add_lead(
        self,
        title: str,
        *,
        phone: Phones = None,
        responsible: Employee | int = ADMINISTRATOR,
        by: Employee | int = ADMINISTRATOR,
        **fields: Any,
    ) -> int:
        return self._add("lead", phone, fields | {"TITLE": title, "ASSIGNED_BY_ID": id_of(responsible)}, by)

    def add_deal(
        self,
        title: str,
        *,
        responsible: Employee | int = ADMINISTRATOR,
        company: int | None = None,
        contacts: Iterable[int] = (),
        by: Employee | int = ADMINISTRATOR,
        **fields: Any,
    ) -> int:
        fields |= {"TITLE": title, "ASSIGNED_BY_ID": id_of(responsible), "COMPANY_ID": company}
        return self._add("deal", None, fields | {"CONTACT_IDS": list(contacts)}, by)

    def _add(self, kind: str, phone: Phones, fields: dict[str, Any], by: Employee | int) -> int:
        values = [phone] if isinstance(phone, str) else list(phone or ())
        if values:
            fields["PHONE"] = [{"VALUE": value, "VALUE_TYPE": "WORK"} for value in values]
        return int(self.call(f"crm.{kind}.add", {"fields": fields}, by=by))

    def get(self, kind: str, entity_id: int) -> dict[str, Any]:
        """The row as the portal would show it."""
        row: dict[str, Any] = self.call(f"crm.{kind}.get", {"id": entity_id})
        return row

    def update(self, kind: str, entity_id: int, *, by: Employee | int = ADMINISTRATOR, **fields: Any) -> None:
        """Fields by classic names; `responsible` and, for companies, `status` by name."""
        if "responsible" in fields:
            fields["ASSIGNED_BY_ID"] = id_of(fields.pop("responsible"))
        if "status" in fields:
            fields[status_field.FIELD] = self.status_value(fields.pop("status"))
        self.call(f"crm.{kind}.update", {"id": entity_id, "fields": fields}, by=by)

    def update_company(self, company: int, **fields: Any) -> None:
        self.update("company", company, **fields)

    def update_contact(self, contact: int, **fields: Any) -> None:
        self.update("contact", contact, **fields)

    def update_lead(self, lead: int, **fields: Any) -> None:
        self.update("lead", lead, **fields)

    def update_deal(self, deal: int, **fields: Any) -> None:
        self.update("deal", deal, **fields)

    def delete(self, kind: str, entity_id: int, *, by: Employee | int = ADMINISTRATOR) -> None:
        self.call(f"crm.{kind}.delete", {"id": entity_id}, by=by)

    def delete_company(self, company: int) -> None:
        self.delete("company", company)

    def delete_contact(self, contact: int) -> None:
        self.delete("contact", contact)

    def delete_lead(self, lead: int) -> None:
        self.delete("lead", lead)

    def delete_deal(self, deal: int) -> None:
        self.delete("deal", deal)

    def restore(self, kind: str, entity_id: int, *, moves_date: bool = True) -> None:
        """Out of the recycle bin, under the old ID; handlers hear of it as of a new entity."""
        self.portal.restore(kind, entity_id, by=ADMINISTRATOR, moves_date=moves_date)

    def restore_company(self, company: int) -> None:
        self.restore("company", company)

    def restore_contact(self, contact: int) -> None:
        self.restore("contact", contact)

    def restore_lead(self, lead: int) -> None:
        self.restore("lead", lead)

    def change_phone(self, kind: str, entity_id: int, old: str, new: str | None) -> None:
        """Replace one value, written exactly so; None removes it."""
        phones = self.get(kind, entity_id).get("PHONE", [])
        row = next(phone for phone in phones if phone["VALUE"] == old)
        sent = {"ID": row["ID"], "DELETE": "Y"} if new is None else {"ID": row["ID"], "VALUE": new}
        self.update(kind, entity_id, PHONE=[sent])

    def add_phone(self, kind: str, entity_id: int, value: str) -> None:
        self.update(kind, entity_id, PHONE=[{"VALUE": value, "VALUE_TYPE": "WORK"}])

    # Links, conversion, merging

    def link(self, contact: int, company: int, *, primary: bool = False) -> None:
        fields = {"COMPANY_ID": company, "IS_PRIMARY": "Y" if primary else "N"}
        self.call("crm.contact.company.add", {"id": contact, "fields": fields})

    def unlink(self, contact: int, company: int) -> None:
        self.call("crm.contact.company.delete", {"id": contact, "fields": {"COMPANY_ID": company}})

    def merge(self, kind: str, survivor: int, *others: int) -> None:
        params = {"entityTypeId": kinds()[kind].type_id, "entityIds": [survivor, *others]}
        self.call("crm.entity.mergeBatch", {"params": params})

    def convert_lead(self, lead: int, *, company_title: str | None = None, by: Employee | int = ADMINISTRATOR) -> int:
        """A company with the lead's phones and responsible; the lead is CONVERTED. Returns the company's ID."""
        row = self.get("lead", lead)
        fields = {"TITLE": company_title or row["TITLE"], "ASSIGNED_BY_ID": row["ASSIGNED_BY_ID"], "LEAD_ID": lead}
        phones = [phone["VALUE"] for phone in row.get("PHONE", [])]
        company = self._add("company", phones, fields, by)
        self.update("lead", lead, by=by, STATUS_ID="CONVERTED", COMPANY_ID=company)
        return company

    # The company status

    @property
    def status_field(self) -> dict[str, Any]:
        """The custom field with the status, created on first use; as crm.company.userfield.get shows it."""
        found = custom_fields.find(self.store, status_field.FIELD)
        if found is None:
            status_field.provision(self.store, self.status_kind)
            found = custom_fields.find(self.store, status_field.FIELD)
        assert found is not None
        return found

    def register_reference_type(self, code: str, name: str) -> None:
        """What only PHP on a boxed portal can do: a reference type of one's own, empty at first."""
        self.store.reference_types[code] = name

    def status_value(self, name: str | None) -> int | str | None:
        """What the portal stores for a status of this name; None for none."""
        field = self.status_field
        if name is None:
            return ""
        if field["USER_TYPE_ID"] == "enumeration":
            return custom_fields.item_id(field, name)
        reference = field["SETTINGS"]["ENTITY_TYPE"]
        return next(
            str(row["STATUS_ID"])
            for row in self.store.statuses
            if row["ENTITY_ID"] == reference and row["NAME"] == name
        )

    def status_of(self, company: int) -> str:
        """The stored value as the portal sends it, "" for none."""
        return str(self.get("company", company)[self.status_field["FIELD_NAME"]] or "")
