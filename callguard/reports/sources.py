"""What figures are summed from: calls, and conflicts, of the days and people of a question."""

from __future__ import annotations

from typing import Any

from django.db.models import DateField, F, Q, QuerySet
from django.db.models.functions import ExtractHour, TruncWeek

from callguard.models import Call
from callguard.reports.question import NO_STATUS, Question
from callguard.tallies.days import rung_within, zone
from callguard.tallies.measures import OF_CALLS, OF_CONFLICTS, STATES, SUM, counts

DIMENSIONS = ("week", "hour", "caller", "responsible", "tier", "status")
Row = dict[str, Any]


def calls(q: Question, *by: str) -> list[Row]:
    """Sums of measures.OF_CALLS, by week or caller."""
    return _grouped(callers(q, _dimensioned(q)), by, counts(OF_CALLS))


def conflicts(q: Question, *by: str) -> list[Row]:
    """Sums of measures.OF_CONFLICTS, by DIMENSIONS."""
    rows = callers(q, _dimensioned(q)).filter(conflict=True).filter(asked_conflicts(q))
    return _grouped(rows, by, counts(OF_CONFLICTS))


def _dimensioned(q: Question) -> QuerySet[Call]:
    return Call.objects.filter(rung_within(q.first, q.last)).annotate(
        week=TruncWeek("rung_at", tzinfo=zone(), output_field=DateField()),
        hour=ExtractHour("rung_at", tzinfo=zone()),
        responsible=F("responsible_id"),
        status=F("status_value"),
    )


def callers(q: Question, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those of the question's people."""
    return rows if q.people is None else rows.filter(caller_id__in=q.people)


def asked_conflicts(q: Question) -> Q:
    """Conflicts by status and by what became of them."""
    status = Q(status_value="" if q.status == NO_STATUS else q.status) if q.status else Q()
    return status & STATES.get(q.excused, Q())


def _grouped(rows: QuerySet[Any], by: tuple[str, ...], sums: dict[str, Any]) -> list[Row]:
    found = rows.order_by().values(*by).annotate(**sums) if by else [rows.aggregate(**sums)]
    return [{name.removeprefix(SUM): value for name, value in row.items()} for row in found]
