"""What the mirror tells (crm_mirror.changes), handed to whom it concerns. Named in settings.MIRROR_READERS."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.utils import timezone

from callguard import calls, disputes, role_history
from callguard.access.watch import end_sessions
from callguard.fairness import takeovers
from callguard.fairness.judge import judge_due
from callguard.fairness.late import judge_touched
from callguard.kpi.noting import note_deals
from callguard.models import Call
from callguard.notices.round import send_due
from callguard.status import reference
from callguard.status.newcomers import welcome_late
from callguard.status.outcomes import settle
from callguard.status.watch import watch
from callguard.tallies.refresh import bring_up_to_date
from crm_mirror.changes import read_changes
from crm_mirror.models import Change

log = logging.getLogger(__name__)
T = TypeVar("T")


def read_all() -> int:
    """Everything new in the feed; returns how many changes. A step that fails stops no other; then its fault is raised,
    the first one of several."""
    faults: list[Exception] = []
    count = _done(faults, read_changes, "callguard", hand_on) or 0
    at = timezone.now()
    for step in (role_history.keep_up, calls.end_late_records, note_deals, judge_due, disputes.remind):
        _done(faults, step, at=at)
    _done(faults, bring_up_to_date)  # after all that change calls, before what tells figures
    for step in (send_due, welcome_late, settle, reference.settle):
        _done(faults, step, at=at)
    if faults:
        raise faults[0]
    return count


def _done(faults: list[Exception], step: Callable[..., T], *args: Any, **facts: Any) -> T | None:
    try:
        return step(*args, **facts)
    except Exception as fault:
        log.exception("%s.%s failed", step.__module__, step.__name__)
        faults.append(fault)
        return None


def hand_on(changes: Sequence[Change]) -> None:
    """Inside read_changes' transaction; harmless when repeated."""
    ended = [change.portal_id for change in changes if change.what == Change.What.ENDED]
    calls.end_by_telephony(Call.objects.filter(call_id__in=ended))
    for change in changes:
        match change.what:
            case Change.What.MERGED:
                calls.point_to_survivor(change.kind, int(change.portal_id), int(change.facts["into"]))
            case Change.What.REVIVED:
                calls.point_to_itself(change.kind, int(change.portal_id))
    end_sessions(changes)
    role_history.follow(changes, at=timezone.now())
    reference.note_edits(changes)
    watch(changes, at=timezone.now())
    takeovers.follow(changes)
    judge_touched(changes, at=timezone.now())
