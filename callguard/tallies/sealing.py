"""Days whose calls are to be removed: from then on their tallies are all there is, and nobody counts them anew."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from callguard.models import Call
from callguard.tallies.days import beginning
from callguard.tallies.refresh import locked


@transaction.atomic
def seal(before: date) -> bool:
    """Seal the days before this one; False while a call of theirs is not counted yet, or all is counted anew."""
    state = locked()
    if state.next_day is not None and state.next_day < before:
        return False
    if Call.objects.filter(untallied=True, rung_at__lt=beginning(before)).exists():
        return False
    if state.sealed_before is None or state.sealed_before < before:
        state.sealed_before = before
        state.save()
    return True
