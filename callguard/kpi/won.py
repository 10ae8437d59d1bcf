"""Leads converted and deals won, whose they are, and which were won from a client taken over from a colleague.

A lead or deal is its responsible's of today, and of the day its stage moved last: a closed one does not move again.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from callguard.models import Takeover
from callguard.reports.question import Question
from callguard.tallies.days import DAY, beginning
from crm_mirror.models import Deal, EntityType, Lead

SUCCESS = "S"
Rows = QuerySet[Any]  # with what is reckoned for each row


def leads_converted(q: Question) -> Rows:
    """Leads, the newest first, as with all lists here."""
    return _succeeded(Lead.objects.filter(deleted_at=None), q)


def deals_won(q: Question) -> Rows:
    """Each with `taken`: whether it was won from a client whom its responsible had taken over before."""
    found: Rows = _succeeded(Deal.objects.filter(deleted_at=None), q).annotate(taken=_taken())
    return found


def deals_taken(q: Question) -> Rows:
    return deals_won(q).filter(taken=True)


def deals_kept(q: Question) -> Rows:
    return deals_won(q).filter(taken=False)


def _succeeded(rows: Rows, q: Question) -> Rows:
    """Newest first. A row that is older than our knowledge of stages counts where it was changed last."""
    days = {"gte": beginning(q.first), "lt": beginning(q.last + DAY)}
    moved, changed = (
        Q(**{f"{column}__{end}": moment for end, moment in days.items()}) for column in ("moved_at", "modified_at")
    )
    found = rows.filter(moved | Q(moved_at=None) & changed, semantic=SUCCESS, responsible_id__isnull=False)
    if q.people is not None:
        found = found.filter(responsible_id__in=q.people)
    dated: Rows = found.annotate(done_at=Coalesce("moved_at", "modified_at"))
    return dated.order_by("-done_at", "-portal_id")


def _taken() -> Exists:
    """A takeover that stands, after a conflict that blames; what is excused or not judged yet takes nothing away."""
    client = (
        Q(call__entity_type=EntityType.COMPANY, call__entity_id=OuterRef("company_id"))
        | Q(call__entity_type=EntityType.COMPANY, call__survivor_id=OuterRef("company_id"))
        | Q(call__entity_type=EntityType.CONTACT, call__entity_id=OuterRef("contact_id"))
        | Q(call__entity_type=EntityType.CONTACT, call__survivor_id=OuterRef("contact_id"))
    )
    return Exists(
        Takeover.objects.filter(
            client,
            to_id=OuterRef("responsible_id"),
            moved_at__lte=OuterRef("done_at"),
            undone_at=None,
            call__judged_at__isnull=False,
            call__excused=False,
        )
    )
