"""What figures are told in: integers, names and keys; the keys are what lists.Cell takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from operator import attrgetter
from typing import Any


@dataclass(frozen=True, slots=True)
class Counts:
    """Conflicts, and what became of them. `unseen`: of a time without colours."""

    conflicts: int = 0
    pending: int = 0
    excused: int = 0
    blamed: int = 0
    heeded: int = 0
    proceeded: int = 0
    open: int = 0
    takeovers: int = 0
    unseen: int = 0
    unseen_proceeded: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Counts)))


@dataclass(frozen=True, slots=True)
class Traffic:
    """All calls beside the conflicts."""

    calls: int = 0
    outgoing: int = 0
    to_leads: int = 0
    on_deals: int = 0

    def __add__(self, other: Traffic) -> Traffic:
        return Traffic(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Traffic)))


@dataclass(frozen=True, slots=True)
class Totals:
    traffic: Traffic = Traffic()
    counts: Counts = Counts()

    def __add__(self, other: Totals) -> Totals:
        return Totals(self.traffic + other.traffic, self.counts + other.counts)


def total(of: Iterable[Totals]) -> Totals:
    """Their sum. Written for thousands: `sum` would make an object of every step."""
    rows = [(*_traffic(one.traffic), *_counts(one.counts)) for one in of]
    sums = [sum(column) for column in zip(*rows, strict=True)] if rows else []
    end = len(fields(Traffic))
    return Totals(Traffic(*sums[:end]), Counts(*sums[end:]))


_traffic, _counts = (attrgetter(*(one.name for one in fields(kind))) for kind in (Traffic, Counts))


@dataclass(frozen=True, slots=True)
class Summary:
    """`before`: the same of the period before; None where there is none."""

    now: Totals
    before: Totals | None


@dataclass(frozen=True, slots=True)
class Week:
    """`first`: its Monday."""

    first: date
    traffic: Traffic
    counts: Counts


@dataclass(frozen=True, slots=True)
class Line:
    """One bar of a chart: `key` is what lists.Cell takes for it."""

    key: Any
    name: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class DepartmentLine:
    id: int
    name: str
    depth: int
    traffic: Traffic
    counts: Counts


@dataclass(frozen=True, slots=True)
class PersonLine:
    id: int
    name: str
    active: bool
    traffic: Traffic
    counts: Counts


@dataclass(frozen=True, slots=True)
class Head:
    """Of a row or column of the matrix: a person's portal ID, None (nobody was responsible) or REST."""

    key: int | str | None
    name: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """`cells[row][column]`: conflicts of `figure`, callers down, responsibles across, those with most first."""

    figure: str
    callers: tuple[Head, ...]
    responsibles: tuple[Head, ...]
    cells: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class GroundLine:
    """Excused conflicts that have this ground; one conflict may have several."""

    ground: str
    name: str
    conflicts: int


@dataclass(frozen=True, slots=True)
class NumberLine:
    """A number of several clients with different responsibles: how many calls, by how many callers, when last."""

    number: str
    calls: int
    callers: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class TakeoverLine:
    """Clients that went from the responsible to the caller after a conflict of both."""

    caller: Head
    responsible: Head
    takeovers: int
