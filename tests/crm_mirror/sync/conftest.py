"""What tests of the inbox share: events as the portal sends them, and the worker that works them off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from crm_mirror import inbox
from crm_mirror.models import InboxEvent
from crm_mirror.sync import events
from crm_mirror.sync.report import SyncReport
from crm_mirror.sync.work import Work, at_work


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
