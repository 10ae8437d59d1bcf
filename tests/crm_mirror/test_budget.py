"""The request allowance as people see it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from crm_mirror.budget import budget, minutes_since
from crm_mirror.models import MethodPause
from tests.living import PORTAL, allowance, requested

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_before_the_first_request_there_is_none():
    assert budget(at=NOON) is None


def test_the_bucket_leaks_while_nobody_asks():
    allowance(at=NOON, level=40.0, tickets=123, pace=0.5)
    now = budget(at=NOON + timedelta(seconds=10))
    assert (now.used, now.room, now.pace, now.sent) == (20.0, 48.0, 0.5, 123)
    assert budget(at=NOON + timedelta(minutes=1)).used == 0


def test_a_block_that_is_over_is_not_told_and_a_halt_says_why():
    row = allowance(at=NOON, blocked_until=NOON.timestamp() + 60, halted_because="OVERLOAD_LIMIT")
    halted = budget(at=NOON)
    assert (halted.blocked_until, halted.halted_because) == (NOON + timedelta(seconds=60), "OVERLOAD_LIMIT")
    assert halted.is_halted
    assert not budget(at=NOON + timedelta(minutes=2)).is_halted
    row.halted_because = ""
    row.save()
    assert not budget(at=NOON).is_halted


def test_methods_whose_time_is_spent_are_told_until_they_come_back():
    allowance(at=NOON)
    MethodPause.objects.create(portal=PORTAL, method="crm.deal.list", until=NOON.timestamp() + 60)
    MethodPause.objects.create(portal=PORTAL, method="crm.lead.list", until=NOON.timestamp() - 60)
    assert [(pause.method, pause.until) for pause in budget(at=NOON).pauses] == [
        ("crm.deal.list", NOON + timedelta(seconds=60))
    ]


def test_minutes_come_in_order_and_no_older_than_asked():
    requested("full", sent=7, refused=2, minutes_ago=5)
    requested("delta", sent=3)
    requested("delta", minutes_ago=90)
    found = minutes_since(timezone.now() - timedelta(hours=1))
    assert [(one.purpose, one.sent, one.refused) for one in found] == [("full", 7, 2), ("delta", 3, 0)]
