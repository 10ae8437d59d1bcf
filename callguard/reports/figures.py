"""The figures of the dashboard, one function a chart. Integers only; the list behind each is lists.calls_behind.

Conflicts are counted by what became of them: pending, excused, blamed; only the blamed ones are heeded or proceeded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import Count, Max, QuerySet
from django.utils.translation import gettext as _

from callguard.fairness.force import grounds_in_force
from callguard.masks import HIDDEN
from callguard.models import Call, Excuse, Ground, Tier
from callguard.reports import sources
from callguard.reports.company import NO_DEPARTMENT
from callguard.reports.question import NO_STATUS, Question
from callguard.reports.shapes import (
    Counts,
    DepartmentLine,
    GroundLine,
    Head,
    Line,
    Matrix,
    NumberLine,
    PersonLine,
    Summary,
    TakeoverLine,
    Totals,
    Week,
    total,
)
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
BEGINNING = date(2000, 1, 1)


def summary(q: Question) -> Summary:
    """A query, another where there is a period before."""
    before = q.before
    return Summary(sources.totals(q)[None], sources.totals(before)[None] if before else None)


def trend(q: Question) -> list[Week]:
    """Every week from the first call up to the question's last day, also those without a call."""
    found = sources.totals(replace(q, first=BEGINNING), "week")
    if not found:
        return []
    first, last = min(found), monday_of(q.last)
    weeks = [first + 7 * DAY * number for number in range((last - first).days // 7 + 1)]
    totals = [found.get(week, Totals()) for week in weeks]
    return [Week(week, one.traffic, one.counts) for week, one in zip(weeks, totals, strict=True)]


def matrix(q: Question) -> Matrix:
    """Who called whose clients. The rest of the callers and of the responsibles share the last row and column."""
    figure = COUNTED[q.excused]
    by_caller = {id_: getattr(totals.counts, figure) for id_, totals in sources.totals(q, "caller").items()}
    by_responsible = sources.of_responsibles(q, figure)
    callers, responsibles = _heads(q, by_caller), _heads(q, by_responsible)
    named = [head.key for head in callers if isinstance(head.key, int)]
    columns = {head.key for head in responsibles}
    cells: defaultdict[tuple[Any, Any], int] = defaultdict(int)
    for (caller, responsible), count in sources.of_pairs(q, figure, named).items():
        cells[caller, responsible if responsible in columns else REST] += count
    for responsible, count in by_responsible.items():  # what the named callers do not have is the others'
        cells[REST, responsible if responsible in columns else REST] += count
    for caller in named:
        for column in columns | {REST}:
            cells[REST, column] -= cells[caller, column]
    table = tuple(tuple(cells[row.key, column.key] for column in responsibles) for row in callers)
    return Matrix(figure, callers, responsibles, table)


def by_department(q: Question) -> list[DepartmentLine]:
    """Each department that has people in the question, sub-departments included: lines of one branch overlap."""
    found = sources.totals(q, "caller")
    lines = []
    for part in q.company.ordered:
        people = q.company.people_of(part.id)
        if q.people is None or people & q.people:
            of_it = _sum(found, people)
            lines.append(DepartmentLine(part.id, part.name, part.depth, of_it.traffic, of_it.counts))
    if others := frozenset(found) - q.company.in_departments:
        of_none = _sum(found, others)
        lines.append(DepartmentLine(NO_DEPARTMENT, _("without a department"), 0, of_none.traffic, of_none.counts))
    return lines


def by_tier(q: Question) -> list[Line]:
    found = sources.summed(sources.kinds(q), lambda key: key[1])
    names = {str(tier.value): str(tier.label) for tier in Tier if tier != Tier.LEAD}
    tiers = dict.fromkeys([*names, *found])
    return [Line(tier, names.get(tier, tier or "–"), found.get(tier, Counts())) for tier in tiers]


def by_status(q: Question) -> list[Line]:
    """In the reference's order; clients without a status last."""
    found = sources.summed(sources.kinds(q), lambda key: key[2])
    names = dict(Status.objects.order_by("sort", "name").values_list("value", "name"))
    known = [value for value in names if value in found] + [value for value in sorted(found) if value not in names]
    values = sorted(known, key=lambda value: value == "")
    return [Line(value or NO_STATUS, names.get(value, value or _("no status")), found[value]) for value in values]


def by_hour(q: Question) -> list[Line]:
    """All 24."""
    found = sources.summed(sources.kinds(q), lambda key: key[0])
    return [Line(hour, f"{hour:02}:00", found.get(hour, Counts())) for hour in range(24)]


def by_ground(q: Question) -> list[GroundLine]:
    """Grounds in force only, most frequent first."""
    excused = asked_calls(q).filter(conflict=True, judged_at__isnull=False, excused=True)
    rows = Excuse.objects.filter(ground__in=grounds_in_force(), call__in=excused.filter(sources.asked_conflicts(q)))
    found = rows.order_by().values_list("ground").annotate(conflicts=Count("pk"))
    lines = [GroundLine(ground, str(Ground(ground).label), count) for ground, count in found]
    return sorted(lines, key=lambda line: (-line.conflicts, line.ground))


def contested_numbers(q: Question, most: int = 50) -> list[NumberLine]:
    """All calls with them, painted or not: status and excused do not narrow them. Not the masked ones: two may look
    alike. Two queries: counting the callers of all numbers to show fifty would take the longest of all figures.
    """
    known = asked_calls(q).filter(contested=True).exclude(number="").exclude(number__contains=HIDDEN)
    rows = known.order_by().values("number")
    first = list(rows.annotate(calls=Count("pk")).order_by("-calls", "number").values_list("number", flat=True)[:most])
    found = rows.filter(number__in=first).annotate(
        calls=Count("pk"), callers=Count("caller_id", distinct=True), last_at=Max("rung_at")
    )
    return [NumberLine(**row) for row in found.order_by("-calls", "number")]


def takeovers(q: Question) -> list[TakeoverLine]:
    """Most first."""
    found = [(*pair, count) for pair, count in sources.takeovers(q).items()]
    found.sort(key=lambda row: (-row[2], row[0], row[1] or 0))
    return [TakeoverLine(_head(q, caller), _head(q, responsible), count) for caller, responsible, count in found]


def people(q: Question) -> list[PersonLine]:
    """Everybody of the question who called, those with most blame first."""
    lines = [
        PersonLine(id_, q.company.name_of(id_), q.company.is_active(id_), totals.traffic, totals.counts)
        for id_, totals in sources.totals(q, "caller").items()
    ]
    return sorted(lines, key=lambda line: (-line.counts.blamed, -line.counts.conflicts, line.name, line.id))


# --- Pieces ----------------------------------------------------------------------------------------------------------
def asked_calls(q: Question) -> QuerySet[Call]:
    """Of the question's days and people."""
    return sources.callers(q, Call.objects.filter(rung_within(q.first, q.last)))


def _sum(found: Mapping[int, Totals], people: Iterable[int]) -> Totals:
    return total(found[one] for one in people if one in found)


def _heads(q: Question, sums: Mapping[Any, int]) -> tuple[Head, ...]:
    """Those with most, and who stands for the rest, if there is one."""
    most = sorted((one for one in sums if sums[one]), key=lambda one: (-sums[one], one or 0))
    heads = tuple(_head(q, one) for one in most[:TOP])
    return (*heads, Head(REST, _("others"))) if len(most) > TOP else heads


def _head(q: Question, person_id: int | None) -> Head:
    return Head(person_id, q.company.name_of(person_id))
