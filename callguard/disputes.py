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
from callguard.models import About, Account, Call, Dispute, DisputeReason, DisputeState, Origin
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

    While it is open other words take the place of those before, and are heard anew; its deadline stays. After a
    decision whatever he says is a new dispute. Raises CallNotFound for calls of others too.
    """
    call = Call.objects.select_for_update().filter(call_id=call_id, caller_id=caller_id).first()
    if call is None:
        raise CallNotFound(call_id)
    sent = {"comment": comment, "reason": str(reason), "evidence": evidence, "link": link}
    before = Dispute.objects.filter(call=call, state=DisputeState.OPEN).select_related("call").first()
    if before and all(getattr(before, name) == value for name, value in sent.items()):
        return before
    said = (before and reworded(before, sent)) or raised(call, sent, at=at)
    company = structure()
    tell(said, judges_of(caller_id, company), words.raised, company, at=at)
    by = Actor(name_of(caller_id, company), Role.EMPLOYEE, caller_id)
    note(said, before if before and before.pk == said.pk else None, by=by, origin=origin, at=at)
    return said


def raised(call: Call, sent: dict[str, str], *, at: datetime) -> Dispute:
    due_at = deadline(at)
    return Dispute.objects.create(call=call, by_id=call.caller_id, at=at, due_at=due_at, remind_at=due_at, **sent)


def reworded(before: Dispute, sent: dict[str, str]) -> Dispute | None:
    """The open dispute in other words; None: it was decided meanwhile."""
    if not Dispute.objects.filter(pk=before.pk, state=DisputeState.OPEN).update(**sent):
        return None
    return Dispute.objects.select_related("call").get(pk=before.pk)


def note(said: Dispute, before: Dispute | None, *, by: Actor, origin: Origin, at: datetime) -> None:
    """Which dispute and why. Its words stay in its row alone, where they are masked and erased."""
    history.note(
        About.CONFLICT,
        said.call_id,
        before={"dispute": str(before.state), "reason": str(before.reason)} if before else {"dispute": None},
        after={"dispute": str(said.state), "reason": str(said.reason), "pk": said.pk},
        by=by,
        origin=origin,
        at=at,
        title=said.call.call_id,
    )


def judges_of(caller_id: int, company: NamedStructure) -> frozenset[int]:
    """Who hears of his disputes: his managers; where he has none, the administrators. Never he himself."""
    managers = managers_of(caller_id, company, Scope(settings.SUPERVISOR_SCOPE)) - {caller_id}
    return managers or administrators_for(caller_id, company)


def administrators_for(caller_id: int, company: NamedStructure) -> frozenset[int]:
    """Those of the portal but he himself; where none is known, the employees behind our superuser accounts."""
    if known := company.administrators - {caller_id}:
        return known
    accounts = Account.objects.filter(is_superuser=True, is_active=True, employee__isnull=False)
    ours = frozenset(accounts.values_list("employee_id", flat=True)) - {caller_id}
    return frozenset(one for one in ours if one in company.people and company.people[one].works_here)


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
    """False: another process has done it, it was decided meanwhile, or there is nobody to hear it.

    Then nobody counts as reminded: the list shows it as overdue, and the next working day somebody is looked for anew.
    """
    is_first, seen = said.reminded_at is None, said.remind_at
    people = judges_of(said.by_id, company) if is_first else administrators_for(said.by_id, company)
    if not people:
        said.remind_at = working_days_after(at, 1, get_default_timezone())
    elif is_first:
        said.reminded_at, said.remind_at = at, deadline(said.at, times=2)
    else:
        said.escalated_at, said.remind_at = at, None
    moved = {name: getattr(said, name) for name in ("reminded_at", "escalated_at", "remind_at")}
    if not Dispute.objects.filter(pk=said.pk, state=DisputeState.OPEN, remind_at=seen).update(**moved):
        return False
    tell(said, people, words.reminder if is_first else words.escalation, company, at=at)
    return bool(people)


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
