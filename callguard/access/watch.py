"""Who is dismissed is signed out: his sessions end with the change that tells of it, and do not come back with him."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import F

from callguard.access.people import may_stay
from callguard.models import Account
from crm_mirror.models import Change


def end_sessions(changes: Sequence[Change]) -> int:
    """Of the people these changes are about, those who may not stay; returns how many accounts. Harmless when repeated.

    Their sessions are already refused request by request (access.backend), whatever reached us first.
    """
    people = {int(change.portal_id) for change in changes if change.kind == "employee"}
    if not people:
        return 0
    accounts = Account.objects.filter(employee_id__in=people, is_superuser=False)
    leaving = [account.pk for account in accounts if not may_stay(account)]
    return Account.objects.filter(pk__in=leaving).update(session_epoch=F("session_epoch") + 1)
