"""How long personal data of calls is kept: first the numbers are masked, later the calls go and only sums stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Min, QuerySet

from callguard.masks import HIDDEN
from callguard.models import AccessLog, Call, Dispute, DisputeState, Retention
from callguard.privacy.rewriting import AT_ONCE, in_stretches, mask_calls
from callguard.tallies.days import DAY, beginning, day_of
from callguard.tallies.sealing import seal

KINDS = ("masked", "calls", "looks")
MOST_A_NIGHT = 100_000  # calls: the first night after the setting may find years of them


@dataclass(frozen=True)
class Periods:
    """None: kept for ever."""

    numbers: timedelta | None
    calls: timedelta | None
    looks: timedelta | None


def periods_in_force() -> Periods:
    """From the settings, in days; 0 is for ever."""
    return Periods(
        *(
            timedelta(days=days) if days else None
            for days in (settings.RETENTION_MASK_DAYS, settings.RETENTION_CALLS_DAYS, settings.RETENTION_ACCESS_DAYS)
        )
    )


def keep_to(periods: Periods, *, at: datetime) -> dict[str, int]:
    """Mask and forget what is old enough; returns how many of each. Harmless when repeated."""
    done = dict.fromkeys(KINDS, 0)
    if periods.calls:
        done["calls"] = forget_calls(day_of(at - periods.calls))
    if periods.numbers:
        done["masked"] = mask_numbers(at - periods.numbers)
    if periods.looks:
        done["looks"] = AccessLog.objects.filter(at__lt=at - periods.looks).delete()[0]
    return done


def mask_numbers(before: datetime, *, at_most: int = MOST_A_NIGHT) -> int:
    """Mask the numbers of calls that rang before; returns how many calls.

    Conflicts that are not judged yet wait for a later night: their excuses are looked for by number.
    """
    known, waiting = Retention.objects.first(), Call.objects.filter(conflict=True, judged_at=None)
    reached = min(before, waiting.aggregate(first=Min("rung_at"))["first"] or before)
    calls = _unmasked(Call.objects.filter(rung_at__lt=before)).exclude(conflict=True, judged_at=None)
    if known:
        calls = calls.filter(rung_at__gte=known.masked_before)
    done = in_stretches(calls, mask_calls, at_most=at_most)
    if done < at_most and (known is None or known.masked_before < reached):
        Retention.objects.update_or_create(slot=1, defaults={"masked_before": reached})
    return done


def _unmasked(calls: QuerySet[Call]) -> QuerySet[Call]:
    return calls.exclude(number="").exclude(number__contains=HIDDEN)


# --- Calls -----------------------------------------------------------------------------------------------------------
def forget_calls(before: date, *, at_most: int = MOST_A_NIGHT) -> int:
    """Remove the calls of the days before, with all that hangs on them; returns how many. Their sums stay.

    Whole days go: what a day still waits for keeps it and all later ones. Nothing goes that is not in the sums yet.
    """
    done = 0
    while done < at_most and (stretch := _removed(before)):
        done += stretch
    if done < at_most:
        in_stretches(_unmasked(_kept_for_takeovers(before)), mask_calls)
    return done


def waiting_since() -> date | None:
    """The day of the oldest call of which something is still to be decided: a dispute, or whether it blames."""
    moments = (
        Dispute.objects.filter(state=DisputeState.OPEN).aggregate(first=Min("call__rung_at"))["first"],
        Call.objects.filter(conflict=True, judged_at=None).aggregate(first=Min("rung_at"))["first"],
    )
    return min((day_of(moment) for moment in moments if moment), default=None)


def _kept_for_takeovers(before: date) -> QuerySet[Call]:
    """They stay: bonuses of paid periods and of deals to come rest on them (callguard.kpi)."""
    return Call.objects.filter(rung_at__lt=beginning(before), taken_over=True)


@transaction.atomic
def _removed(before: date) -> int:
    """The oldest calls. What they wait for is asked once they are locked: nobody disputes or judges them any more."""
    old = Call.objects.filter(rung_at__lt=beginning(before), taken_over=False).order_by("rung_at")
    stretch = list(old.select_for_update().values_list("pk", "rung_at")[:AT_ONCE])
    if waiting := waiting_since():
        stretch = [(key, rung_at) for key, rung_at in stretch if rung_at < beginning(waiting)]
    if not stretch or not seal(day_of(stretch[-1][1]) + DAY):
        return 0
    keys = [key for key, _rung_at in stretch]
    Dispute.objects.filter(call__in=keys).delete()
    Call.objects.filter(pk__in=keys).delete()
    return len(keys)
