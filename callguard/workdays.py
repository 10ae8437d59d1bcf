"""Deadlines in working days, Monday to Friday; holidays are nobody's business here. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

DAY = timedelta(days=1)
SATURDAY = 5


def working_days_after(at: datetime, days: int, zone: tzinfo) -> datetime:
    """The same time of day so many working days on, by the clock of `zone`: from Friday one day on is Monday."""
    there = at.astimezone(zone)
    while days > 0:
        there += DAY  # wall time: a day in which the clock is changed is a day too
        days -= there.weekday() < SATURDAY
    return there.astimezone(UTC)
