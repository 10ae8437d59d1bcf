"""Bring the tallies up to what the calls say: whoever changed a call has set its `untallied` in the same statement.

One refresher at a time (the row of TallyState); each takes flagged calls, clears their flags and counts their buckets
anew, in one transaction. A call that changes meanwhile is flagged again and is the next refresher's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Max, Min, QuerySet

from callguard.models import Call, CallTally, ConflictTally, TallyState
from callguard.tallies.buckets import recount
from callguard.tallies.days import DAY, day_of, rung_within

AT_ONCE = 2000  # flagged calls taken in one transaction
AT_A_PAGE = 200  # flagged calls that a page counts itself
ROUND = 60  # steps of one round


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether figures say what the calls say; else they are still being counted, by the rounds."""

    is_complete: bool


def standing_for_page() -> Standing:
    """Before figures are read: count the few calls that are new, but not what would keep a reader waiting."""
    if is_up_to_date():
        return Standing(True)
    if TallyState.objects.filter(pk=TallyState.ONLY, next_day__isnull=False).exists() or waiting() > AT_A_PAGE:
        return Standing(False)
    return Standing(step())


def bring_up_to_date(*, steps: int = ROUND) -> Standing:
    """What the rounds do, in at most so many transactions. One query when there is nothing to do."""
    return Standing(is_up_to_date() or any(step() for _number in range(steps)))


def is_up_to_date() -> bool:
    whole = TallyState.objects.filter(pk=TallyState.ONLY, next_day=None, time_zone=settings.TIME_ZONE)
    return whole.exclude(Exists(Call.objects.filter(untallied=True))).exists()


def waiting() -> int:
    """Flagged calls, counted no further than a page cares."""
    return Call.objects.filter(untallied=True)[: AT_A_PAGE + 1].count()


@transaction.atomic
def step() -> bool:
    """One day of a rebuild that is under way, else what is flagged. True when nothing was left."""
    state = locked()
    if state.next_day:
        rebuild_day(state, state.next_day)
        return False
    return count_flagged(state) < AT_ONCE


def locked() -> TallyState:
    """The state, ours until the transaction ends. Under another time zone than the one it knows, a rebuild begins.

    A new installation's begins with nothing: calls that are not in the tallies yet are flagged.
    """
    state, _new = TallyState.objects.select_for_update().get_or_create(
        pk=TallyState.ONLY, defaults={"time_zone": settings.TIME_ZONE}
    )
    if state.time_zone != settings.TIME_ZONE:
        begin_rebuild(state)
    return state


def count_flagged(state: TallyState) -> int:
    """So many flagged calls, oldest first. More than that: the oldest day whole, which is counted once then."""
    flagged = taken(Call.objects.filter(untallied=True).order_by("rung_at"), AT_ONCE)
    found = len(flagged)
    if found == AT_ONCE:
        oldest = day_of(flagged[0][1])
        flagged = taken(Call.objects.filter(rung_within(oldest, oldest), untallied=True))
    Call.objects.filter(pk__in=[pk for pk, _rung_at, _caller in flagged]).update(untallied=False)
    callers: dict[date, set[int]] = {}
    for _pk, rung_at, caller_id in flagged:
        callers.setdefault(day_of(rung_at), set()).add(caller_id)
    for day, of_day in callers.items():
        if not is_sealed(state, day):
            recount(day, of_day)
    return found


def taken(calls: QuerySet[Call], most: int | None = None) -> list[tuple[int, datetime, int]]:
    """Calls that nobody else is changing right now. Those are flagged again by whoever does: waiting for his lock with
    ours in hand would be the way into a deadlock.
    """
    rows = calls.select_for_update(skip_locked=True).values_list("pk", "rung_at", "caller_id")
    return list(rows[:most])


def is_sealed(state: TallyState, day: date) -> bool:
    return state.sealed_before is not None and day < state.sealed_before


# --- All anew --------------------------------------------------------------------------------------------------------
def rebuild(*, on_day: Callable[[date], object] = lambda day: None) -> int:
    """Count everything anew but sealed days; returns how many days. Figures stay readable, each day right at once."""
    with transaction.atomic():
        begin_rebuild(locked())
    days = 0
    while day := rebuild_next():
        on_day(day)
        days += 1
    return days


@transaction.atomic
def rebuild_next() -> date | None:
    """The day that was counted; None when there was none to count."""
    state = locked()
    day = state.next_day
    if day:
        rebuild_day(state, day)
    return day


def begin_rebuild(state: TallyState) -> None:
    state.time_zone = settings.TIME_ZONE
    state.next_day = first_day(state)
    state.save()


def rebuild_day(state: TallyState, day: date) -> None:
    """Flags are cleared first: what is changed after that is flagged again, and seen by this count or the next."""
    flagged = taken(Call.objects.filter(rung_within(day, day), untallied=True))
    Call.objects.filter(pk__in=[pk for pk, _rung_at, _caller in flagged]).update(untallied=False)
    recount(day)
    state.next_day = next_day(state, day)
    state.save()


def first_day(state: TallyState) -> date | None:
    """Of calls, or of tallies that should not be there; None without either."""
    days = extent(state)
    return days[0] if days else None


def next_day(state: TallyState, day: date) -> date | None:
    """None when that was the last that has anything to count."""
    days = extent(state)
    return day + DAY if days and day < days[1] else None


def extent(state: TallyState) -> tuple[date, date] | None:
    """First and last day that is not sealed and has calls or tallies. Three queries, each two looks into an index."""
    called = Call.objects.aggregate(first=Min("rung_at"), last=Max("rung_at"))
    days = [day_of(moment) for moment in called.values() if moment]
    for model in (CallTally, ConflictTally):
        tallied = model._default_manager.aggregate(first=Min("day"), last=Max("day"))
        days += [day for day in tallied.values() if day]
    days = [max(day, state.sealed_before) if state.sealed_before else day for day in days]
    return (min(days), max(days)) if days else None
