"""The values of the status field: a reference (crm_status) or a list (enumeration), elsewhere one thing.

docs: api-reference/crm/companies/userfields, api-reference/crm/status; rest.md §5
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from crm_mirror.models import Status
from crm_mirror.portal.batch import Command
from crm_mirror.portal.records import storable
from crm_mirror.sync.report import Counts

DEFAULT_SORT = 500
FIELD_METHOD = "crm.company.userfield.list"
REFERENCE_METHOD = "crm.status.list"


@dataclass(frozen=True, slots=True)
class Value:
    """One value as the portal has it; `value` is what a company's field stores."""

    value: str
    name: str
    sort: int = DEFAULT_SORT


def field_command(name: str) -> Command:
    return Command(FIELD_METHOD, {"filter": {"FIELD_NAME": name}})


def reference_command(entity_id: str) -> Command:
    return Command(REFERENCE_METHOD, {"filter": {"ENTITY_ID": entity_id}, "order": {"SORT": "ASC"}})


def field_named(name: str, result: Any) -> Mapping[str, Any] | None:
    """The field's description; None when the portal has no such field."""
    fields = result if isinstance(result, list) else []
    return next((one for one in fields if isinstance(one, dict) and one.get("FIELD_NAME") == name), None)


def reference_of(field: Mapping[str, Any]) -> str:
    """ENTITY_ID of the reference behind the field; "" for a list."""
    settings = field.get("SETTINGS")
    is_reference = field.get("USER_TYPE_ID") == "crm_status" and isinstance(settings, dict)
    return str(settings.get("ENTITY_TYPE") or "") if is_reference and isinstance(settings, dict) else ""


def values_of_list(field: Mapping[str, Any]) -> list[Value]:
    return _values(field.get("LIST"), value_key="ID", name_key="VALUE")


def values_of_reference(result: Any) -> list[Value]:
    return _values(result, value_key="STATUS_ID", name_key="NAME")


def spelled(name: str) -> str:
    """One spelling for names that people take for the same."""
    return " ".join(name.casefold().replace("ё", "е").split())


# How a value of the portal finds its row, best first. Once equal values have met, an unclaimed row has lost its own:
# a value made anew under its name takes it over. A placeholder that only looks like a value by chance comes last.
CLAIMS: tuple[Callable[[Status, Value], bool], ...] = (
    lambda row, value: row.in_portal and row.value == value.value,
    lambda row, value: row.in_portal and spelled(row.name) == spelled(value.name),
    lambda row, value: not row.in_portal and spelled(row.name) == spelled(value.name),
    lambda row, value: not row.in_portal and row.value == value.value,
)


@transaction.atomic
def write_statuses(values: list[Value], *, at: datetime) -> Counts:
    """Match the portal's values with ours: by value, else by name among rows that no value of the portal has claimed.

    So the seeded three, and the rules that point at them, hold on any portal. What vanished is retired, not removed.
    """
    rows = list(Status.objects.all())
    matched = _matched(values, rows)
    changed = [value for value, row in matched.items() if row and not _is_same(row, value)]
    vanished = [row.pk for row in rows if row.in_portal and row not in matched.values()]
    _vacate(rows, matched)
    for value, row in matched.items():
        if row is None or value in changed:
            _save(row or Status(), value)
    Status.objects.filter(pk__in=vanished).update(in_portal=False, retired_at=at)
    created = sum(row is None for row in matched.values())
    return Counts(seen=len(values), created=created, updated=len(changed), deleted=len(vanished))


def _matched(values: list[Value], rows: list[Status]) -> dict[Value, Status | None]:
    matched: dict[Value, Status | None] = dict.fromkeys(values)
    unclaimed = {row.pk: row for row in rows}
    for claims in CLAIMS:
        for value in values:
            if matched[value] is None:
                row = next((row for row in unclaimed.values() if claims(row, value)), None)
                matched[value] = unclaimed.pop(row.pk) if row else None
    return matched


def _vacate(rows: list[Status], matched: dict[Value, Status | None]) -> None:
    """No row may stand in the way of another that is to get its value."""
    targets = {value.value: row for value, row in matched.items()}
    for row in rows:
        if row.value in targets and targets[row.value] is not row:
            Status.objects.filter(pk=row.pk).update(value=f"unused:{row.pk}")


def _save(row: Status, value: Value) -> None:
    row.value, row.name, row.sort, row.in_portal, row.retired_at = value.value, value.name, value.sort, True, None
    row.save()


def _is_same(row: Status, value: Value) -> bool:
    return (row.value, row.name, row.sort) == (value.value, value.name, value.sort) and row.in_portal


def _values(rows: Any, *, value_key: str, name_key: str) -> list[Value]:
    found = [row for row in rows if isinstance(row, dict) and row.get(value_key)] if isinstance(rows, list) else []
    values = {
        str(row[value_key])[:64]: Value(
            str(row[value_key])[:64], storable(str(row.get(name_key) or row[value_key]))[:255], _sort(row.get("SORT"))
        )
        for row in found
    }
    return list(values.values())


def _sort(value: Any) -> int:
    try:
        return max(0, min(int(value), 2**31 - 1))
    except (TypeError, ValueError):
        return DEFAULT_SORT
