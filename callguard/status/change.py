"""Setting a company's status: the one way there is, whoever sets it and from wherever.

The change goes out through the outbox, in one transaction with its history. What the portal says of it stands in the
call; the mirror follows when the change comes back through the feed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from callguard import history
from callguard.access.actors import Actor
from callguard.access.policies import may_change_status
from callguard.models import About, CompanyStatus, Origin
from crm_mirror import outbox
from crm_mirror.models import Company, OutboxCall, Status

PURPOSE = "status"


class NotAllowed(Exception):
    """The actor is neither the responsible's manager nor an administrator."""


class NoSuchStatus(Exception):
    """The portal does not know the status, or it is retired."""


def set_status(company: Company, value: str, *, by: Actor, origin: Origin, at: datetime) -> CompanyStatus:
    """Let the portal have this status (Status.value). Raises NotAllowed, NoSuchStatus; changes nothing then.

    Setting what the company has already settles a doubt about it and sends nothing.
    """
    if not may_change_status(by, company.responsible_id):
        raise NotAllowed(_("Only the responsible's manager and administrators change the status."))
    if not Status.objects.filter(value=value, in_portal=True, retired_at=None).exists():
        raise NoSuchStatus(_("There is no such status."))
    with transaction.atomic():
        standing, _new = CompanyStatus.objects.select_for_update().get_or_create(
            company_id=company.portal_id, defaults={"accepted": company.status_id, "accepted_at": at}
        )
        before = standing.accepted
        if company.status_id != value or standing.sent is not None:  # what is under way may put another one there
            standing.sent = send(company.portal_id, value, at=at)
        standing.accepted, standing.accepted_at, standing.flagged_at = value, at, None
        standing.save()
        history.note(
            About.STATUS,
            company.portal_id,
            before=before,
            after=value,
            by=by,
            origin=origin,
            at=at,
            title=company.title,
        )
    return standing


def send(company_id: int, value: str | None, *, at: datetime) -> OutboxCall:
    """Put the call in line, in the caller's transaction."""
    call = call_to_set(company_id, value, at=at)
    call.save(force_insert=True)
    return call


def call_to_set(
    company_id: int, value: str | None, *, at: datetime, instead_of: Iterable[str | None] = ()
) -> OutboxCall:
    """The call that sets a status, for outbox.enqueue_all. `instead_of`: only while the portal shows one of these.

    docs: api-reference/crm/companies/crm-company-update; REGISTER_SONET_EVENT = N keeps it out of people's news.
    """
    field = settings.BITRIX_STATUS_FIELD
    check: dict[str, Any] = {"method": "crm.company.get", "params": {"id": company_id}, "expect": {field: value or ""}}
    if expected := ["" if one is None else one for one in instead_of]:
        check["only_if"] = {field: expected}
    return outbox.call_to(
        entity=f"company:{company_id}",
        purpose=PURPOSE,
        method="crm.company.update",
        params={"id": company_id, "fields": {field: value or ""}, "params": {"REGISTER_SONET_EVENT": "N"}},
        check=check,
        at=at,
    )


def value_set_by(call: OutboxCall | None) -> str | None:
    """The status that a call of ours sets; None for none."""
    return (call.params["fields"].get(settings.BITRIX_STATUS_FIELD) if call else None) or None
