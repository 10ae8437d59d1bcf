"""The switches of the grounds: turned here, with all that follows from it for conflicts judged already."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from callguard import history
from callguard.access.actors import Actor
from callguard.fairness.judge import settle_all_with
from callguard.fairness.kept import feed_remembers_since
from callguard.models import About, Call, Excuse, ExcuseRule, Ground, Origin

WITH_REACH = frozenset({Ground.JUST_CHANGED, Ground.CALLED_BACK})
LONGEST_REACH = 24 * 60  # minutes: what happened a day before the oldest call that can be judged anew is remembered


@transaction.atomic
def turn(rule: ExcuseRule, *, by: Actor, at: datetime) -> None:
    """Save the switch as it is now. Another reach: what can still be looked up is judged anew, in the next rounds."""
    stored = ExcuseRule.objects.select_for_update().get(pk=rule.pk)
    rule.save()
    title = Ground(rule.ground).label
    facts: dict[str, Any] = {"by": by, "origin": Origin.ADMIN, "at": at, "title": str(title)}
    history.note(About.EXCUSE, rule.ground, before=facts_of(stored), after=facts_of(rule), **facts)
    if stored.minutes != rule.minutes:
        _judge_anew(at=at)
    if stored.enabled != rule.enabled:
        settle_all_with(rule.ground)


def facts_of(rule: ExcuseRule) -> dict[str, Any]:
    return {"enabled": rule.enabled, "minutes": rule.minutes}


def _judge_anew(*, at: datetime) -> None:
    """Pending again, and nobody is blamed until the feed's next rounds have judged them (judge.judge_due)."""
    decided = Excuse.objects.filter(call=OuterRef("pk"), ground=Ground.DECISION)
    judged = Call.objects.filter(conflict=True, judged_at__isnull=False, rung_at__gte=feed_remembers_since(at))
    judged.filter(~Exists(decided)).update(judged_at=None, excused=False, untallied=True)
