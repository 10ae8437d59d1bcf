"""Between what a caller sends, what the store keeps, and what an answer shows.

Stored: instants as epoch seconds, dates as `YYYY-MM-DD`, flags as Y/N, lists as JSON. Classic answers show IDs and
numbers as strings, crm.item.* as numbers; dates in the portal's zone to the second (docs: data-types).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Any

from crm_mirror.sandbox.kinds import Field

TRUTHS = {"Y", "1", "TRUE"}
AMOUNTS = {"OPPORTUNITY", "TAX_VALUE"}
LEADING_NUMBER = re.compile(r"\s*[-+]?\d+")


def is_nothing(value: Any) -> bool:
    """Whether the portal takes it for "no value"."""
    return value is None or value is False or value == ""


def to_int(value: Any) -> int:
    """As PHP's (int): leading digits, else 0. An empty `>ID` therefore selects from the start."""
    if isinstance(value, bool | int | float):
        return int(value)
    found = LEADING_NUMBER.match(str(value)) if value is not None else None
    return int(found.group()) if found else 0


def to_real(value: Any) -> float:
    try:
        return float(str(value).replace(",", ".").replace(" ", ""))
    except ValueError:
        return 0.0


def to_flag(value: Any) -> str:
    return "Y" if str(value).upper() in TRUTHS else "N"


@lru_cache(maxsize=4096)
def to_instant(value: str, zone: tzinfo) -> int | None:
    """ISO 8601, or a date in the portal's own writing; without an offset it is meant in the user's zone."""
    for reading in (datetime.fromisoformat, _russian):
        try:
            moment = reading(value.strip())
        except ValueError:
            continue
        return int((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp())
    return None


def _russian(value: str) -> datetime:
    try:
        return datetime.strptime(value, "%d.%m.%Y %H:%M:%S")  # noqa: DTZ007 - the zone is added by the caller
    except ValueError:
        return datetime.strptime(value, "%d.%m.%Y")  # noqa: DTZ007 - as above


def to_date(value: str, zone: tzinfo) -> str | None:
    instant = to_instant(value, zone)
    return None if instant is None else datetime.fromtimestamp(instant, zone).date().isoformat()


def stored(field: Field, value: Any, zone: tzinfo) -> Any:
    """A value sent for a field, as the store keeps it."""
    kept = field.stored_as
    if kept == "list":
        values = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else [value]
        return json.dumps([str(one) for one in values if not is_nothing(one)], ensure_ascii=False)
    if kept == "flag":
        return to_flag(value)
    if is_nothing(value):
        return "" if kept == "text" and value == "" else None
    if kept == "int":
        return to_int(value) or None
    if kept == "real":
        return to_real(value)
    if kept == "instant":
        return to_instant(str(value), zone)
    if kept == "date":
        return to_date(str(value), zone)
    return str(value)


@lru_cache(maxsize=65536)
def shown_instant(value: int, zone: tzinfo) -> str:
    return datetime.fromtimestamp(value, zone).isoformat()


def shown_date(value: str, zone: tzinfo) -> str:
    """Midnight UTC in the portal's zone, as the samples have it: 2024-08-30T02:00:00+02:00."""
    return datetime.fromisoformat(value).replace(tzinfo=UTC).astimezone(zone).isoformat()


def plain_number(value: float) -> str:
    return f"{value:.10g}" if value != int(value) else str(int(value))


def classic_column(field: Field) -> str:
    """SQL of the field for a classic answer: numbers leave SQLite as the strings they are shown as."""
    return f"CAST({field.name} AS TEXT)" if field.stored_as == "int" else field.name


@lru_cache(maxsize=1024)
def classic_writer(field: Field, zone: tzinfo) -> Callable[[Any], Any] | None:
    """How a value of `classic_column` looks in a classic answer; None when just as it is."""
    kept, empty = field.stored_as, field.empty
    if kept == "list":
        return lambda value: json.loads(value) if value and value != "[]" else False
    if kept == "instant":
        return lambda value: empty if value is None else shown_instant(value, zone)
    if kept == "date":
        return lambda value: empty if value is None else shown_date(value, zone)
    if kept == "real":
        number = "{:.2f}".format if field.name in AMOUNTS else plain_number
        return lambda value: empty if value is None else number(value)
    return None if empty is None else lambda value: empty if value is None else value


def item(field: Field, value: Any, zone: tzinfo) -> Any:
    """A stored value in an answer of crm.item.*."""
    kept = field.stored_as
    if kept == "list":
        return json.loads(value) if value else []
    if value is None:
        return 0 if field.type in ("crm_company", "crm_contact") or kept == "real" else None
    if kept == "real":
        return int(value) if value == int(value) else value
    if kept == "instant":
        return shown_instant(value, zone)
    if kept == "date":
        return shown_date(value, zone) if value else None
    return value
