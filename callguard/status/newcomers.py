"""New companies begin with «В ожидании», whoever made them and whether or not we were running at that moment."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from callguard import history
from callguard.access.actors import Actor
from callguard.access.roles import Role
from callguard.models import About, CompanyStatus, Newcomer, Origin, Rule
from callguard.status.change import call_to_set
from crm_mirror import outbox
from crm_mirror.models import Company, Status

PROGRAM = Actor("Call Guard", Role.ADMINISTRATOR)
ROWS_AT_ONCE = 1000


def first_status() -> Status | None:
    """«В ожидании»: the status that a rule maps to no colour; of several the first in order. None: there is none."""
    waiting = Rule.objects.filter(palette=None, status__isnull=False).values("status")
    return Status.objects.filter(pk__in=waiting, in_portal=True, retired_at=None).order_by("sort", "id").first()


def welcome(company_ids: Collection[int], *, at: datetime) -> int:
    """Send the first status to those of the companies that have none; returns to how many. Inside a transaction.

    Once for each company: whoever has a CompanyStatus has been here. The portal is asked again before it is written
    (`instead_of`), so a status that somebody chose meanwhile stays. Five statements for up to a thousand companies.
    While there is no first status they wait (`welcome_late`); companies that were there before us never do.
    """
    newcomers = _without_status(company_ids) if company_ids else []
    status = first_status() if newcomers else None
    if status is None:
        waiting = [Newcomer(company_id=one.portal_id) for one in newcomers]
        Newcomer.objects.bulk_create(waiting, batch_size=ROWS_AT_ONCE, ignore_conflicts=True)
        return 0
    calls = [call_to_set(one.portal_id, status.value, at=at, instead_of=[None]) for one in newcomers]
    outbox.enqueue_all(calls)
    CompanyStatus.objects.bulk_create(
        (
            CompanyStatus(company_id=one.portal_id, accepted=status.value, accepted_at=at, sent=call)
            for one, call in zip(newcomers, calls, strict=True)
        ),
        batch_size=ROWS_AT_ONCE,
    )
    history.add(
        history.line(
            About.STATUS,
            one.portal_id,
            before=None,
            after=status.value,
            by=PROGRAM,
            origin=Origin.NEWCOMERS,
            at=at,
            title=one.title,
        )
        for one in newcomers
    )
    return len(newcomers)


def welcome_late(*, at: datetime) -> int:
    """Welcome those that came before there was a status to begin with; returns how many. One query for nobody."""
    total = 0
    while Newcomer.objects.exists() and first_status():
        total += _welcome_some(at=at)
    return total


@transaction.atomic
def _welcome_some(*, at: datetime) -> int:
    if first_status() is None:  # retired since: they go on waiting
        return 0
    rows = Newcomer.objects.select_for_update().order_by("company_id")[:ROWS_AT_ONCE]
    waiting = dict(rows.values_list("pk", "company_id"))
    welcomed = welcome(set(waiting.values()), at=at)
    Newcomer.objects.filter(pk__in=waiting).delete()
    return welcomed


def _without_status(company_ids: Collection[int]) -> list[Company]:
    """Those that exist, are clients and never had a status, by ID. One query."""
    known = CompanyStatus.objects.filter(company_id__in=company_ids).values("company_id")
    rows = Company.objects.live().filter(portal_id__in=company_ids, status=None, is_my_company=False)
    return list(rows.exclude(portal_id__in=known).order_by("portal_id"))
