"""Personal data of one person erased: of a subscriber by number, of an employee who has left.

What the portal keeps comes back with the next sync, so there it is erased first. History is append-only and stays:
it answers for what was decided.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

from axes.models import AccessAttempt
from django.db import transaction
from django.db.models import Q, QuerySet

from callguard.access.actors import Actor
from callguard.masks import masked
from callguard.models import (
    AccessLog,
    Account,
    Call,
    Comment,
    Decision,
    DigestChoice,
    Dispute,
    Excuse,
    KnownRole,
    Letter,
    Notice,
    Origin,
)
from callguard.privacy.files import noted
from callguard.privacy.rewriting import (
    GONE,
    HANGING,
    in_stretches,
    mask_calls,
    nameless,
    persons_in,
    replaced,
    rewrite_calls,
    rewrite_rows,
    without_names,
    without_person,
)
from crm_mirror.models import Employee, EndedCall


class StillHere(Exception):
    """The employee works here: his calls are still being recorded and decided on."""


# --- A subscriber ----------------------------------------------------------------------------------------------------
def erase_number(number: str, *, by: Actor, origin: Origin, at: datetime) -> int:
    """Mask the number (E.164) wherever calls keep it, and star out the private people behind it; how many calls."""
    done = in_stretches(Call.objects.filter(number=number), _unknown)
    noted(masked(number), "erased", by=by, origin=origin, at=at)
    return done


def _unknown(calls: list[Call]) -> None:
    EndedCall.objects.filter(call_id__in=[call.call_id for call in calls]).delete()
    for call in calls:
        names = persons_in(call)
        rewrite_calls([call], partial(without_names, names=names))
    mask_calls(calls)


# --- An employee -----------------------------------------------------------------------------------------------------
def erase_employee(portal_id: int, *, by: Actor, origin: Origin, at: datetime) -> int:
    """His account and his words go, his name becomes his ID; his calls stay as calls of that ID. How many there were.

    Raises StillHere for whoever works here.
    """
    if Employee.objects.filter(portal_id=portal_id, active=True, deleted_at=None).exists():
        raise StillHere(portal_id)
    name = Employee.objects.filter(portal_id=portal_id).values_list("name", flat=True).first() or ""
    in_stretches(_naming(portal_id), partial(_unname, portal_id=portal_id, name=name))
    with transaction.atomic():
        _erase_words(portal_id)
        _erase_account(portal_id)
        noted(portal_id, "erased", by=by, origin=origin, at=at)
    return Call.objects.filter(caller_id=portal_id).count()


def _naming(portal_id: int) -> QuerySet[Call]:
    """Calls whose facts may name him: as responsible, beside another one, or as a contact's."""
    return Call.objects.filter(
        Q(responsible_id=portal_id) | Q(caller_id=portal_id) | Q(contested=True) | Q(tier="company_contact")
    )


def _unname(calls: list[Call], *, portal_id: int, name: str) -> None:
    rewrite_calls(calls, partial(without_person, portal_id=portal_id))
    for call in calls:
        if name and call.responsible_id == portal_id:
            call.verdict["message"] = replaced(call.verdict.get("message", ""), [name], nameless(portal_id))
    Call.objects.bulk_update(calls, ["verdict"])


def _erase_words(portal_id: int) -> None:
    """What he wrote, and his name beside what he decided or opened."""
    Dispute.objects.filter(by_id=portal_id).update(comment=GONE, evidence="", link="")
    Comment.objects.filter(by_id=portal_id).update(text=GONE, by_name=nameless(portal_id))
    Decision.objects.filter(by_id=portal_id).update(by_name=nameless(portal_id))
    Dispute.objects.filter(decided_by_id=portal_id).update(decided_by_name=nameless(portal_id))
    AccessLog.objects.filter(reader_id=portal_id).update(reader_name=nameless(portal_id))
    for model in (Excuse, Dispute):
        columns = [column for column in HANGING[model] if column in ("proof", "told")]
        rewrite_rows(model._default_manager.iterator(), columns, partial(without_person, portal_id=portal_id))


def _erase_account(portal_id: int) -> None:
    accounts = Account.objects.filter(employee_id=portal_id)
    AccessAttempt.objects.filter(username__in=list(accounts.values_list("username", flat=True))).delete()
    accounts.delete()
    for model in (KnownRole, Letter, Notice, DigestChoice):
        model._default_manager.filter(employee_id=portal_id).delete()
