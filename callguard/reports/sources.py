"""What figures are summed from: the tallies of the days and people of a question.

Each reading is one query, done once however many figures of the same question need it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from operator import add
from typing import Any, TypeVar

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import TruncWeek

from callguard.models import CallTally, CallWeek, ConflictState, ConflictTally
from callguard.reports.question import NO_STATUS, Question
from callguard.reports.shapes import Counts, Totals, Traffic
from callguard.tallies.buckets import OF_A_PERSON
from callguard.tallies.days import DAY, monday_of
from callguard.tallies.measures import OF_CALLS, OUTCOMES, STATES

ASKED = {"pending": ConflictState.PENDING, "yes": ConflictState.EXCUSED, "no": ConflictState.BLAMED}
Read = TypeVar("Read")


def totals(q: Question, *by: str) -> Mapping[Any, Totals]:
    """Calls and conflicts of each "caller" or "week"; of no such word all together, under the key None."""
    return remembered(q, ("totals", *by), lambda: _totals(q, by))


def kinds(q: Question) -> Mapping[tuple[int, str, str], Counts]:
    """Conflicts by hour, step and status."""
    keys = ("hour", "tier", "status")
    return remembered(q, keys, lambda: _conflicts(q, *keys))


def of_responsibles(q: Question, state: str) -> Mapping[int | None, int]:
    """Conflicts of the state by responsible."""
    return remembered(q, ("responsibles", state), lambda: _counted(_in_state(q, state), "responsible"))


def of_pairs(q: Question, state: str, callers: Collection[int]) -> Mapping[tuple[int, int | None], int]:
    """Conflicts of the state by caller and responsible, of these callers."""
    return _counted(_in_state(q, state).filter(caller__in=callers), "caller", "responsible")


def takeovers(q: Question) -> Mapping[tuple[int, int | None], int]:
    """By caller and responsible."""
    rows = _conflict_rows(q).filter(takeovers__gt=0)
    return _counted(rows, "caller", "responsible", what="takeovers")


def summed(found: Mapping[Any, Any], key: Callable[[Any], Any]) -> dict[Any, Any]:
    """The same by a part of the keys."""
    sums: dict[Any, Any] = {}
    for whole, value in found.items():
        part = key(whole)
        sums[part] = sums[part] + value if part in sums else value
    return sums


def callers(q: Question, rows: QuerySet[Any], column: str = "caller_id") -> QuerySet[Any]:
    """Those of the question's people."""
    return rows if q.people is None else rows.filter(**{f"{column}__in": q.people})


def asked_conflicts(q: Question) -> Q:
    """Conflicts among calls, by status and by what became of them."""
    status = Q(status_value="" if q.status == NO_STATUS else q.status) if q.status else Q()
    return status & (STATES[ASKED[q.excused]] if q.excused in ASKED else Q())


def remembered(q: Question, key: Any, read: Callable[[], Read]) -> Read:
    if key not in q.memory:
        q.memory[key] = read()
    found: Read = q.memory[key]
    return found


# --- Queries ---------------------------------------------------------------------------------------------------------
def _totals(q: Question, by: tuple[str, ...]) -> dict[Any, Totals]:
    """Long times are summed from whole weeks, and from the days before and after them."""
    stored = OF_CALLS if q.narrows_conflicts else OF_A_PERSON
    sums = [Sum(name) for name in stored]
    days, weeks = _days_and_weeks(q)
    found = _merged(_grouped(rows, by, sums) for rows in (days, weeks) if rows is not None)
    if q.narrows_conflicts:
        counts = _conflicts(q, *by)
        return {key: Totals(Traffic(*values), counts.get(key, Counts())) for key, values in found.items()}
    end = len(OF_CALLS)
    return {key: Totals(Traffic(*values[:end]), _counts(values[end:])) for key, values in found.items()}


def _days_and_weeks(q: Question) -> tuple[QuerySet[CallTally], QuerySet[CallWeek] | None]:
    days = callers(q, CallTally.objects.filter(day__range=(q.first, q.last)), "caller")
    first, last = monday_of(q.first + 6 * DAY), monday_of(q.last + DAY) - DAY  # of the whole weeks
    if (last - first).days < 2 * 7:
        return days.annotate(week=TruncWeek("day")), None
    weeks = callers(q, CallWeek.objects.filter(week__range=(first, last)), "caller")
    return days.exclude(day__range=(first, last)).annotate(week=TruncWeek("day")), weeks


def _conflict_rows(q: Question) -> QuerySet[ConflictTally]:
    rows = callers(q, ConflictTally.objects.filter(day__range=(q.first, q.last)), "caller")
    if q.status:
        rows = rows.filter(status="" if q.status == NO_STATUS else q.status)
    return rows.filter(state=ASKED[q.excused]) if q.excused in ASKED else rows


def _in_state(q: Question, state: str) -> QuerySet[ConflictTally]:
    return _conflict_rows(q).filter(state=state)


def _conflicts(q: Question, *by: str) -> dict[Any, Counts]:
    states = [Sum("conflicts", filter=Q(state=state)) for state in STATES]
    sums = [Sum("conflicts"), *states, *(Sum(name) for name in OUTCOMES)]
    rows = _conflict_rows(q).annotate(week=TruncWeek("day"))
    return {key: _counts(values) for key, values in _grouped(rows, by, sums)}


def _counted(rows: QuerySet[ConflictTally], *by: str, what: str = "conflicts") -> dict[Any, int]:
    return {key: count for key, (count,) in _grouped(rows, by, [Sum(what)])}


def _grouped(rows: QuerySet[Any], by: tuple[str, ...], sums: Sequence[Sum]) -> list[tuple[Any, tuple[int, ...]]]:
    """Sums with their key: a value of one dimension, values of several, None of none at all."""
    named = {f"n_{number}": one for number, one in enumerate(sums)}
    if not by:
        return [(None, tuple(value or 0 for value in rows.aggregate(**named).values()))]  # None: of no rows
    keys = {f"by_{name}": F(name) for name in by}
    found = rows.order_by().values(**keys).annotate(**named).values_list(*keys, *named)
    cut = len(by)
    return [
        (row[0] if cut == 1 else row[:cut], tuple(value or 0 for value in row[cut:]))  # None: filtered sums of nothing
        for row in found
    ]


def _merged(parts: Iterable[list[tuple[Any, tuple[int, ...]]]]) -> dict[Any, tuple[int, ...]]:
    found: dict[Any, tuple[int, ...]] = {}
    for part in parts:
        for key, values in part:
            there = found.get(key)
            found[key] = tuple(map(add, there, values)) if there else values
    return found


def _counts(values: Sequence[int]) -> Counts:
    """Of sums in the order of the measures; what is neither heeded nor proceeded is open."""
    conflicts, pending, excused, blamed, heeded, proceeded, *rest = values
    return Counts(conflicts, pending, excused, blamed, heeded, proceeded, blamed - heeded - proceeded, *rest)
