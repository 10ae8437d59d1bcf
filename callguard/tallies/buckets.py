"""The tallies of one day, counted wholly from the calls: no sums are carried on, so none can go astray."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django.db.models import Case, F, QuerySet, Sum, Value, When
from django.db.models.functions import ExtractHour

from callguard.models import Call, CallTally, CallWeek, ConflictTally
from callguard.tallies.days import DAY, monday_of, rung_within, zone
from callguard.tallies.measures import OF_CALLS, OF_CONFLICTS, OUTCOMES, STATES, counts

OF_A_PERSON = OF_CALLS | {name: which for name, which in OF_CONFLICTS.items() if name != "open"}
OF_ALIKE = {"conflicts": OF_CONFLICTS["conflicts"], **OUTCOMES}
ALIKE = ("hour", "caller", "responsible", "tier", "status", "state")


def recount(day: date, callers: Collection[int] | None = None) -> None:
    """Replace the day's tallies, of these callers or of everybody, and its week's. Nine statements.

    Wants the lock (refresh.locked).
    """
    calls = of(callers, Call.objects.filter(rung_within(day, day)), "caller_id")
    for model in (CallTally, ConflictTally):
        of(callers, model._default_manager.filter(day=day), "caller").delete()
    CallTally.objects.bulk_create(CallTally(day=day, **row) for row in by_person(calls))
    ConflictTally.objects.bulk_create(ConflictTally(day=day, **row) for row in by_likeness(calls.filter(conflict=True)))
    recount_week(monday_of(day), callers)


def recount_week(week: date, callers: Collection[int] | None) -> None:
    """From its days' tallies."""
    days = of(callers, CallTally.objects.filter(day__range=(week, week + 6 * DAY)), "caller")
    sums = {f"n_{name}": Sum(name) for name in OF_A_PERSON}
    of(callers, CallWeek.objects.filter(week=week), "caller").delete()
    rows = days.order_by().values(n_caller=F("caller")).annotate(**sums)
    CallWeek.objects.bulk_create(CallWeek(week=week, **told(row)) for row in rows)


def of(callers: Collection[int] | None, rows: QuerySet[Any], column: str) -> QuerySet[Any]:
    return rows if callers is None else rows.filter(**{f"{column}__in": callers})


def by_person(calls: QuerySet[Call]) -> list[dict[str, Any]]:
    return [told(row) for row in calls.order_by().values(n_caller=F("caller_id")).annotate(**counts(OF_A_PERSON))]


def by_likeness(conflicts: QuerySet[Call]) -> list[dict[str, Any]]:
    alike = {
        "hour": ExtractHour("rung_at", tzinfo=zone()),
        "caller": F("caller_id"),
        "responsible": F("responsible_id"),
        "tier": F("tier"),
        "status": F("status_value"),
        "state": Case(*(When(which, then=Value(str(state))) for state, which in STATES.items())),
    }
    keys = {f"n_{name}": expression for name, expression in alike.items()}
    return [told(row) for row in conflicts.order_by().values(**keys).annotate(**counts(OF_ALIKE))]


def told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name.removeprefix("n_"): value for name, value in row.items()}
