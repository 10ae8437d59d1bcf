"""Versions of the rules that turned out to be errors: the conflicts they made blame nobody (callguard.fairness)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import QuerySet

from callguard import history
from callguard.access.actors import actor_of
from callguard.fairness.judge import judge_due, settle_all
from callguard.fairness.kept import feed_remembers_since
from callguard.models import About, Account, Call, Excuse, Ground, Origin, RuleSetVersion


def withdraw(versions: Collection[int], *, by: Account, at: datetime) -> list[int]:
    """Call these versions errors; returns those that were not called so before."""
    with transaction.atomic():
        marked = _mark(versions, at, by=by, at=at)
        _doubt(marked)
    _judge(marked, at=at)
    return marked


def reinstate(versions: Collection[int], *, by: Account, at: datetime) -> list[int]:
    """They were no errors after all; returns those that had been called so."""
    with transaction.atomic():
        marked = _mark(versions, None, by=by, at=at)
        # Of old calls the court keeps what it cannot look up again: this it can.
        excuses = Excuse.objects.filter(ground=Ground.OWN_ERROR, call__rules_version__in=marked)
        excuses.filter(proof__why="rules").delete()
        _doubt(marked, since=feed_remembers_since(at))
        settle_all(_judged(marked))  # older ones: whoever looked for their facts now would find them forgotten
    _judge(marked, at=at)
    return marked


def _mark(versions: Collection[int], withdrawn_at: datetime | None, *, by: Account, at: datetime) -> list[int]:
    standing = RuleSetVersion.objects.filter(version__in=versions, withdrawn_at__isnull=withdrawn_at is not None)
    marked = sorted(standing.select_for_update().values_list("version", flat=True))
    RuleSetVersion.objects.filter(version__in=marked).update(withdrawn_at=withdrawn_at)
    before, after = ({"withdrawn": is_so} for is_so in (withdrawn_at is None, withdrawn_at is not None))
    actor = actor_of(by)
    history.add(
        history.line(About.RULE, version, before=before, after=after, by=actor, origin=Origin.ADMIN, at=at)
        for version in marked
    )
    return marked


def _doubt(versions: Collection[int], *, since: datetime | None = None) -> None:
    """Their conflicts wait for the court again. In one statement: there may be a year of them."""
    judged = _judged(versions)
    if since:
        judged = judged.filter(rung_at__gte=since)
    judged.update(judged_at=None, excused=False, untallied=True)


def _judged(versions: Collection[int]) -> QuerySet[Call]:
    return Call.objects.filter(conflict=True, rules_version__in=versions, judged_at__isnull=False)


def _judge(versions: Collection[int], *, at: datetime) -> None:
    """A first stretch at once, so that whoever asked sees it; the rounds of the sync do the others.

    After whatever transaction this stands in: thousands of calls would be locked until its end.
    """
    if versions:
        transaction.on_commit(partial(judge_due, at=at))
