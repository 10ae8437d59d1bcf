"""Rows that a living mirror leaves behind: changes, events, calls to the portal, runs; put straight into the tables."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from crm_mirror.models import Change, Drift, InboxEvent, OutboxCall, RequestAllowance, RequestMinute, SyncRun


def changed(kind: str = "company", *, lag: float | None = 2.0, source: str = "delta", ago: float = 0.0) -> Change:
    """`lag` and `ago` in seconds."""
    at = timezone.now() - timedelta(seconds=ago)
    return Change.objects.create(at=at, kind=kind, portal_id="1", what="updated", lag_s=lag, source=source)


def told(state: str = "waiting", *, ago: float = 0.0, done_after: float | None = None) -> InboxEvent:
    at = timezone.now() - timedelta(seconds=ago)
    done_at = None if done_after is None else at + timedelta(seconds=done_after)
    return InboxEvent.objects.create(
        received_at=at, event="ONCRMCOMPANYUPDATE", entity_id="12", state=state, next_attempt_at=at, done_at=done_at
    )


def to_deliver(state: str = "waiting", *, ago: float = 0.0) -> OutboxCall:
    at = timezone.now() - timedelta(seconds=ago)
    return OutboxCall.objects.create(
        created_at=at,
        entity="company:12",
        purpose="status",
        method="crm.company.update",
        state=state,
        next_attempt_at=at,
    )


def compared(kind: str = "company", *, left: int = 0, ago: float = 0.0) -> Drift:
    at = timezone.now() - timedelta(seconds=ago)
    return Drift.objects.create(kind=kind, at=at, portal_rows=10, mirror_rows=10 - left, missing=left, left=left)


def ran(
    work: str = "delta round", *, ok: bool | None = True, ago: float = 0.0, error: str = "", **more: Any
) -> SyncRun:
    began = timezone.now() - timedelta(seconds=ago)
    ended = None if ok is None else began + timedelta(seconds=1)
    return SyncRun.objects.create(started_at=began, finished_at=ended, work=work, ok=ok, error=error, **more)


def allowance(*, at: datetime | None = None, **columns: Any) -> RequestAllowance:
    now = (at or timezone.now()).timestamp()
    return RequestAllowance.objects.update_or_create(
        portal=settings.PORTAL_ORIGIN, defaults={"updated_at": now, **columns}
    )[0]


def requested(
    purpose: str = "delta", *, sent: int = 1, refused: int = 0, minutes_ago: int = 0, at: datetime | None = None
) -> RequestMinute:
    minute = (at or timezone.now()).replace(second=0, microsecond=0) - timedelta(minutes=minutes_ago)
    counted = {"sent": sent, "refused": refused}
    return RequestMinute.objects.update_or_create(
        portal=settings.PORTAL_ORIGIN, minute=minute, purpose=purpose, defaults=counted
    )[0]
