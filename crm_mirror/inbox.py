"""Events of the portal are stored before anything is done about them; sync.events works them off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from crm_mirror.models import InboxEvent
from crm_mirror.sync.hints import row_of

State = InboxEvent.State


def store(told: Mapping[str, Any], *, at: datetime) -> InboxEvent:
    """Keep an event as the portal sent it (`event`, `data`, `ts`, `auth`), its tokens left out. One INSERT."""
    auth = told.get("auth")
    user = auth.get("user_id") if isinstance(auth, dict) else None
    row = row_of(told.get("event"), told.get("data"), user=user, ts=told.get("ts"), at=at)
    row.save(force_insert=True)
    return row


def is_due(*, at: datetime) -> bool:
    """Whether an event waits whose time has come. One query."""
    return InboxEvent.objects.filter(state=State.WAITING, next_attempt_at__lte=at).exists()


def replay(events: QuerySet[InboxEvent], *, at: datetime) -> int:
    """Put events back to waiting, as if they had just come; returns how many."""
    return events.update(state=State.WAITING, attempts=0, next_attempt_at=at, done_at=None, note="")


def forget_before(at: datetime) -> int:
    """Delete events that were done or ignored before `at`; returns how many. Those given up wait for a person."""
    return InboxEvent.objects.filter(state__in=[State.DONE, State.IGNORED], done_at__lt=at).delete()[0]
