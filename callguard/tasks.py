"""Work for Celery that is ours alone: one call each, harmless when run twice or side by side."""

from __future__ import annotations

import logging
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from callguard.cleaning import looking
from callguard.notices import letters
from callguard.privacy.retention import keep_to, periods_in_force

logger = logging.getLogger(__name__)

LETTERS_KEPT = timedelta(days=30)


@shared_task(acks_late=True, ignore_result=True)
def deliver_letters() -> int:
    """Send the e-mail that is due; returns how many letters went out."""
    return letters.deliver_due(timezone.now)


@shared_task(acks_late=True, ignore_result=True)
def forget_letters() -> int:
    """Delete letters that went out long ago; returns how many."""
    return letters.forget_before(timezone.now() - LETTERS_KEPT)


@shared_task(acks_late=True, ignore_result=True)
def forget_personal_data() -> int:
    """Mask numbers and remove calls and looks whose time has come; returns how many rows."""
    return sum(keep_to(periods_in_force(), at=timezone.now()).values())


@shared_task(acks_late=True, ignore_result=True)
def look_for_flaws() -> int:
    """Look for what is to be cleaned up in the portal; returns how much there is."""
    try:
        return sum(looking.look(at=timezone.now()).values())
    except looking.AlreadyLooking as busy:
        logger.info("cleaning left to another: %s", busy)
        return 0
