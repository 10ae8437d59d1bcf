"""Disputes: the caller says "this is my client", and whoever manages him hears of it in the portal."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from callguard.access.actors import NamedStructure, structure
from callguard.access.managers import Scope, managers_of
from callguard.calls import CallNotFound
from callguard.models import Call, Dispute
from callguard.status.notices import NO_CODE, notification_to
from crm_mirror import outbox


@transaction.atomic
def dispute(call_id: str, *, caller_id: int, comment: str, at: datetime) -> Dispute:
    """Note what the caller says of his call and tell who manages him; the same words again change nothing.

    Raises CallNotFound for calls of others too.
    """
    call = Call.objects.filter(call_id=call_id, caller_id=caller_id).first()
    if call is None:
        raise CallNotFound(call_id)
    said, is_new = Dispute.objects.get_or_create(call=call, comment=comment, defaults={"by_id": caller_id, "at": at})
    if is_new:
        company = structure()
        said.told = [{"id": one, "name": company.names[one]} for one in sorted(judges_of(caller_id, company))]
        said.save(update_fields=["told"])
        with translation.override(settings.LANGUAGE_CODE):  # who reads it is not who asks
            message = words(said, company.names.get(caller_id) or f"ID {caller_id}")
        tag = f"CALLGUARD|DISPUTE|{said.pk}"
        people = [person["id"] for person in said.told]
        outbox.enqueue_all([notification_to(one, message, tag=f"{tag}|{one}", at=at) for one in people])
    return said


def judges_of(caller_id: int, company: NamedStructure) -> frozenset[int]:
    """Who hears of his disputes: his managers; where he has none, the administrators we know. Never he himself."""
    managers = managers_of(caller_id, company, Scope(settings.SUPERVISOR_SCOPE))
    return (managers or company.administrators) - {caller_id}


def words(said: Dispute, who: str) -> str:
    """What the managers read, in BB code; the facts are those of ring time."""
    verdict = said.call.verdict
    facts = {
        "who": who.translate(NO_CODE),
        "client": client(verdict.get("entity")) or said.call.number,
        "responsible": ((verdict.get("responsible") or {}).get("name") or "–").translate(NO_CODE),
        "comment": said.comment.translate(NO_CODE),
    }
    message = _("%(who)s says “this is my client”: %(client)s. Responsible in the CRM: %(responsible)s.") % facts
    return message + " " + _("Comment: %(comment)s") % facts if said.comment else message


def client(entity: dict[str, str] | None) -> str:
    """The entity's title, a link to its page where there is one; "" of nobody."""
    if not entity:
        return ""
    title = (entity["title"] or f"ID {entity['id']}").translate(NO_CODE)
    return f"[URL={entity['url']}]{title}[/URL]" if entity.get("url") else title
