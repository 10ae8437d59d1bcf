"""Calls of hours ago, what happened around them, and what is found: for tests that judge."""

from __future__ import annotations

from datetime import datetime, timedelta
from html import unescape
from itertools import count
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from callguard.answer import Terms
from callguard.calls import Ring, end_call, record_call
from callguard.fairness.judge import judge_again
from callguard.fairness.words import explain
from callguard.feed import read_all
from callguard.models import Account, Call, Excuse
from crm_mirror.models import Change, SyncCursor
from crm_mirror.sync import news
from crm_mirror.sync.telephony import note_ended
from crm_mirror.sync.writer import writing
from tests.cast import IVAN, Person, mirror_synced

PHONE = "8 (916) 123-45-67"
NUMBER = "+79161234567"
TERMS = Terms(portal_origin="https://portal.example")
FRESH = timedelta(minutes=1)
LONG_AGO = timedelta(hours=3)  # every reach of the seeded grounds is over

_call_ids = count(1)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def rung(
    *,
    by: Person = IVAN,
    phone: str = PHONE,
    direction: str = "outgoing",
    ago: timedelta = LONG_AGO,
    mirror_age: timedelta | dict[str, timedelta] | None = FRESH,
    terms: Terms = TERMS,
    call_id: str = "",
) -> Call:
    """A call on record, under a mirror of that age (kinds that are older by name; None: it is as it is); then the
    mirror is brought up to date."""
    at = timezone.now() - ago
    if mirror_age is not None:
        mirror_synced(at - (mirror_age if isinstance(mirror_age, timedelta) else FRESH))
    for kind, age in mirror_age.items() if isinstance(mirror_age, dict) else ():
        SyncCursor.objects.filter(kind=kind).update(true_at=at - age)
    ring = Ring(call_id or f"call-{next(_call_ids)}", phone, direction)
    call = record_call(ring, caller_id=by.id, at=at, language="ru", terms=terms)[0]
    mirror_synced()
    return call


def judged_in_time(call: Call) -> Call:
    """An old call as if it had been judged when its facts were in; the next judgement is no first one."""
    Call.objects.filter(pk=call.pk).update(judged_at=call.rung_at + LONG_AGO)
    judge_again([call], at=timezone.now())
    return call


def hung_up(call: Call, *, answered: bool = True) -> None:
    end_call(call.call_id, caller_id=call.caller_id, answered=answered, duration=60, at=call.rung_at + minutes(2))


def telephony(call_id: str, *, type_: int, at: datetime, phone: str = NUMBER, by: Person = IVAN) -> None:
    """The end of a call as the portal's statistics tell it."""
    row = {
        "CALL_ID": call_id,
        "CALL_TYPE": str(type_),
        "PHONE_NUMBER": phone,
        "CALL_FAILED_CODE": "200",
        "CALL_DURATION": "60",
        "PORTAL_USER_ID": str(by.id),
        "CALL_START_DATE": at.isoformat(),
    }
    note_ended(row, by_statistics=True, at=timezone.now())


def changed(
    portal_id: int,
    *,
    kind: str = "company",
    at: datetime | None = None,
    seen: datetime | None = None,
    by: Person | None = None,
    what: str = Change.What.UPDATED,
    echo_of: int | None = None,
    **facts: Any,
) -> None:
    """The feed tells of a change: made `at` by the portal's word (None: it has none), `seen` then or now."""
    change = Change(
        at=seen or at or timezone.now(),
        kind=kind,
        portal_id=str(portal_id),
        what=what,
        facts=facts,
        by_id=by.id if by else None,
        modified_at=at,
        source="event",
        echo_of=echo_of,
    )
    with writing():
        news.tell([change])


def judged(call: Call) -> Call:
    """After a round of the feed."""
    read_all()
    return Call.objects.get(pk=call.pk)


def proofs(call: Call, language: str = "ru") -> dict[str, str]:
    """What the page says, by ground."""
    return {excuse.ground: explain(excuse, language) for excuse in Excuse.objects.filter(call=call)}


def acquitted(call: Call, ground: str) -> str:
    """The proof of the ground, in Russian, of a call that is excused; the page of the call says the same."""
    assert state(call) == "excused"
    proof = proofs(call)[ground]
    reader, _is_new = Account.objects.get_or_create(username="reader", is_staff=True, is_superuser=True)
    browser = Client(headers={"accept-language": "ru"})
    browser.force_login(reader)
    page = browser.get(reverse("dashboard:conflict", args=[call.pk]))
    assert proof in unescape(page.text)
    return proof


def blamed(call: Call) -> bool:
    """Whether nothing excuses it, ten grounds looked for."""
    return state(call) == "blamed" and not proofs(call)


def state(call: Call) -> str:
    """After a round of the feed: pending, excused or blamed."""
    now = judged(call)
    if now.judged_at is None:
        return "pending"
    return "excused" if now.excused else "blamed"
