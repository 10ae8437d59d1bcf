"""Deadlines in working days."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from callguard.workdays import working_days_after

MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("day", "days", "due"),
    [
        (3, 1, 4),  # Tuesday → Wednesday
        (3, 3, 6),
        (6, 1, 9),  # Friday → Monday
        (6, 3, 11),
        (7, 1, 9),  # from Saturday and Sunday Monday is the first
        (8, 1, 9),
        (2, 6, 10),
    ],
)
def test_saturdays_and_sundays_do_not_count(day, days, due):
    at = datetime(2026, 3, day, 15, 30, tzinfo=MOSCOW)
    assert working_days_after(at, days, MOSCOW) == datetime(2026, 3, due, 15, 30, tzinfo=MOSCOW)


def test_days_are_those_of_the_zone():
    friday_evening = datetime(2026, 3, 5, 22, 0, tzinfo=UTC)  # Thursday still, by Greenwich
    assert working_days_after(friday_evening, 1, MOSCOW) == datetime(2026, 3, 9, 1, 0, tzinfo=MOSCOW)


def test_the_time_of_day_stays_when_the_clock_is_changed():
    at = datetime(2026, 3, 27, 12, 0, tzinfo=BERLIN)  # a Friday; summer time begins on Sunday
    assert working_days_after(at, 1, BERLIN) == datetime(2026, 3, 30, 12, 0, tzinfo=BERLIN)
