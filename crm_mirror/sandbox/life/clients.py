"""What people do in the CRM all day: clients come, change hands, get numbers, are linked, merged, deleted, restored.

Every deed goes through the portal's own methods on behalf of an employee, so it makes the events and moves the dates
that it makes and moves in reality: a link made alone moves nothing and tells nobody (rest.md §4).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any

from crm_mirror.sandbox import custom_fields
from crm_mirror.sandbox.data.generated import DEAL_STAGES, LEAD_STAGES
from crm_mirror.sandbox.data.status_field import FIELD
from crm_mirror.sandbox.data.words import FIRMS, FORMS, MEN, NOT_PHONES, SURNAMES, TRADES
from crm_mirror.sandbox.kinds import kinds
from crm_mirror.sandbox.life.people import ADMINISTRATOR, Staff

if TYPE_CHECKING:
    from crm_mirror.sandbox.portal import Portal

WITH_PHONES = ("company", "contact", "lead")
EVERY = (*WITH_PHONES, "deal")
FEW = 5  # of a kind: fewer are not merged, deleted or linked


class Clients:
    """The CRM as its people use it. `live` and `binned`: IDs they know of, by kind; `ever_gone`: all that ever left.

    `spare`: entities that are left alone, by kind.
    """

    def __init__(self, portal: Portal, dice: Random, staff: Staff, spare: dict[str, set[int]]) -> None:
        self._portal = portal
        self._dice = dice
        self._staff = staff
        self.live = {name: self._ids(name, spare.get(name, set())) for name in EVERY}
        self.binned: defaultdict[str, list[int]] = defaultdict(list)
        self.ever_gone: set[tuple[str, int]] = set()

    def _ids(self, kind: str, spared: set[int]) -> list[int]:
        rows = self._portal.store.rows(f"SELECT ID FROM {kind} ORDER BY ID")
        return [entity_id for (entity_id,) in rows if entity_id not in spared]

    @property
    def are_few(self) -> bool:
        return any(len(ids) < FEW for ids in self.live.values())

    # New clients

    def add(self) -> None:
        kind = self._dice.choice(EVERY)
        getattr(self, f"add_{kind}")()

    def add_company(self) -> int:
        title = f"{self._dice.choice(FORMS)} «{self._dice.choice(FIRMS)}{self._dice.choice(TRADES)}»"
        return self._create("company", {"TITLE": title, FIELD: self._status(), "PHONE": self._phones()})

    def add_contact(self) -> int:
        fields: dict[str, Any] = {"NAME": self._dice.choice(MEN), "LAST_NAME": self._dice.choice(SURNAMES)}
        fields["COMPANY_IDS"] = self._some("company", self._dice.choice((0, 1, 1, 2)))
        return self._create("contact", fields | {"PHONE": self._phones()})

    def add_lead(self) -> int:
        title = f"Заявка №{self._dice.randrange(100_000)}"
        return self._create("lead", {"TITLE": title, "SOURCE_ID": "WEB", "PHONE": self._phones()})

    def add_deal(self) -> int:
        fields: dict[str, Any] = {"TITLE": "Поставка", "OPPORTUNITY": self._dice.randrange(900_000) / 100}
        fields["COMPANY_ID"] = next(iter(self._some("company", 1)), None)
        return self._create("deal", fields | {"CONTACT_IDS": self._some("contact", 1)})

    def import_companies(self, count: int) -> None:
        """A file with many clients is read in: every row at once, an event for each (rest.md §7, trap 17)."""
        for _ in range(count):
            self.add_company()

    def edit_everything(self, count: int) -> None:
        """A mass change: many companies get another responsible."""
        for company in self.live["company"][:count]:
            self._update("company", company, {"ASSIGNED_BY_ID": self._staff.somebody()})

    # Changes

    def rename(self) -> None:
        kind = self._dice.choice(EVERY)
        field = "LAST_NAME" if kind == "contact" else "TITLE"
        self._update(kind, self._one(kind), {field: f"{self._dice.choice(FIRMS)} {self._dice.randrange(10_000)}"})

    def reassign(self) -> None:
        kind = self._dice.choice(EVERY)
        self._update(kind, self._one(kind), {"ASSIGNED_BY_ID": self._staff.somebody()})

    def change_status(self) -> None:
        self._update("company", self._one("company"), {FIELD: self._status()})

    def change_stage(self) -> None:
        self._update("lead", self._one("lead"), {"STATUS_ID": self._dice.choice(LEAD_STAGES[:4])[0]})
        self._update("deal", self._one("deal"), {"STAGE_ID": self._dice.choice(DEAL_STAGES)[0]})

    def add_phone(self) -> None:
        kind = self._dice.choice(WITH_PHONES)
        self._update(kind, self._one(kind), {"PHONE": [{"VALUE": self._value(), "VALUE_TYPE": "WORK"}]})

    def change_phone(self) -> None:
        self._touch_phone(lambda: {"VALUE": self._value()})

    def remove_phone(self) -> None:
        self._touch_phone(lambda: {"DELETE": "Y"})

    def share_phone(self) -> None:
        """The same number at two clients."""
        number = self._number()
        for kind in self._dice.sample(WITH_PHONES, 2):
            self._update(kind, self._one(kind), {"PHONE": [{"VALUE": number, "VALUE_TYPE": "MOBILE"}]})

    # Links: by themselves in silence, or with the contact

    def link(self) -> None:
        fields = {"COMPANY_ID": self._one("company"), "IS_PRIMARY": self._dice.choice("YN")}
        self._call("crm.contact.company.add", {"id": self._one("contact"), "fields": fields})

    def unlink(self) -> None:
        contact = self._one("contact")
        links = self._call("crm.contact.company.items.get", {"id": contact})
        if links:
            fields = {"COMPANY_ID": self._dice.choice(links)["COMPANY_ID"]}
            self._call("crm.contact.company.delete", {"id": contact, "fields": fields})

    def relink(self) -> None:
        self._update("contact", self._one("contact"), {"COMPANY_IDS": self._some("company", self._dice.randint(0, 2))})

    # Conversion, merging, the recycle bin

    def convert_lead(self) -> None:
        lead = self._one("lead")
        row = self._call("crm.lead.get", {"id": lead})
        phones = [{"VALUE": phone["VALUE"], "VALUE_TYPE": "WORK"} for phone in row.get("PHONE", [])]
        company = self._create("company", {"TITLE": row["TITLE"], "LEAD_ID": lead, "PHONE": phones})
        contact = self._create("contact", {"NAME": "Новый", "LEAD_ID": lead, "COMPANY_IDS": [company], "PHONE": phones})
        self._update("lead", lead, {"STATUS_ID": "CONVERTED", "COMPANY_ID": company, "CONTACT_ID": contact})

    def merge(self) -> None:
        kind = self._dice.choice(WITH_PHONES)
        survivor, *losers = self._some(kind, self._dice.randint(2, 3))
        params = {"entityTypeId": kinds()[kind].type_id, "entityIds": [survivor, *losers]}
        self._call("crm.entity.mergeBatch", {"params": params})
        for loser in losers:
            self._gone(kind, loser)

    def delete(self) -> None:
        kind = self._dice.choice(EVERY)
        chosen = self._one(kind)
        self._call(f"crm.{kind}.delete", {"id": chosen})
        self._gone(kind, chosen)
        self.binned[kind].append(chosen)

    def restore(self) -> None:
        kind = self._dice.choice(EVERY)
        if self.binned[kind]:
            chosen = self.binned[kind].pop(self._dice.randrange(len(self.binned[kind])))
            self._portal.restore(kind, chosen, by=ADMINISTRATOR, moves_date=self._dice.random() < 0.5)
            self.live[kind].append(chosen)

    # The status field and telephony

    def rename_status(self) -> None:
        for item in self._dice.sample(self._items(), 1 if self._items() else 0):
            self._change_items({**item, "VALUE": f"{item['VALUE'].partition(' (')[0]} ({self._dice.randrange(100)})"})

    def add_status(self) -> None:
        self._change_items({"VALUE": f"Статус {self._dice.randrange(10_000)}", "SORT": self._dice.randrange(100, 900)})

    def call_client(self) -> None:
        """A call is made and ends: a row of the statistics and an event."""
        app = next(iter(self._portal.config.apps), "")
        user = self._staff.somebody()
        if not app:
            return
        about = {"USER_ID": user, "PHONE_NUMBER": self._number(), "TYPE": self._dice.choice("12")}
        call = self._call("telephony.externalCall.register", about, by=user, app_id=app)
        told = {"CALL_ID": call["CALL_ID"], "USER_ID": user, "DURATION": self._dice.choice((0, 30, 300))}
        self._call("telephony.externalCall.finish", told, by=user, app_id=app)

    # Words that the deeds are made of

    def _call(self, method: str, params: dict[str, Any], by: int = 0, **context: Any) -> Any:
        return self._portal.call(method, params, by or self._staff.somebody(), **context)

    def _create(self, kind: str, fields: dict[str, Any]) -> int:
        fields["ASSIGNED_BY_ID"] = self._staff.somebody()
        created = int(self._call(f"crm.{kind}.add", {"fields": fields}))
        self.live[kind].append(created)
        return created

    def _update(self, kind: str, entity_id: int, fields: dict[str, Any]) -> None:
        self._call(f"crm.{kind}.update", {"id": entity_id, "fields": fields})

    def _gone(self, kind: str, entity_id: int) -> None:
        self.live[kind].remove(entity_id)
        self.ever_gone.add((kind, entity_id))

    def _one(self, kind: str) -> int:
        return self._dice.choice(self.live[kind])

    def _some(self, kind: str, count: int) -> list[int]:
        return self._dice.sample(self.live[kind], min(count, len(self.live[kind])))

    def _touch_phone(self, change: Callable[[], dict[str, str]]) -> None:
        kind = self._dice.choice(WITH_PHONES)
        chosen = self._one(kind)
        phones = self._call(f"crm.{kind}.get", {"id": chosen}).get("PHONE", [])
        if phones:
            self._update(kind, chosen, {"PHONE": [{"ID": self._dice.choice(phones)["ID"], **change()}]})

    def _phones(self) -> list[dict[str, str]]:
        return [{"VALUE": self._value(), "VALUE_TYPE": "WORK"} for _ in range(self._dice.choice((0, 1, 1, 2)))]

    def _value(self) -> str:
        """What people write into a phone field; one in twenty is no number."""
        return self._dice.choice(NOT_PHONES) if self._dice.random() < 0.05 else self._number()

    def _number(self) -> str:
        ten = f"9{self._dice.randrange(100):02d}{self._dice.randrange(10_000_000):07d}"
        written = ("+7{0}", "8{0}", "8 ({1}) {2}-{3}", "+7 {1} {2} {3}")
        return self._dice.choice(written).format(ten, ten[:3], ten[3:6], ten[6:])

    def _status(self) -> str:
        return self._dice.choice([*(str(item["ID"]) for item in self._items()), ""])

    def _items(self) -> list[dict[str, Any]]:
        """Values of the company status, where it is a list of its own."""
        field = custom_fields.find(self._portal.store, FIELD) or {}
        return list(field.get("LIST", ()))

    def _change_items(self, item: dict[str, Any]) -> None:
        field = custom_fields.find(self._portal.store, FIELD) or {}
        if "LIST" in field:
            params = {"id": field["ID"], "fields": {"LIST": [item]}}
            self._call("crm.company.userfield.update", params, by=ADMINISTRATOR)
