"""Disputes: the caller says "this is my client"; whoever manages him hears of it, and is reminded until he decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.timezone import get_default_timezone

from callguard import dispute_words as words
from callguard import history
from callguard.access.actors import Actor, NamedStructure, structure
from callguard.access.managers import Scope, managers_of
from callguard.access.roles import Role
from callguard.calls import CallNotFound
from callguard.models import About, Call, Dispute, DisputeReason, DisputeState, Origin
from callguard.status.notices import notification_to
from callguard.workdays import working_days_after
from crm_mirror import outbox

AT_ONCE = 200  # reminders of one round


@transaction.atomic
def dispute(
    call_id: str,
    *,
    caller_id: int,
    comment: str,
    at: datetime,
    reason: str = DisputeReason.MINE,
    evidence: str = "",
    link: str = "",
    origin: Origin = Origin.API,
) -> Dispute:
    """Note what the caller says of his call and tell who manages him; the same words again change nothing.

    Raises CallNotFound for calls of others too.
    """
    call = Call.objects.filter(call_id=call_id, caller_id=caller_id).first()
    if call is None:
        raise CallNotFound(call_id)
    due_at = deadline(at)
    facts = {"by_id": caller_id, "at": at, "reason": reason, "evidence": evidence, "link": link}
    said, is_new = Dispute.objects.get_or_create(
        call=call, comment=comment, defaults={**facts, "due_at": due_at, "remind_at": due_at}
    )
    if is_new:
        company = structure()
        tell(said, judges_of(caller_id, company), words.raised, company, at=at)
        note(said, by=Actor(name_of(caller_id, company), Role.EMPLOYEE, caller_id), origin=origin, at=at)
    return said


def note(said: Dispute, *, by: Actor, origin: Origin, at: datetime) -> None:
    history.note(
        About.CONFLICT,
        said.call_id,
        before={"dispute": None},
        after={"dispute": str(said.state), "reason": str(said.reason), "words": said.comment},
        by=by,
        origin=origin,
        at=at,
        title=said.call.call_id,
    )


def judges_of(caller_id: int, company: NamedStructure) -> frozenset[int]:
    """Who hears of his disputes: his managers; where he has none, the administrators we know. Never he himself."""
    managers = managers_of(caller_id, company, Scope(settings.SUPERVISOR_SCOPE))
    return (managers or company.administrators) - {caller_id}


def deadline(at: datetime, times: int = 1) -> datetime:
    """By when it is to be decided; `times` 2: when administrators hear that it was not."""
    return working_days_after(at, settings.DISPUTE_DAYS * times, get_default_timezone())


# --- Reminders -------------------------------------------------------------------------------------------------------
def remind(*, at: datetime) -> int:
    """Remind of what is past its deadline, and pass on what is past twice that; how many. One query when none is."""
    due = list(Dispute.objects.filter(remind_at__lte=at).select_related("call").order_by("remind_at", "id")[:AT_ONCE])
    if not due:
        return 0
    company = structure()
    return sum(remind_of(said, company, at=at) for said in due)


@transaction.atomic
def remind_of(said: Dispute, company: NamedStructure, *, at: datetime) -> bool:
    """False: another process has done it, or it was decided meanwhile."""
    is_first, seen = said.reminded_at is None, said.remind_at
    if is_first:
        said.reminded_at, said.remind_at = at, deadline(said.at, times=2)
    else:
        said.escalated_at, said.remind_at = at, None
    moved = {name: getattr(said, name) for name in ("reminded_at", "escalated_at", "remind_at")}
    if not Dispute.objects.filter(pk=said.pk, state=DisputeState.OPEN, remind_at=seen).update(**moved):
        return False
    if is_first:
        tell(said, judges_of(said.by_id, company), words.reminder, company, at=at)
    else:
        tell(said, company.administrators - {said.by_id}, words.escalation, company, at=at)
    return True


# --- Telling people --------------------------------------------------------------------------------------------------
def tell(
    said: Dispute,
    people: Iterable[int],
    sentence: Callable[[Dispute, str], str],
    company: NamedStructure,
    *,
    at: datetime,
) -> None:
    """A notice to each through the outbox, a later one in the place of the one before; kept is who was told."""
    with translation.override(settings.LANGUAGE_CODE):  # who reads it is not who asks
        message = sentence(said, name_of(said.by_id, company))
    told, known = sorted(people), {person["id"] for person in said.told}
    tag = f"CALLGUARD|DISPUTE|{said.pk}"
    outbox.enqueue_all([notification_to(one, message, tag=f"{tag}|{one}", at=at) for one in told])
    said.told = said.told + [{"id": one, "name": company.names[one]} for one in told if one not in known]
    said.save(update_fields=["told"])


def name_of(employee_id: int, company: NamedStructure) -> str:
    return company.names.get(employee_id) or f"ID {employee_id}"
