"""How long personal data of calls is kept: first the numbers are masked, later the calls go and only sums stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from callguard.models import AccessLog, Call, Retention
from callguard.privacy.masks import HIDDEN
from callguard.privacy.rewriting import in_stretches, mask_calls

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
    if periods.numbers:
        done["masked"] = mask_numbers(at - periods.numbers)
    if periods.looks:
        done["looks"] = AccessLog.objects.filter(at__lt=at - periods.looks).delete()[0]
    return done


def mask_numbers(before: datetime, *, at_most: int = MOST_A_NIGHT) -> int:
    """Mask the numbers of calls that rang before; returns how many calls."""
    known = Retention.objects.first()
    calls = Call.objects.filter(rung_at__lt=before).exclude(number="").exclude(number__contains=HIDDEN)
    if known:
        calls = calls.filter(rung_at__gte=known.masked_before)
    done = in_stretches(calls, mask_calls, at_most=at_most)
    if done < at_most and (known is None or known.masked_before < before):
        Retention.objects.update_or_create(slot=1, defaults={"masked_before": before})
    return done
