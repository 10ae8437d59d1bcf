"""How long what was worked off is kept: for people who look why something is as it is, then it goes."""

from __future__ import annotations

from datetime import datetime
from importlib import import_module

from django.conf import settings

from crm_mirror import changes, inbox, outbox
from crm_mirror.models import Drift, EndedCall, Repair, SyncRun

DAYS = 30


def forget_before(at: datetime) -> int:
    """Delete done events and calls, read changes, old runs and comparisons; returns how many rows.

    Sessions go when they have run out: whoever begins to sign in leaves one.
    """
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    runs = [model.objects.filter(**{f"{when}__lt": at}) for model, when in ((SyncRun, "started_at"), (Drift, "at"))]
    old = (*runs, Repair.objects.filter(at__lt=at), EndedCall.objects.filter(seen_at__lt=at))
    rows = sum(row.delete()[0] for row in old)
    return rows + inbox.forget_before(at) + outbox.forget_before(at) + changes.forget_before(at)
