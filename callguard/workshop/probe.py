"""Which rules a number is tried under: those of a day, or the draft's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from callguard.models import RuleSetVersion
from callguard.rule_words import name_of
from callguard.verdict import RuleSet
from callguard.workshop import drafts
from callguard.workshop.sets import Reference, Row


@dataclass(frozen=True)
class Chosen:
    """`lost`: rules, in words, that cannot be followed any more."""

    rules: RuleSet
    lost: list[str]
    is_draft: bool = False


def chosen_rules(*, day: date | None, by_draft: bool) -> Chosen | None:
    """None: the rules in force. A draft that is gone meanwhile is as good as none."""
    if by_draft and (draft := drafts.current()):
        return _chosen(draft.rules, draft.based_on, is_draft=True)
    version = day and version_on(day)
    return _chosen(version.rules, version.version) if version else None


def version_on(day: date) -> RuleSetVersion | None:
    """The last that was published until the end of that day; of days before all versions, the first."""
    end = timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))
    until = RuleSetVersion.objects.filter(published_at__lt=end).order_by("-version").first()
    return until or RuleSetVersion.objects.order_by("version").first()


def _chosen(rows: list[Row], version: int, *, is_draft: bool = False) -> Chosen:
    reference = Reference.now()
    lost = [name_of(row) for row in reference.lost(rows)]
    return Chosen(reference.rule_set(rows, version), lost, is_draft)
