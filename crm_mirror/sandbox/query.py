"""Filters, order and paging of the lists: from the portal's notation to SQL.

Docs: the list pages of each method and `settings/how-to-call-rest-api/list-methods-pecularities`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from crm_mirror.sandbox.kinds import Field, Kind
from crm_mirror.sandbox.store import Store
from crm_mirror.sandbox.values import is_nothing, stored, to_int

PAGE = 50
KEY = re.compile(r"^(>=|<=|!=%|!%=|=%|%=|!%|!=|!@|>|<|=|!|%|@)?(.*)$", re.DOTALL)
COMPARISONS = {">=", ">", "<=", "<"}
LIKES = {"%": "%{}%", "=%": "{}", "%=": "{}"}


@dataclass
class Where:
    """Conditions joined by AND, with their arguments."""

    conditions: list[str] = field(default_factory=list)
    args: list[Any] = field(default_factory=list)

    def add(self, condition: str, *args: Any) -> None:
        self.conditions.append(condition)
        self.args.extend(args)

    @property
    def sql(self) -> str:
        return f" WHERE {' AND '.join(self.conditions)}" if self.conditions else ""


@dataclass(frozen=True)
class Listing:
    """What the caller may name in a filter, and how it is read: classic lists and crm.item.list differ."""

    store: Store
    kind: Kind
    zone: tzinfo
    fields: dict[str, Field]  # by the name used in the filter, upper case for classic lists
    on_unknown: Callable[[str], None] = lambda name: None  # classic lists ignore what they do not know
    of_items: bool = False  # crm.item.list: nested conditions and `logic`, but no multi-fields

    def name(self, written: str) -> str:
        return written if written in self.fields else written.upper()


def split_key(key: str) -> tuple[str, str]:
    """`>=DATE_MODIFY` → (`>=`, `DATE_MODIFY`)."""
    found = KEY.match(key.strip())
    return (found.group(1) or "=", found.group(2)) if found else ("=", key)


def as_list(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list | tuple) else [value]


def where_of(listing: Listing, wanted: dict[str, Any]) -> Where:
    """The filter as SQL."""
    where = Where()
    if listing.of_items and "logic" in wanted:
        _add_group(where, listing, wanted)
        return where
    for key, value in wanted.items():
        if key.isdigit() and isinstance(value, dict | list):
            if listing.of_items:
                _add_group(where, listing, as_group(value))
        elif key.lower() != "logic":
            add_condition(where, listing, *split_key(key), value)
    return where


def as_group(value: dict[str, Any] | list[Any]) -> dict[str, Any]:
    return value if isinstance(value, dict) else {str(place): one for place, one in enumerate(value)}


def _add_group(where: Where, listing: Listing, group: dict[str, Any]) -> None:
    """A nested group of crm.item.list: `{"logic": "OR", "0": {…}, "1": {…}}`."""
    word = " OR " if str(group.get("logic", "AND")).upper() == "OR" else " AND "
    parts = [where_of(listing, {key: value}) for key, value in group.items() if key != "logic"]
    parts = [part for part in parts if part.conditions]
    if parts:
        condition = word.join(f"({' AND '.join(part.conditions)})" for part in parts)
        where.add(f"({condition})", *(arg for part in parts for arg in part.args))


def add_condition(where: Where, listing: Listing, operator: str, written: str, value: Any) -> None:
    name = listing.name(written)
    if name in listing.kind.multifields and not listing.of_items:
        _add_multifield(where, listing.kind, name, operator, as_list(value))
    elif name in LINKED.get(listing.kind.name, {}):
        _add_linked(where, listing.kind, LINKED[listing.kind.name][name], operator, as_list(value))
    elif name in listing.fields:
        _add_scalar(where, listing, listing.fields[name], operator, value)
    else:
        listing.on_unknown(written)


# Many-to-many links may be filtered by either end (entityTypeId of the owning end, column asked for, column answered).
LINKED = {
    "contact": {"COMPANY_ID": (3, "TARGET_ID", "OWNER_ID"), "companyId": (3, "TARGET_ID", "OWNER_ID")},
    "company": {"CONTACT_ID": (3, "OWNER_ID", "TARGET_ID")},
    "lead": {"CONTACT_IDS": (1, "TARGET_ID", "OWNER_ID")},
    "deal": {"CONTACT_IDS": (2, "TARGET_ID", "OWNER_ID")},
}


def _add_linked(where: Where, kind: Kind, link: tuple[int, str, str], operator: str, values: list[Any]) -> None:
    link_kind, asked, answered = link
    wanted = [to_int(value) for value in values if to_int(value)]
    marks = ", ".join("?" * len(wanted))
    inside = f"SELECT {answered} FROM link WHERE KIND = {link_kind}" + (f" AND {asked} IN ({marks})" if wanted else "")
    negated = operator.startswith("!") == bool(wanted)  # no value: those without any link
    where.add(f"{kind.name}.ID {'NOT IN' if negated else 'IN'} ({inside})", *wanted)


def _add_multifield(where: Where, kind: Kind, name: str, operator: str, values: list[Any]) -> None:
    """Phones and e-mails: exact, as they are written; every prefix but a negation means the same."""
    marks = ", ".join("?" * len(values))
    inside = f"SELECT ELEMENT_ID FROM multifield WHERE +KIND = ? AND TYPE_ID = ? AND VALUE IN ({marks})"
    negation = "NOT IN" if operator.startswith("!") else "IN"
    where.add(f"{kind.name}.ID {negation} ({inside})", kind.type_id, name, *map(str, values))


def _add_scalar(where: Where, listing: Listing, asked: Field, operator: str, value: Any) -> None:
    values = as_list(value)
    bare = operator.lstrip("!") or "="
    if bare in COMPARISONS:
        _add_any(where, [(f"{asked.name} {bare} ?", [_bound(asked, one, listing.zone)]) for one in values])
    elif bare in LIKES:
        negation = "NOT " if operator.startswith("!") else ""
        likes = [(f"fold({asked.name}) LIKE fold(?)", [LIKES[bare].format(one)]) for one in values]
        where.add(f"{negation}({' OR '.join(sql for sql, _ in likes)})", *(arg for _, args in likes for arg in args))
    else:
        _add_equal(where, asked, values, listing.zone, negated=operator.startswith("!"))


def _add_any(where: Where, parts: list[tuple[str, list[Any]]]) -> None:
    where.add("(" + " OR ".join(sql for sql, _ in parts) + ")", *(arg for _, args in parts for arg in args))


def _bound(asked: Field, value: Any, zone: tzinfo) -> Any:
    """A limit of a comparison; an empty one is the lowest, so `>ID` = "" selects from the start."""
    if asked.stored_as == "int":
        return to_int(value)
    return "" if is_nothing(value) else stored(asked, value, zone)


def _add_equal(where: Where, asked: Field, values: list[Any], zone: tzinfo, *, negated: bool) -> None:
    kept = [_exact(asked, value, zone) for value in values if not is_nothing(value)]
    folds = asked.stored_as == "text" and asked.type == "string"
    column = f"fold({asked.name})" if folds else asked.name
    mark = "fold(?)" if folds else "?"
    parts, args = [], list(kept)
    if kept:
        parts.append(f"{column} IN ({', '.join([mark] * len(kept))})")
    if len(kept) < len(values) or not values:
        parts.append(f"{asked.name} IS NULL OR {asked.name} = ''")
    condition = " OR ".join(parts)
    if negated:  # NULL is "not equal", as the portal has it
        where.add(f"NOT coalesce(({condition}), 0)", *args)
    else:
        where.add(f"({condition})", *args)


def _exact(asked: Field, value: Any, zone: tzinfo) -> Any:
    if asked.stored_as == "int":
        return to_int(value)
    return str(value) if asked.stored_as == "list" else stored(asked, value, zone)


def order_of(listing: Listing, wanted: dict[str, Any]) -> str:
    """ORDER BY; by ID when nothing known is named, and always by ID at last so that pages do not overlap."""
    parts = []
    for written, direction in wanted.items():
        asked = listing.fields.get(listing.name(written))
        if asked is not None:
            parts.append(f"{asked.name} {'DESC' if str(direction).upper() == 'DESC' else 'ASC'}")
    if not any(part.startswith("ID ") for part in parts):
        parts.append("ID ASC")
    return " ORDER BY " + ", ".join(parts)


@dataclass(frozen=True)
class Page:
    rows: list[Any]
    total: int | None
    next: int | None


def page_of(store: Store, kind: Kind, columns: list[str], where: Where, order: str, start: int) -> Page:
    """Fifty rows from `start`; -1: from the beginning, and nothing is counted (docs: performance/huge-data)."""
    offset = f" OFFSET {start}" if start > 0 else ""
    sql = f"SELECT {', '.join(columns)} FROM {kind.name}{where.sql}{order} LIMIT {PAGE}{offset}"
    rows = store.rows(sql, where.args)
    if start < 0:
        return Page(rows, None, None)
    total = store.count(f"SELECT count(*) FROM {kind.name}{where.sql}", where.args)
    return Page(rows, total, start + PAGE if start + PAGE < total else None)


def page_in_memory(rows: list[dict[str, Any]], start: int) -> tuple[list[dict[str, Any]], int | None, int | None]:
    """The same for people and references, which are few: (page, total, next)."""
    if start < 0:
        return rows[:PAGE], None, None
    return rows[start : start + PAGE], len(rows), start + PAGE if start + PAGE < len(rows) else None
