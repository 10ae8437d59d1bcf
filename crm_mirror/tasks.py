"""Work for Celery: one call each, harmless when run twice."""

from __future__ import annotations

import logging

from celery import shared_task

from crm_mirror.sync.lease import AlreadyRunning
from crm_mirror.sync.run import sync

logger = logging.getLogger(__name__)


@shared_task(acks_late=True, ignore_result=True)
def sync_portal(full: bool = True) -> int:
    """Mirror the portal; returns the number of requests. Does nothing while another sync runs."""
    try:
        return sync(full=full).requests
    except AlreadyRunning as error:
        logger.info("sync skipped: %s", error)
        return 0
