"""Mirror against portal, row by row, by a reading of the portal's own tables that shares nothing with the product's.

Phones are compared by the code under which the portal's own search finds them (multifield.CODE): the digits of a
number. A value without a number in it must stand, word for word, among the unreadable ones.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from crm_mirror.models import (
    Company,
    Contact,
    ContactCompany,
    Deal,
    Department,
    Employee,
    EndedCall,
    Lead,
    PhoneNumber,
    Quarantine,
    Status,
    UnreadablePhone,
)
from crm_mirror.sandbox import custom_fields
from crm_mirror.sandbox.data.status_field import FIELD
from crm_mirror.sandbox.portal import Portal

MODELS = {"company": Company, "contact": Contact, "lead": Lead, "deal": Deal}
PEOPLE = {"employee": Employee, "department": Department}
TYPE_IDS = {1: "lead", 3: "contact", 4: "company"}  # of entities that have phones

Rows = dict[Any, dict[str, Any]]  # by portal ID: column of the mirror → value
People = {"created_by_id": "CREATED_BY_ID", "modified_by_id": "MODIFY_BY_ID", "responsible_id": "ASSIGNED_BY_ID"}


@dataclass(frozen=True)
class Difference:
    """`what`: lost (in the portal only), wiped (deleted in the mirror only), surplus, different, doubled."""

    kind: str
    key: Any
    what: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.key} {self.what} {self.detail}".rstrip()


def differences(portal: Portal) -> list[Difference]:
    """Everything in which the mirror is not the portal."""
    found: list[Difference] = []
    for kind, rows in {**entities_of(portal), **people_of(portal)}.items():
        found += compared(kind, rows, *mirrored(kind, rows))
    found += compared("status", statuses_of(portal), mirrored_statuses(), {})
    found += compared("call", calls_of(portal), mirrored_calls(), {})
    found += of_links(portal)
    found += of_phones(portal)
    found += [Difference(one.kind, one.portal_id, "different", "in quarantine") for one in Quarantine.objects.all()]
    return found


def summary(found: Iterable[Difference]) -> Counter[str]:
    return Counter(one.what for one in found)


def compared(kind: str, wanted: Rows, live: Rows, dead: Mapping[Any, Any]) -> list[Difference]:
    found = [Difference(kind, key, "wiped" if key in dead else "lost") for key in wanted.keys() - live.keys()]
    found += [Difference(kind, key, "surplus") for key in live.keys() - wanted.keys()]
    for key in wanted.keys() & live.keys():
        unlike = {name: (live[key][name], value) for name, value in wanted[key].items() if live[key][name] != value}
        if unlike:
            told = "; ".join(f"{name}: mirror {ours!r}, portal {theirs!r}" for name, (ours, theirs) in unlike.items())
            found.append(Difference(kind, key, "different", told))
    return sorted(found, key=lambda one: str(one.key))


# The portal


def entities_of(portal: Portal) -> dict[str, Rows]:
    made = {"company": company, "contact": contact, "lead": lead, "deal": deal}
    return {kind: {row["ID"]: common(row) | make(row) for row in table(portal, kind)} for kind, make in made.items()}


def table(portal: Portal, kind: str) -> list[dict[str, Any]]:
    with portal.store.lock:
        cursor = portal.store.connection.execute(f"SELECT * FROM {kind}")  # noqa: S608
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]


def common(row: Mapping[str, Any]) -> dict[str, Any]:
    people = {name: row[column] or None for name, column in People.items()}
    times = {"created_at": instant(row["DATE_CREATE"]), "modified_at": instant(row["DATE_MODIFY"])}
    return people | times


def company(row: Mapping[str, Any]) -> dict[str, Any]:
    status = str(row[FIELD]) if row.get(FIELD) else None
    own = row["IS_MY_COMPANY"] == "Y"
    return {"title": row["TITLE"], "status_id": status, "is_my_company": own, "lead_id": row["LEAD_ID"]}


def contact(row: Mapping[str, Any]) -> dict[str, Any]:
    title = " ".join(part for part in (row["NAME"], row["LAST_NAME"]) if part)
    return {"title": title, "company_id": row["COMPANY_ID"], "lead_id": row["LEAD_ID"]}


def lead(row: Mapping[str, Any]) -> dict[str, Any]:
    links = {"company_id": row["COMPANY_ID"], "contact_id": row["CONTACT_ID"]}
    stage = {
        "status_id": row["STATUS_ID"],
        "semantic": row["STATUS_SEMANTIC_ID"],
        "moved_at": instant(row["MOVED_TIME"]),
    }
    return {"title": row["TITLE"]} | stage | links


def deal(row: Mapping[str, Any]) -> dict[str, Any]:
    stage = {"title": row["TITLE"], "stage_id": row["STAGE_ID"], "semantic": row["STAGE_SEMANTIC_ID"]}
    stage |= {"moved_at": instant(row["MOVED_TIME"])}
    links = {"company_id": row["COMPANY_ID"], "contact_id": row["CONTACT_ID"], "lead_id": row["LEAD_ID"]}
    amount = Decimal(str(row["OPPORTUNITY"] or 0)).quantize(Decimal("0.01"))
    return stage | links | {"closed": row["CLOSED"] == "Y", "amount": amount, "currency": row["CURRENCY_ID"]}


def people_of(portal: Portal) -> dict[str, Rows]:
    shown = [user for user in portal.store.users() if not user["IS_HIDDEN"]]
    employees = {
        int(user["ID"]): {
            "name": f"{user['NAME']} {user['LAST_NAME']}".strip(),
            "active": user["ACTIVE"],
            "department_ids": user["UF_DEPARTMENT"],
        }
        for user in shown
    }
    departments = {
        number: {
            "name": row["NAME"],
            "parent_id": int(row["PARENT"]) if "PARENT" in row else None,
            "head_id": int(row["UF_HEAD"]) if "UF_HEAD" in row else None,
        }
        for number, row in portal.store.departments.items()
    }
    return {"employee": employees, "department": departments}


def statuses_of(portal: Portal) -> Rows:
    field = custom_fields.find(portal.store, FIELD) or {"LIST": []}
    return {item["ID"]: {"name": item["VALUE"], "sort": int(item["SORT"])} for item in field["LIST"]}


def calls_of(portal: Portal) -> Rows:
    with portal.lock:
        rows = list(portal.memory.get("statistics", ()))
    return {
        row["CALL_ID"]: {"user_id": int(row["PORTAL_USER_ID"]), "duration": int(row["CALL_DURATION"])} for row in rows
    }


def instant(moment: int) -> datetime:
    return datetime.fromtimestamp(moment, UTC)


# The mirror


def mirrored(kind: str, wanted: Rows) -> tuple[Rows, set[int]]:
    """Live rows with the columns that are compared, and the IDs of those marked deleted."""
    rows = (MODELS | PEOPLE)[kind]._default_manager
    columns = next(iter(wanted.values()), {}).keys()
    live = {row.pop("portal_id"): row for row in rows.filter(deleted_at=None).values("portal_id", *columns)}
    return live, set(rows.exclude(deleted_at=None).values_list("portal_id", flat=True))


def mirrored_statuses() -> Rows:
    rows = Status.objects.filter(in_portal=True).values("value", "name", "sort")
    return {row.pop("value"): row for row in rows}


def mirrored_calls() -> Rows:
    return {row.pop("call_id"): row for row in EndedCall.objects.values("call_id", "user_id", "duration")}


def of_links(portal: Portal) -> list[Difference]:
    """A link counts while both of its ends live: what is left of a deleted contact's or company's is no matter."""
    wanted = {tuple(row) for row in portal.store.rows("SELECT OWNER_ID, TARGET_ID FROM link WHERE KIND = 3")}
    contacts, companies = (set(mirrored(kind, {1: {}})[0]) for kind in ("contact", "company"))
    every = ContactCompany.objects.values_list("contact_id", "company_id")
    ours = Counter(pair for pair in every if pair[0] in contacts and pair[1] in companies)
    found = [Difference("link", pair, "lost") for pair in sorted(wanted - ours.keys())]
    found += [Difference("link", pair, "surplus") for pair in sorted(ours.keys() - wanted)]
    return found + [Difference("link", pair, "doubled") for pair, count in ours.items() if count > 1]


def of_phones(portal: Portal) -> list[Difference]:
    """Every value of the portal is told by a number or among the unreadable; no number is there without a value."""
    values: defaultdict[tuple[str, int], dict[str, str]] = defaultdict(dict)  # text → code
    rows = portal.store.rows("SELECT KIND, ELEMENT_ID, VALUE, CODE FROM multifield WHERE TYPE_ID = 'PHONE'")
    for type_id, element_id, value, code in rows:
        values[TYPE_IDS[type_id], element_id][value] = f"+{code}"
    numbers, unreadable = mirrored_phones()
    found = []
    for key in values.keys() | numbers.keys() | unreadable.keys():
        told, texts = values[key], unreadable[key]
        lost = {text for text, code in told.items() if code not in numbers[key] and text not in texts}
        surplus = (numbers[key].keys() - set(told.values())) | (texts.keys() - told.keys())
        found += [Difference("phone", key, "lost", text) for text in sorted(lost)]
        found += [Difference("phone", key, "surplus", text) for text in sorted(surplus)]
        doubled = [text for text, count in (numbers[key] + texts).items() if count > 1]
        found += [Difference("phone", key, "doubled", text) for text in doubled]
    return found


Texts = defaultdict[tuple[str, int], Counter[str]]


def mirrored_phones() -> tuple[Texts, Texts]:
    """Numbers and unreadable values of live entities, with how often each is there."""
    living = {kind: set(mirrored(kind, {1: {}})[0]) for kind in TYPE_IDS.values()}
    found: tuple[Texts, Texts] = (defaultdict(Counter), defaultdict(Counter))
    for texts, model, column in ((found[0], PhoneNumber, "e164"), (found[1], UnreadablePhone, "value")):
        for kind, entity_id, text in model.objects.values_list("entity_type", "entity_id", column):
            if entity_id in living[kind]:
                texts[kind, entity_id][text] += 1
    return found
