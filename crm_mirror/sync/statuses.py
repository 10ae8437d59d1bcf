"""The values of the status field as the portal has them: a reference (crm_status) or a list, elsewhere one thing.

docs: api-reference/crm/companies/userfields, api-reference/crm/status; rest.md §5
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm_mirror.portal.batch import Command
from crm_mirror.portal.records import storable

DEFAULT_SORT = 500
REFERENCE_KIND, LIST_KIND = "crm_status", "enumeration"  # USER_TYPE_ID
FIELD_METHOD = "crm.company.userfield.list"
REFERENCE_METHOD = "crm.status.list"
KEPT = frozenset({"ID", "SORT", "NAME", "STATUS_ID", "VALUE", "DEF", "XML_ID"})  # of a value's row


@dataclass(frozen=True, slots=True)
class Value:
    """One value as the portal has it; `value` is what a company's field stores. `code`: XML_ID of a list's item."""

    value: str
    name: str
    sort: int = DEFAULT_SORT
    code: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """The field and its values as they were when the portal was asked. `items`: the values' rows in its own words."""

    kind: str
    field_id: str
    entity_id: str  # of the reference; "" for a list
    items: tuple[dict[str, Any], ...]
    seen_at: datetime

    @property
    def values(self) -> list[Value]:
        if self.kind == REFERENCE_KIND:
            return _values(self.items, value_key="STATUS_ID", name_key="NAME")
        return _values(self.items, value_key="ID", name_key="VALUE", code_key="XML_ID")


def field_command(name: str) -> Command:
    return Command(FIELD_METHOD, {"filter": {"FIELD_NAME": name}})


def reference_command(entity_id: str) -> Command:
    return Command(REFERENCE_METHOD, {"filter": {"ENTITY_ID": entity_id}, "order": {"SORT": "ASC"}})


def field_named(name: str, result: Any) -> Mapping[str, Any] | None:
    """The field's description; None when the portal has no such field."""
    fields = result if isinstance(result, list) else []
    return next((one for one in fields if isinstance(one, dict) and one.get("FIELD_NAME") == name), None)


def is_foreign(field: Mapping[str, Any]) -> bool:
    """Whether it cannot hold a status of ours: of another kind, or with several values."""
    return field.get("USER_TYPE_ID") not in (REFERENCE_KIND, LIST_KIND) or field.get("MULTIPLE") == "Y"


def is_read_only(field: Mapping[str, Any]) -> bool:
    """For people, in the portal's form."""
    return field.get("EDIT_IN_LIST") == "N"


def reference_of(field: Mapping[str, Any]) -> str:
    """ENTITY_ID of the reference behind the field; "" for a list."""
    settings = field.get("SETTINGS")
    is_reference = field.get("USER_TYPE_ID") == REFERENCE_KIND and isinstance(settings, dict)
    return str(settings.get("ENTITY_TYPE") or "") if is_reference and isinstance(settings, dict) else ""


def list_in(field: Mapping[str, Any], *, seen_at: datetime) -> Reference:
    """Of a field that carries its values itself."""
    return Reference(LIST_KIND, str(field.get("ID") or ""), "", _rows(field.get("LIST")), seen_at)


def reference_in(result: Any, entity_id: str, *, field: Mapping[str, Any], seen_at: datetime) -> Reference:
    """Of an answer to `reference_command`."""
    return Reference(REFERENCE_KIND, str(field.get("ID") or ""), entity_id, _rows(result), seen_at)


def spelled(name: str) -> str:
    """One spelling for names that people take for the same."""
    return " ".join(name.casefold().replace("ё", "е").split())


def _rows(found: Any) -> tuple[dict[str, Any], ...]:
    rows = found if isinstance(found, list) else []
    return tuple(
        {key: storable(value) if isinstance(value, str) else value for key, value in row.items() if key in KEPT}
        for row in rows
        if isinstance(row, dict)
    )


def _values(rows: tuple[dict[str, Any], ...], *, value_key: str, name_key: str, code_key: str = "") -> list[Value]:
    values = {}
    for row in rows:
        if row.get(value_key):
            value = str(row[value_key])[:64]
            name = str(row.get(name_key) or value)[:255]
            values[value] = Value(value, name, _sort(row.get("SORT")), str(row.get(code_key) or ""))
    return list(values.values())


def _sort(value: Any) -> int:
    try:
        return max(0, min(int(value), 2**31 - 1))
    except (TypeError, ValueError):
        return DEFAULT_SORT
