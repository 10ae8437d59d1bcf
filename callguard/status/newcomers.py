"""New companies begin with «В ожидании», whoever made them and whether or not we were running at that moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from callguard import history
from callguard.access.actors import Actor
from callguard.access.roles import Role
from callguard.models import About, CompanyStatus, Origin, Rule
from callguard.status.change import send
from crm_mirror.models import Company, Status

PROGRAM = Actor("Call Guard", Role.ADMINISTRATOR)


def first_status() -> Status | None:
    """«В ожидании»: the status that a rule maps to no colour; of several the first in order. None when there is none."""
    waiting = Rule.objects.filter(palette=None, status__isnull=False).values("status")
    return Status.objects.filter(pk__in=waiting, in_portal=True, retired_at=None).order_by("sort", "id").first()


def welcome(company_ids: Iterable[int], *, at: datetime) -> int:
    """Send the first status to those of the companies that have none; returns to how many. Inside a transaction.

    Once for each company: whoever has a CompanyStatus has been here. The portal is asked again before it is written
    (`instead_of`), so a status that somebody chose meanwhile stays.
    """
    status = first_status()
    if status is None:
        return 0
    known = CompanyStatus.objects.values("company_id")
    rows = Company.objects.live().filter(portal_id__in=list(company_ids), status=None, is_my_company=False)
    newcomers = list(rows.exclude(portal_id__in=known).order_by("portal_id"))
    for company in newcomers:
        sent = send(company.portal_id, status.value, at=at, instead_of=[None])
        CompanyStatus.objects.create(company_id=company.portal_id, accepted=status.value, accepted_at=at, sent=sent)
        history.note(
            About.STATUS,
            company.portal_id,
            before=None,
            after=status.value,
            by=PROGRAM,
            origin=Origin.NEWCOMERS,
            at=at,
            title=company.title,
        )
    return len(newcomers)
