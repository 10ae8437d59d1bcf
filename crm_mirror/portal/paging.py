"""Lists read by ">ID" with start=-1, page chained to page inside one batch, never by offset.

docs: settings/performance/huge-data. A page's command takes the last ID of the page before it, which the portal fills
in. When that page was short, the reference is empty and ">ID" selects from the beginning: such pages are discarded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from crm_mirror.portal.batch import Command, Outcome
from crm_mirror.portal.errors import PortalError
from crm_mirror.portal.transport import number

PAGE = 50
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """How one list is asked and where its rows are."""

    method: str
    params: Mapping[str, Any] = field(default_factory=dict)
    id_key: str = "ID"
    rows_in: str = ""  # key of the result that holds the rows; "": the result is the rows
    filter_key: str = "filter"
    sorts_flat: bool = False  # `sort=ID&order=ASC` (people, departments) instead of `order[ID]=ASC`
    by_offset: bool = False  # department.get knows no ">ID"
    where: Mapping[str, Any] = field(default_factory=dict)  # conditions that every page keeps to

    def changed_since(self, at: datetime) -> Listing:
        """The rows whose DATE_MODIFY is that instant or later; it has whole seconds and is sent with its offset."""
        return replace(self, where={">=DATE_MODIFY": at.isoformat(timespec="seconds")})

    def head(self) -> Command:
        """Asks how many rows there are and which ID is the highest."""
        params = {**self.params, **self._order("DESC"), "START" if self.by_offset else "start": 0}
        if "select" in params:
            params["select"] = [self.id_key]
        return Command(self.method, params)

    def page(self, after: object, offset: int, *, counted: bool = False) -> Command:
        """Fifty rows beyond the ID `after`; `offset` is used where the list knows no filter by ID.

        `counted`: the answer's total says how many rows there are beyond.
        """
        params = {**self.params, **self._order("ASC")}
        if self.by_offset:
            return Command(self.method, {**params, "START": offset})
        wanted = {**self.where, f">{self.id_key}": after}
        return Command(self.method, {**params, self.filter_key: wanted, "start": 0 if counted else -1})

    def within(self, low: int, high: int) -> Command:
        """Counts the rows with `low` ≤ ID < `high` and brings the first fifty of their IDs. Not for lists by offset."""
        wanted = {f">={self.id_key}": low, f"<{self.id_key}": high}
        params = {**self.params, **self._order("ASC"), self.filter_key: wanted, "select": [self.id_key], "start": 0}
        return Command(self.method, params)

    def rows_with(self, ids: Sequence[int]) -> Command:
        """Asks for at most fifty rows by their IDs."""
        if self.by_offset:
            return Command(self.method, {**self.params, "ID": ids})
        return Command(self.method, {**self.params, self.filter_key: {f"@{self.id_key}": ids}, "start": -1})

    def rows_of(self, result: Any) -> list[Row]:
        rows = result.get(self.rows_in, []) if self.rows_in and isinstance(result, dict) else result
        if isinstance(rows, dict):  # a list with gaps in its keys is a map in PHP
            rows = list(rows.values())
        return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []

    def last_id_of(self, key: str) -> str:
        """Reference to the ID of the fiftieth row of another command of the same batch."""
        inside = f"[{self.rows_in}]" if self.rows_in else ""
        return f"$result[{key}]{inside}[{PAGE - 1}][{self.id_key}]"

    def _order(self, direction: str) -> dict[str, Any]:
        return {"sort": "ID", "order": direction} if self.sorts_flat else {"order": {self.id_key: direction}}


def chained(
    listing: Listing, key: str, *, after: int, seen: int, pages: int, counted: bool = False
) -> dict[str, Command]:
    """Commands for the next pages, in order; their keys begin with `key`. `counted`: the first tells the total."""
    commands: dict[str, Command] = {}
    reference: object = after
    for index in range(pages):
        name = f"{key}_{index}"
        commands[name] = listing.page(reference, seen + index * PAGE, counted=counted and index == 0)
        reference = listing.last_id_of(name)
    return commands


@dataclass(frozen=True, slots=True)
class Harvest:
    """What a chain brought: rows beyond `after` without gaps or repetitions, up to `last_id`, in order."""

    after: int
    last_id: int
    rows: list[Row]
    counted: int = 0  # those with a readable ID
    error: PortalError | None = None
    ends: bool = False  # a short page has come: nothing is beyond


def harvest(listing: Listing, outcomes: Iterable[Outcome], *, after: int) -> Harvest:
    """Rows of the chain up to its first short, failed or repeated page."""
    rows: list[Row] = []
    last_id, counted, ends = after, 0, False
    for outcome in outcomes:
        if isinstance(outcome, PortalError):
            return Harvest(after, last_id, rows, counted, outcome)
        page = listing.rows_of(outcome.result)
        fresh, ids = _beyond(page, last_id, listing.id_key)
        rows += fresh
        counted += len(ids)
        last_id = ids[-1] if ids else last_id
        ends = len(page) < PAGE
        if not ids or ends:
            break
    return Harvest(after, last_id, rows, counted, ends=ends)


def _beyond(page: list[Row], last_id: int, id_key: str) -> tuple[list[Row], list[int]]:
    """Rows above `last_id`, each once, and their IDs; those without a readable ID too: they go to quarantine."""
    fresh, ids = [], []
    for row in page:
        row_id = number(row.get(id_key))
        if row_id is None:
            fresh.append(row)
        elif row_id > last_id:
            fresh.append(row)
            ids.append(row_id)
            last_id = row_id
    return fresh, ids


def head_of(listing: Listing, outcome: Outcome) -> tuple[int, int]:
    """(rows announced, highest ID) out of the answer to `listing.head()`. Raises the outcome when it is an error."""
    if isinstance(outcome, PortalError):
        raise outcome
    rows = listing.rows_of(outcome.result)
    ids = [row_id for row in rows if (row_id := number(row.get(listing.id_key))) is not None]
    return (outcome.total if outcome.total is not None else len(rows)), max(ids, default=0)
