"""What figures are summed from: the tallies of the days and people of a question.

Each reading is one query, done once however many figures of the same question need it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Any, TypeVar

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import TruncWeek

from callguard.models import CallTally, ConflictState, ConflictTally
from callguard.reports.question import NO_STATUS, Question
from callguard.reports.shapes import Counts, Totals, Traffic
from callguard.tallies.buckets import OF_A_PERSON, OF_ALIKE
from callguard.tallies.measures import OF_CALLS, STATES

ASKED = {"pending": ConflictState.PENDING, "yes": ConflictState.EXCUSED, "no": ConflictState.BLAMED}
Row = dict[str, Any]
Read = TypeVar("Read")


def totals(q: Question, *by: str) -> Mapping[Any, Totals]:
    """Calls and conflicts of each "caller" or "week"; of no such word all together, under the key None."""
    return remembered(q, ("totals", *by), lambda: _totals(q, by))


def kinds(q: Question) -> Mapping[tuple[int, str, str], Counts]:
    """Conflicts by hour, step and status."""
    keys = ("hour", "tier", "status")
    return remembered(q, keys, lambda: _conflicts(q, *keys))


def pairs(q: Question) -> Mapping[tuple[int, int | None], Counts]:
    """Conflicts by caller and responsible."""
    keys = ("caller", "responsible")
    return remembered(q, keys, lambda: _conflicts(q, *keys))


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
    """Two queries where only some conflicts are asked for, else one."""
    if not q.narrows_conflicts:
        return {
            key: Totals(_traffic(row), _counts(row)) for key, row in _grouped(q, CallTally.objects, by, OF_A_PERSON)
        }
    counts = _conflicts(q, *by)
    traffic = _grouped(q, CallTally.objects, by, OF_CALLS)
    return {key: Totals(_traffic(row), counts.get(key, Counts())) for key, row in traffic}


def _conflicts(q: Question, *by: str) -> dict[Any, Counts]:
    rows = ConflictTally.objects.all()
    if q.status:
        rows = rows.filter(status="" if q.status == NO_STATUS else q.status)
    if q.excused in ASKED:
        rows = rows.filter(state=ASKED[q.excused])
    states = {str(state): Sum("conflicts", filter=Q(state=state)) for state in ConflictState}
    return {key: _counts(row) for key, row in _grouped(q, rows, by, OF_ALIKE, **states)}


def _grouped(q: Question, rows: Any, by: tuple[str, ...], summed: Iterable[str], **sums: Sum) -> list[tuple[Any, Row]]:
    """Sums with their key: a value of one dimension, values of several, None of none at all."""
    rows = callers(q, rows.filter(day__range=(q.first, q.last)), "caller")
    sums = {f"n_{name}": Sum(name) for name in summed} | {f"n_{name}": sum_ for name, sum_ in sums.items()}
    if not by:
        return [(None, _told(rows.aggregate(**sums)))]
    keys = {f"by_{name}": TruncWeek("day") if name == "week" else F(name) for name in by}
    found = rows.order_by().values(**keys).annotate(**sums)
    return [(row[f"by_{by[0]}"] if len(by) == 1 else tuple(row[key] for key in keys), _told(row)) for row in found]


def _told(row: Mapping[str, Any]) -> Row:
    """None, the sum of no rows, is 0."""
    return {name.removeprefix("n_"): value or 0 for name, value in row.items() if name.startswith("n_")}


def _traffic(row: Row) -> Traffic:
    return Traffic(*(row[one.name] for one in fields(Traffic)))


def _counts(row: Row) -> Counts:
    open_ = row["blamed"] - row["heeded"] - row["proceeded"]
    return Counts(**{one.name: row.get(one.name, open_) for one in fields(Counts)})
