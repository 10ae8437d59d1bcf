"""Work for Celery: one call each, harmless when run twice."""

from __future__ import annotations

import logging

from celery import shared_task

from crm_mirror.portal.errors import PortalError
from crm_mirror.sync.events import drain
from crm_mirror.sync.lease import AlreadyRunning
from crm_mirror.sync.run import sync
from crm_mirror.sync.work import Work, at_work

logger = logging.getLogger(__name__)


@shared_task(acks_late=True, ignore_result=True)
def sync_portal(full: bool = True) -> int:
    """Mirror the portal; returns the number of requests. Does nothing while another sync runs."""
    try:
        return sync(full=full).requests
    except AlreadyRunning as error:
        logger.info("sync skipped: %s", error)
        return 0


@shared_task(acks_late=True, ignore_result=True)
def drain_inbox() -> int:
    """Work off the portal's events; returns how many. Another worker that is at it already sees the new ones too."""
    try:
        with at_work(Work.INBOX) as bench:
            return drain(bench)
    except (AlreadyRunning, PortalError) as error:
        logger.info("inbox left for later: %s", error)
        return 0
