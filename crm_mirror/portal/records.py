"""Raw rows of the portal → typed records, or MalformedRecord with the reason. Pure.

rest.md §4, §6, §10: IDs come as texts or numbers, "nothing" as "", null, false, "0", [] or "0000-00-00…", booleans as
Y/N, 1/0 or true/false, by mood of the field. The fields of a record are the columns of its model, phones and links
aside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

LARGEST_ID = 2**63 - 1
NOTHING = frozenset({"", "0", "null", "false"})
YES = frozenset({"Y", "1", "true", "TRUE"})
NO = frozenset({"N", "0", "", "false", "FALSE"})

Row = Mapping[str, Any]


class MalformedRecord(ValueError):
    """A row that cannot be read; the text says which field and why."""


@dataclass(frozen=True, slots=True)
class Employee:
    portal_id: int
    name: str
    position: str
    active: bool
    user_type: str
    department_ids: list[int]


@dataclass(frozen=True, slots=True)
class Department:
    portal_id: int
    name: str
    sort: int
    parent_id: int | None
    head_id: int | None


@dataclass(frozen=True, slots=True)
class Company:
    portal_id: int
    title: str
    responsible_id: int | None
    created_by_id: int | None
    modified_by_id: int | None
    created_at: datetime | None
    modified_at: datetime | None
    status_id: str | None
    is_my_company: bool
    lead_id: int | None
    phones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contact:
    portal_id: int
    title: str
    responsible_id: int | None
    created_by_id: int | None
    modified_by_id: int | None
    created_at: datetime | None
    modified_at: datetime | None
    company_id: int | None
    lead_id: int | None
    phones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lead:
    portal_id: int
    title: str
    responsible_id: int | None
    created_by_id: int | None
    modified_by_id: int | None
    created_at: datetime | None
    modified_at: datetime | None
    status_id: str
    semantic: str
    moved_at: datetime | None
    company_id: int | None
    contact_id: int | None
    phones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Deal:
    portal_id: int
    title: str
    responsible_id: int | None
    created_by_id: int | None
    modified_by_id: int | None
    created_at: datetime | None
    modified_at: datetime | None
    stage_id: str
    semantic: str
    moved_at: datetime | None
    category_id: int | None
    closed: bool
    company_id: int | None
    contact_id: int | None
    lead_id: int | None
    amount: Decimal | None
    currency: str


@dataclass(frozen=True, slots=True)
class Links:
    """The companies of one contact."""

    portal_id: int  # of the contact
    company_ids: tuple[int, ...]


def employee(row: Row) -> Employee:
    """docs: api-reference/user/user-get"""
    portal_id = own_id(row)
    return Employee(
        portal_id,
        _joined(row, "NAME", "LAST_NAME", limit=255) or text(row, "EMAIL", 255) or str(portal_id),
        text(row, "WORK_POSITION", 255),
        flag(row, "ACTIVE", default=True),
        text(row, "USER_TYPE", 32),
        ids(row, "UF_DEPARTMENT"),
    )


def department(row: Row) -> Department:
    """docs: api-reference/departments/department-get"""
    return Department(
        own_id(row), text(row, "NAME", 255), _sort(row), reference(row, "PARENT"), reference(row, "UF_HEAD")
    )


def company(row: Row, status_field: str) -> Company:
    """docs: api-reference/crm/companies/crm-company-list"""
    return Company(
        own_id(row),
        text(row, "TITLE", 512),
        *_people_and_times(row),
        _status(row, status_field),
        flag(row, "IS_MY_COMPANY", default=False),
        reference(row, "LEAD_ID"),
        phones(row),
    )


def contact(row: Row) -> Contact:
    """docs: api-reference/crm/contacts/crm-contact-list"""
    return Contact(
        own_id(row),
        _joined(row, "NAME", "LAST_NAME") or text(row, "SECOND_NAME", 512),
        *_people_and_times(row),
        reference(row, "COMPANY_ID"),
        reference(row, "LEAD_ID"),
        phones(row),
    )


def lead(row: Row) -> Lead:
    """docs: api-reference/crm/leads/crm-lead-list"""
    return Lead(
        own_id(row),
        text(row, "TITLE", 512) or _joined(row, "NAME", "LAST_NAME") or text(row, "COMPANY_TITLE", 512),
        *_people_and_times(row),
        text(row, "STATUS_ID", 64),
        text(row, "STATUS_SEMANTIC_ID", 1),
        moment(row, "MOVED_TIME"),
        reference(row, "COMPANY_ID"),
        reference(row, "CONTACT_ID"),
        phones(row),
    )


def deal(row: Row) -> Deal:
    """docs: api-reference/crm/deals/crm-deal-list"""
    return Deal(
        own_id(row),
        text(row, "TITLE", 512),
        *_people_and_times(row),
        text(row, "STAGE_ID", 64),
        text(row, "STAGE_SEMANTIC_ID", 1),
        moment(row, "MOVED_TIME"),
        reference(row, "CATEGORY_ID"),
        flag(row, "CLOSED", default=False),
        reference(row, "COMPANY_ID"),
        reference(row, "CONTACT_ID"),
        reference(row, "LEAD_ID"),
        amount(row, "OPPORTUNITY"),
        text(row, "CURRENCY_ID", 8),
    )


def links(row: Row) -> Links:
    """A contact of crm.item.list with its companies. docs: api-reference/crm/universal/object-fields

    A row that does not tell them is malformed: it must not pass for a contact without any.
    """
    if "companyIds" not in row:
        raise MalformedRecord("companyIds is missing")
    return Links(own_id(row, "id"), tuple(ids(row, "companyIds")))


def own_id(row: Row, key: str = "ID") -> int:
    found = _id(row.get(key), key)
    if found is None:
        raise MalformedRecord(f"{key} is missing")
    return found


def reference(row: Row, key: str) -> int | None:
    return _id(row.get(key), key)


def ids(row: Row, key: str) -> list[int]:
    """A list of IDs, each once; [] for what the portal writes as "none"."""
    value = row.get(key)
    listed = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else [value]
    return list(dict.fromkeys(found for one in listed if (found := _id(one, key)) is not None))


def text(row: Row, key: str, limit: int) -> str:
    """Without what a database refuses: NUL and halves of surrogate pairs; cut to `limit` characters."""
    value = row.get(key)
    if value is None or value is False:
        return ""
    if not isinstance(value, str):
        if isinstance(value, list | dict):
            if value:
                raise MalformedRecord(f"{key} is no text: {_shown(value)}")
            return ""
        value = str(value)
    return storable(value)[:limit].strip()


def flag(row: Row, key: str, *, default: bool) -> bool:
    value = row.get(key)
    if isinstance(value, bool):
        return value
    if value is None:
        return default
    spelled = str(value)
    if spelled in YES:
        return True
    if spelled in NO:
        return False
    raise MalformedRecord(f"{key} is neither yes nor no: {_shown(value)}")


def moment(row: Row, key: str) -> datetime | None:
    """An instant in UTC. A time without an offset cannot be placed and makes the row malformed."""
    value = row.get(key)
    if not value or not isinstance(value, str) or value.startswith("0000"):
        if value and not isinstance(value, str):
            raise MalformedRecord(f"{key} is no date: {_shown(value)}")
        return None
    try:
        found = datetime.fromisoformat(value)
        if found.tzinfo is None:
            raise MalformedRecord(f"{key} has no offset: {_shown(value)}")
        return found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        if isinstance(error, MalformedRecord):
            raise
        raise MalformedRecord(f"{key} is no date: {_shown(value)}") from None


def amount(row: Row, key: str) -> Decimal | None:
    value = row.get(key)
    if value in (None, "", False):
        return None
    try:
        found = Decimal(str(value)).quantize(Decimal("0.01"))
    except InvalidOperation:
        raise MalformedRecord(f"{key} is no amount: {_shown(value)}") from None
    if not found.is_finite() or abs(found) >= Decimal(10) ** 16:
        raise MalformedRecord(f"{key} is no amount: {_shown(value)}")
    return found


def phones(row: Row) -> tuple[str, ...]:
    """Phone values as people wrote them; PHONE is missing from a row without any (rest.md §3)."""
    values = row.get("PHONE")
    if not values:
        return ()
    if isinstance(values, dict):
        values = list(values.values())
    if not isinstance(values, list):
        raise MalformedRecord(f"PHONE is no list: {_shown(values)}")
    return tuple(dict.fromkeys(value for one in values if (value := _phone(one))))


def storable(value: str) -> str:
    if "\x00" in value:
        value = value.replace("\x00", "")
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


def _phone(one: Any) -> str:
    if not isinstance(one, dict):
        raise MalformedRecord(f"PHONE holds something else: {_shown(one)}")
    return text(one, "VALUE", 255)


def _id(value: Any, key: str) -> int | None:
    if value is None or value is False or value == [] or (isinstance(value, str) and value.strip() in NOTHING):
        return None
    try:
        if isinstance(value, float) and value != int(value):
            raise ValueError
        found = int(value)
    except (TypeError, ValueError, OverflowError):
        raise MalformedRecord(f"{key} is no ID: {_shown(value)}") from None
    if not 0 <= found <= LARGEST_ID:
        raise MalformedRecord(f"{key} is no ID: {_shown(value)}")
    return found or None


def _status(row: Row, key: str) -> str | None:
    """A STATUS_ID or a list item's ID; of a field with several values the first one."""
    value = row.get(key)
    if isinstance(value, list | dict):
        listed = list(value.values()) if isinstance(value, dict) else value
        value = next((one for one in listed if one), None)
    found = text({key: value}, key, 64)
    return None if found in NOTHING else found


def _people_and_times(row: Row) -> tuple[int | None, int | None, int | None, datetime | None, datetime | None]:
    return (
        reference(row, "ASSIGNED_BY_ID"),
        reference(row, "CREATED_BY_ID"),
        reference(row, "MODIFY_BY_ID"),
        moment(row, "DATE_CREATE"),
        moment(row, "DATE_MODIFY"),
    )


def _joined(row: Row, *keys: str, limit: int = 512) -> str:
    return " ".join(part for key in keys if (part := text(row, key, limit)))[:limit]


def _sort(row: Row) -> int:
    try:
        found = int(row.get("SORT") or 500)
    except (TypeError, ValueError):
        raise MalformedRecord(f"SORT is no number: {_shown(row.get('SORT'))}") from None
    return max(-(2**31), min(found, 2**31 - 1))


def _shown(value: Any) -> str:
    return storable(repr(value))[:80]
