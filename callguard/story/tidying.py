"""The queue of what is to be put right, as it is today, and how much there was on each night before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from callguard.cleaning.looking import look
from callguard.models import CleaningDay, Flaw
from callguard.story.days import Days

NIGHTS = 45
FIXED_A_NIGHT = (0, 0, 0, 0, 1, 1, 2)  # of a kind; nobody tidies at weekends


def tidy_up(days: Days, dice: Random, *, at: datetime) -> None:
    for flaw, left in look(at=at).items():
        CleaningDay.objects.bulk_create(nights(flaw, left, days, dice))


def nights(flaw: Flaw, left: int, days: Days, dice: Random) -> Iterator[CleaningDay]:
    """From last night backwards: what was put right since was still open then."""
    for ago in range(1, NIGHTS + 1):
        day = days.today - timedelta(days=ago)
        fixed = dice.choice(FIXED_A_NIGHT) if days.is_working(day) else 0
        yield CleaningDay(flaw=flaw, day=day, open=left, fixed=fixed)
        left += fixed
