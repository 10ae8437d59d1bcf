"""What becomes of stored events besides being worked off."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from crm_mirror import inbox
from crm_mirror.models import InboxEvent

pytestmark = pytest.mark.django_db
State = InboxEvent.State


@pytest.fixture
def events():
    told = [
        ("ONCRMCOMPANYUPDATE", {"FIELDS": {"ID": 1}}),
        ("ONCRMCOMPANYUPDATE", {}),
        ("ONAPPTEST", {}),
        ("ONCRMCOMPANYUPDATE", {"FIELDS": {"ID": 2}}),
    ]
    rows = [inbox.store({"event": event, "data": data}, at=timezone.now()) for event, data in told]
    InboxEvent.objects.filter(id=rows[-1].id).update(state=State.FAILED, attempts=33)
    return rows


def states():
    return sorted(InboxEvent.objects.values_list("state", flat=True))


def test_old_events_are_forgotten_and_those_that_wait_for_somebody_are_kept(events):
    assert inbox.forget_before(timezone.now() - timedelta(days=1)) == 0
    assert inbox.forget_before(timezone.now() + timedelta(seconds=1)) == 2
    assert states() == [State.FAILED, State.WAITING]


def test_one_that_was_given_up_may_be_put_back(events):
    at = timezone.now()
    assert inbox.replay(InboxEvent.objects.filter(state=State.FAILED), at=at) == 1
    row = InboxEvent.objects.get(id=events[-1].id)
    assert (row.state, row.attempts, row.next_attempt_at) == (State.WAITING, 0, at)
