"""Quiet hours: over midnight, at their very ends, on weekends, and none at all."""

from __future__ import annotations

from datetime import datetime, time

import pytest

from callguard.notices.quiet import Quiet

NIGHT = Quiet(time(20), time(8))
LUNCH = Quiet(time(13), time(14))


@pytest.mark.parametrize(
    ("quiet", "at", "holds"),
    [
        (NIGHT, "2026-03-11 19:59", False),
        (NIGHT, "2026-03-11 20:00", True),
        (NIGHT, "2026-03-12 00:00", True),
        (NIGHT, "2026-03-12 07:59", True),
        (NIGHT, "2026-03-12 08:00", False),
        (LUNCH, "2026-03-11 13:00", True),
        (LUNCH, "2026-03-11 14:00", False),
        (LUNCH, "2026-03-11 02:00", False),
        (Quiet(), "2026-03-11 03:00", False),
        (Quiet(time(9), time(9)), "2026-03-11 09:00", False),
        (Quiet(weekends=True), "2026-03-13 23:59", False),
        (Quiet(weekends=True), "2026-03-14 00:00", True),
        (Quiet(weekends=True), "2026-03-15 23:59", True),
    ],
)
def test_whether_it_is_quiet(quiet, at, holds):
    assert quiet.holds(datetime.fromisoformat(at)) is holds
