"""How old the mirror is: as old as the kind that was read through longest ago."""

from __future__ import annotations

from datetime import datetime

from crm_mirror.models import SyncCursor
from crm_mirror.sync.kinds import VERDICT_NAMES


def synced_at() -> datetime | None:
    """As of when the last complete passes over what verdicts rest on speak; None while one is missing. One query."""
    rows = SyncCursor.objects.filter(kind__in=VERDICT_NAMES, true_at__isnull=False)
    ended = list(rows.values_list("true_at", flat=True))
    return min((at for at in ended if at), default=None) if len(ended) == len(VERDICT_NAMES) else None
