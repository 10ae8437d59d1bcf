"""Calls that ended, as the portal tells of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crm_mirror.models import EndedCall
from crm_mirror.portal.records import text


def note_ended(facts: Mapping[str, Any], *, by_statistics: bool, at: datetime) -> None:
    """Keep the end of one call. The statistics' word beats the event's. Inside the caller's `writing()`."""
    values = {"code": text(facts, "CALL_FAILED_CODE", 16), "by_statistics": by_statistics, "seen_at": at}
    EndedCall.objects.update_or_create(call_id=text(facts, "CALL_ID", 128), defaults=values)
