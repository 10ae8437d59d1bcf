"""The figures of the dashboard, one function a chart. Integers only; the list behind each is lists.calls_behind.

Conflicts are counted by what became of them: pending, excused, blamed; only the blamed ones are heeded or proceeded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from django.db.models import Count, Max
from django.utils.translation import gettext as _

from callguard.models import Call, Excuse, ExcuseRule, Ground, Tier
from callguard.reports import sources
from callguard.reports.company import NO_DEPARTMENT
from callguard.reports.question import NO_STATUS, Question
from callguard.tallies.days import DAY, monday_of, rung_within
from crm_mirror.models import Status

TOP = 12  # callers and responsibles with a line of their own in the matrix
REST = "rest"
COUNTED = {
    "all": "blamed",
    "no": "blamed",
    "yes": "excused",
    "pending": "pending",
}  # what a matrix counts, by `excused`


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
    traffic: Traffic
    counts: Counts


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
    last_at: Any


@dataclass(frozen=True, slots=True)
class TakeoverLine:
    """Clients that went from the responsible to the caller after a conflict of both."""

    caller: Head
    responsible: Head
    takeovers: int


# --- One chart each --------------------------------------------------------------------------------------------------
def summary(q: Question) -> Summary:
    """Two queries, two more where there is a period before."""
    before = q.before
    return Summary(_totals(q), _totals(before) if before else None)


def trend(q: Question) -> list[Week]:
    """Every week from the first call up to the question's last day, also those without a call."""
    whole = replace(q, first=date(2000, 1, 1))
    traffic = {row["week"]: _traffic(row) for row in sources.calls(whole, "week")}
    found = {row["week"]: _counts(row) for row in sources.conflicts(whole, "week")}
    if not traffic:
        return []
    first, last = min(traffic), monday_of(q.last)
    weeks = [first + 7 * DAY * number for number in range((last - first).days // 7 + 1)]
    return [Week(week, traffic.get(week, Traffic()), found.get(week, Counts())) for week in weeks]


def matrix(q: Question, top: int = TOP) -> Matrix:
    """Who called whose clients. The rest of the callers and of the responsibles share the last row and column."""
    figure = COUNTED[q.excused]
    pairs = {(row["caller"], row["responsible"]): row[figure] for row in sources.conflicts(q, "caller", "responsible")}
    pairs = {pair: count for pair, count in pairs.items() if count}
    callers, responsibles = (_heads(q, _most(pairs, side, top), pairs, side) for side in (0, 1))
    known = [{head.key for head in heads} for heads in (callers, responsibles)]
    cells: defaultdict[tuple[Any, Any], int] = defaultdict(int)
    for (caller, responsible), count in pairs.items():
        cells[caller if caller in known[0] else REST, responsible if responsible in known[1] else REST] += count
    rows = tuple(tuple(cells[row.key, column.key] for column in responsibles) for row in callers)
    return Matrix(figure, callers, responsibles, rows)


def by_department(q: Question) -> list[DepartmentLine]:
    """Each department that has people in the question, sub-departments included: lines of one branch overlap."""
    traffic, found = _by_caller(q)
    lines = []
    for part in q.company.ordered:
        people = q.company.people_of(part.id)
        if q.people is None or people & q.people:
            lines.append(DepartmentLine(part.id, part.name, part.depth, _sum(traffic, people), _sum(found, people)))
    known = frozenset(q.company.people) - q.company.people_of(NO_DEPARTMENT)
    others = frozenset(traffic) - known
    if others:
        name = _("without a department")
        lines.append(DepartmentLine(NO_DEPARTMENT, name, 0, _sum(traffic, others), _sum(found, others)))
    return lines


def by_tier(q: Question) -> list[Line]:
    found = {row["tier"]: _counts(row) for row in sources.conflicts(q, "tier")}
    names = {str(tier.value): str(tier.label) for tier in Tier if tier != Tier.LEAD}
    return [
        Line(tier, names.get(tier, tier or "–"), found.get(tier, Counts())) for tier in dict.fromkeys([*names, *found])
    ]


def by_status(q: Question) -> list[Line]:
    """In the reference's order; clients without a status last."""
    found = {row["status"]: _counts(row) for row in sources.conflicts(q, "status")}
    names = dict(Status.objects.order_by("sort", "name").values_list("value", "name"))
    known = [value for value in names if value in found] + [value for value in sorted(found) if value not in names]
    keys = sorted(known, key=lambda value: value == "")
    return [Line(value or NO_STATUS, names.get(value, value or _("no status")), found[value]) for value in keys]


def by_hour(q: Question) -> list[Line]:
    """All 24."""
    found = {row["hour"]: _counts(row) for row in sources.conflicts(q, "hour")}
    return [Line(hour, f"{hour:02}:00", found.get(hour, Counts())) for hour in range(24)]


def by_ground(q: Question) -> list[GroundLine]:
    """Grounds in force only, most frequent first."""
    rows = Excuse.objects.filter(ground__in=grounds_in_force(), call__in=_asked_calls(q).filter(excused=True))
    found = rows.exclude(call__judged_at=None).order_by().values_list("ground").annotate(conflicts=Count("pk"))
    lines = [GroundLine(ground, str(Ground(ground).label), count) for ground, count in found]
    return sorted(lines, key=lambda line: (-line.conflicts, line.ground))


def contested_numbers(q: Question, most: int = 50) -> list[NumberLine]:
    """All calls with them, painted or not: status and excused do not narrow them."""
    rows = sources.callers(q, Call.objects.filter(rung_within(q.first, q.last), contested=True)).exclude(number="")
    found = (
        rows.order_by()
        .values("number")
        .annotate(calls=Count("pk"), callers=Count("caller_id", distinct=True), last_at=Max("rung_at"))
    )
    return [NumberLine(**row) for row in found.order_by("-calls", "number")[:most]]


def takeovers(q: Question) -> list[TakeoverLine]:
    """Most first."""
    rows = [row for row in sources.conflicts(q, "caller", "responsible") if row["takeovers"]]
    rows.sort(key=lambda row: (-row["takeovers"], row["caller"], row["responsible"] or 0))
    return [TakeoverLine(_head(q, row["caller"]), _head(q, row["responsible"]), row["takeovers"]) for row in rows]


def people(q: Question) -> list[PersonLine]:
    """Everybody of the question who called, those with most blame first."""
    traffic, found = _by_caller(q)
    lines = [
        PersonLine(id_, q.company.name_of(id_), _is_active(q, id_), calls, found.get(id_, Counts()))
        for id_, calls in traffic.items()
    ]
    return sorted(lines, key=lambda line: (-line.counts.blamed, -line.counts.conflicts, line.name, line.id))


def grounds_in_force() -> list[str]:
    """Those switched on, and decisions. One query."""
    switched = ExcuseRule.objects.filter(enabled=True).values_list("ground", flat=True)
    return list(dict.fromkeys([*switched, str(Ground.DECISION)]))


# --- Pieces ----------------------------------------------------------------------------------------------------------
def _totals(q: Question) -> Totals:
    return Totals(_traffic(sources.calls(q)[0]), _counts(sources.conflicts(q)[0]))


def _by_caller(q: Question) -> tuple[dict[int, Traffic], dict[int, Counts]]:
    traffic = {row["caller"]: _traffic(row) for row in sources.calls(q, "caller")}
    return traffic, {row["caller"]: _counts(row) for row in sources.conflicts(q, "caller")}


def _asked_calls(q: Question) -> Any:
    rows = sources.callers(q, Call.objects.filter(rung_within(q.first, q.last), conflict=True))
    return rows.filter(sources.asked_conflicts(q))


def _counts(row: Mapping[str, Any]) -> Counts:
    return Counts(*(row[one.name] or 0 for one in fields(Counts)))


def _traffic(row: Mapping[str, Any]) -> Traffic:
    return Traffic(*(row[one.name] or 0 for one in fields(Traffic)))


def _sum(by_person: Mapping[int, Any], people: Iterable[int]) -> Any:
    kind = Traffic if by_person and isinstance(next(iter(by_person.values())), Traffic) else Counts
    return sum((by_person[one] for one in people if one in by_person), kind())


def _most(pairs: Mapping[tuple[Any, Any], int], side: int, top: int) -> list[Any]:
    sums: defaultdict[Any, int] = defaultdict(int)
    for pair, count in pairs.items():
        sums[pair[side]] += count
    return sorted(sums, key=lambda one: (-sums[one], one or 0))[:top]


def _heads(q: Question, most: list[Any], pairs: Mapping[tuple[Any, Any], int], side: int) -> tuple[Head, ...]:
    heads = tuple(_head(q, one) for one in most)
    return (*heads, Head(REST, _("others"))) if {pair[side] for pair in pairs} - set(most) else heads


def _head(q: Question, person_id: int | None) -> Head:
    return Head(person_id, q.company.name_of(person_id))


def _is_active(q: Question, person_id: int) -> bool:
    known = q.company.people.get(person_id)
    return bool(known and known.active)
