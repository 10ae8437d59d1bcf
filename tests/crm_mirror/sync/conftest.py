"""What tests of the inbox share: events as the portal sends them, and the worker that works them off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from crm_mirror import inbox
from crm_mirror.models import InboxEvent, PhoneNumber
from crm_mirror.sync import events
from crm_mirror.sync.report import SyncReport
from crm_mirror.sync.work import Work, at_work

State = InboxEvent.State


@pytest.fixture
def drain(portal, db) -> Callable[[], SyncReport]:
    """What the worker does: returns the report."""

    def run() -> SyncReport:
        with at_work(Work.INBOX) as bench:
            events.drain(bench)
        return bench.report

    return run


@pytest.fixture
def told(db) -> Callable[..., InboxEvent]:
    """told("ONCRMCOMPANYUPDATE", 5): such an event has come in."""

    def store(event: str, entity_id: object = None, *, by: object = None, data: Any = None) -> InboxEvent:
        facts = data if data is not None else {"FIELDS": {"ID": str(entity_id)}}
        return inbox.store({"event": event, "data": facts, "auth": {"user_id": by}}, at=timezone.now())

    return store


def states() -> list[str]:
    return sorted(InboxEvent.objects.values_list("state", flat=True))


def waiting() -> QuerySet[InboxEvent]:
    return InboxEvent.objects.filter(state=State.WAITING)


def try_again_now() -> None:
    waiting().update(next_attempt_at=timezone.now())


def numbers_of(company: int) -> list[str]:
    return sorted(PhoneNumber.objects.filter(entity_id=company).values_list("e164", flat=True))
