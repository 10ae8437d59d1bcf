"""One round of notices: what is new goes in line, and what waits goes out unless these are quiet hours."""

from __future__ import annotations

from datetime import datetime

from django.utils.timezone import localtime

from callguard.notices import conflicts, digests
from callguard.notices.choices import in_force, quiet_of


def send_due(*, at: datetime) -> int:
    """Returns how many messages went into the outbox. Four queries when there is nothing to do."""
    chosen = in_force(at=at)
    if chosen.tells_responsible:
        conflicts.note_new(chosen, at=at)
    digests.plan(chosen, at=at)
    if quiet_of(chosen).holds(localtime(at)):
        return 0
    return conflicts.tell_waiting(at=at) + digests.tell_waiting(chosen, at=at)
