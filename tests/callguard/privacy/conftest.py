"""Calls of a mirror with a client of every tier, with all that hangs on calls."""

from __future__ import annotations

import pytest
from django.utils import timezone

from callguard.calls import Ring, record_call
from callguard.models import Call, Comment, Decision, Dispute, Excuse, Ground
from tests.cast import (
    IVAN,
    MARINA,
    OLGA,
    mirror_synced,
    mirrored_company,
    mirrored_contact,
    mirrored_lead,
    mirrored_people,
)

RED, CONTACT, LEAD = "+79161234567", "+79032223344", "+79053334455"
SPELLING = "8 (916) 123-45-67"


@pytest.fixture
def clients(db):
    mirrored_people()
    romashka = mirrored_company("Ромашка", phone=RED, responsible=OLGA, status="В работе")
    mirrored_contact("Вера Одинцова", phone=CONTACT, responsible=OLGA, companies=[romashka])
    mirrored_lead(f"Звонок с {LEAD}", phone=LEAD, responsible=OLGA)
    mirror_synced()


def rung(call_id, phone, *, caller=IVAN, at=None):
    ring = Ring(call_id, phone, "outgoing")
    return record_call(ring, caller_id=caller.id, at=at or timezone.now(), language="ru")[0]


def talked_about(call: Call) -> None:
    """Everything that people and the program say of a call, the number in each."""
    now = timezone.now()
    Excuse.objects.create(
        call=call, ground=Ground.CALLED_BACK, noted_at=now,
        proof={"number": RED, "by": {"id": OLGA.id, "name": OLGA.name}},
    )  # fmt: skip
    Dispute.objects.create(
        call=call, by_id=call.caller_id, comment=f"Он звонил с {SPELLING}", evidence=SPELLING, at=now,
        told=[{"id": MARINA.id, "name": MARINA.name}],
    )  # fmt: skip
    Comment.objects.create(call=call, text=f"Перезвонить {SPELLING}", at=now, by_id=IVAN.id, by_name=IVAN.name)
    Decision.objects.create(
        call=call, excuses=True, words=f"С {SPELLING} звонил он", at=now, by_id=MARINA.id, by_name=MARINA.name
    )


def all_that_is_kept(calls) -> str:
    """As text, to be looked through."""
    rows = [*calls.values()]
    for model in (Excuse, Dispute, Comment, Decision):
        rows += model.objects.filter(call__in=calls).values()
    return str(rows)
