"""A mirror with a client of every tier, and a draft that says something new."""

from __future__ import annotations

import pytest
from django.utils import timezone

from callguard import rules
from callguard.calls import Ring, record_call
from callguard.models import Account, Call
from callguard.workshop import drafts
from tests.cast import IVAN, OLGA, mirror_synced, mirrored_company, mirrored_contact, mirrored_lead, mirrored_people

RED, YELLOW, CONTACT, LEAD = "+79161234567", "+74952001020", "+79032223344", "+79053334455"


@pytest.fixture
def root(db: None) -> Account:
    return Account.objects.create(username="root", is_staff=True, is_superuser=True)


@pytest.fixture
def clients(db: None) -> None:
    mirrored_people()
    mirrored_company("Ромашка", phone=RED, responsible=OLGA, status="В работе")
    mirrored_company("Вектор", phone=YELLOW, responsible=OLGA, status="В обработке")
    mirrored_contact("Вера", phone=CONTACT, responsible=OLGA)
    mirrored_lead("Коттедж", phone=LEAD, responsible=OLGA)
    mirror_synced()


def rung(call_id: str, phone: str, *, caller: int = IVAN.id, direction: str = "outgoing") -> Call:
    call, _new = record_call(Ring(call_id, phone, direction), caller_id=caller, at=timezone.now(), language="ru")
    return call


def edited(**colours: str | None) -> list[dict]:
    """The rules in force with other colours: edited(company_В_работе="yellow"), edited(lead_any=None)."""
    rows = rules.in_force()
    for name, colour in colours.items():
        row = next(row for row in rows if name == f"{row['tier']}_{(row['status'] or row['match']).replace(' ', '_')}")
        row["palette"] = colour
    return rows


def drafted(by: Account, **colours: str | None) -> int:
    """A draft with these colours; its revision."""
    drafts.save(edited(**colours), revision=None, by=by, at=timezone.now())
    draft = drafts.current()
    assert draft
    return draft.revision
