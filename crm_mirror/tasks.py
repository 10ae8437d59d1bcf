"""Work for Celery: one call each, harmless when run twice or side by side. When to try again is in the rows."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from crm_mirror import outbox, retention, rounds
from crm_mirror.connection import WrongSettings
from crm_mirror.portal.errors import PortalError
from crm_mirror.secrets import SecretLost
from crm_mirror.sync.cursors import Overtaken
from crm_mirror.sync.lease import AlreadyRunning
from crm_mirror.sync.run import sync

logger = logging.getLogger(__name__)


def quietly(task: Callable[..., int]) -> Callable[..., int]:
    """What goes wrong with the portal is one line for whoever can mend it, and the beat comes round again."""

    @functools.wraps(task)
    def guarded(*args: object, **kwargs: object) -> int:
        try:
            return task(*args, **kwargs)
        except (AlreadyRunning, Overtaken) as busy:
            logger.info("task %s left to another: %s", task.__name__, busy)
        except (PortalError, WrongSettings, SecretLost) as error:
            logger.warning("task %s: %s. %s", task.__name__, error, error.remedy)
        return 0

    return guarded


@shared_task(acks_late=True, ignore_result=True)
@quietly
def sync_portal(full: bool = False) -> int:
    """Bring the mirror up to date: what changed, or everything; returns the number of requests."""
    try:
        return sync(full=full).requests
    finally:
        judge_and_answer()  # what was written before an error is news as well


@shared_task(acks_late=True, ignore_result=True)
@quietly
def drain_inbox() -> int:
    """Work off the portal's events; returns how many."""
    try:
        return rounds.drain_inbox()
    finally:
        judge_and_answer()


@shared_task(acks_late=True, ignore_result=True)
@quietly
def fetch_offline() -> int:
    """Bring the portal's own queue of events into the inbox; returns how many."""
    fetched = rounds.fetch_offline()
    return fetched + (drain_inbox() if fetched else 0)


@shared_task(acks_late=True, ignore_result=True)
@quietly
def deliver_outbox() -> int:
    """Send to the portal what is due; returns how many calls it accepted."""
    try:
        return rounds.deliver_outbox()
    finally:
        rounds.read_changes()  # what came of it, and what was read back


@shared_task(acks_late=True, ignore_result=True)
@quietly
def fetch_calls() -> int:
    """Look for calls whose end nobody told us; returns how many were found."""
    found = rounds.fetch_calls()
    rounds.read_changes()
    return found


@shared_task(acks_late=True, ignore_result=True)
@quietly
def reconcile() -> int:
    """Compare mirror and portal, repair what differs; returns how many rows were repaired."""
    return rounds.compare_and_repair()


@shared_task(acks_late=True, ignore_result=True)
def forget() -> int:
    """Delete what has been worked off and is old enough; returns how many rows."""
    return retention.forget_before(timezone.now() - timedelta(days=retention.DAYS))


def judge_and_answer() -> None:
    """Let others read what is new; what they want the portal to hear of it goes out now, not with the next beat."""
    rounds.read_changes()
    if outbox.is_due(at=timezone.now()):
        deliver_outbox()  # here, by the same process: a broker may be away
