"""Work for Celery: one call each, harmless when run twice or side by side."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from callguard.cleaning import looking

logger = logging.getLogger(__name__)


@shared_task(acks_late=True, ignore_result=True)
def look_for_flaws() -> int:
    """Look for what is to be cleaned up in the portal; returns how much there is."""
    try:
        return sum(looking.look(at=timezone.now()).values())
    except looking.AlreadyLooking as busy:
        logger.info("cleaning left to another: %s", busy)
        return 0
