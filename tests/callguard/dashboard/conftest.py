"""Browsers of an administrator, of Marina who heads Olga and Ivan, of Boris who heads others, and of Ivan himself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from callguard.models import Account, Excuse, Ground
from tests.callguard.fairness.court import PHONE
from tests.callguard.reports.made import made_call
from tests.cast import BORIS, IVAN, MARINA, OLGA, PAVEL, Person, mirror_synced, mirrored_company, mirrored_people


@pytest.fixture
def people(db: None) -> None:
    mirrored_people()
    mirror_synced()


def browser_of(person: Person | None, language: str = "en") -> Client:
    """None: of a superuser."""
    name = person.name if person else "root"
    account, _new = Account.objects.get_or_create(
        username=name,
        defaults={"is_staff": True, "is_superuser": person is None, "employee_id": person and person.id},
    )
    client = Client(headers={"accept-language": language})
    client.force_login(account)
    return client


@pytest.fixture
def root(people: None) -> Client:
    return browser_of(None)


@pytest.fixture
def marina(people: None) -> Client:
    return browser_of(MARINA)


@pytest.fixture
def boris(people: None) -> Client:
    return browser_of(BORIS)


@pytest.fixture
def ivan(people: None) -> Client:
    return browser_of(IVAN)


@pytest.fixture
def romashka(people):
    return mirrored_company("ООО «Ромашка»", phone=PHONE, responsible=OLGA, status="В работе", id=5)


@pytest.fixture
def browser(db) -> Callable[..., Client]:
    """browser(person, language=…): signed in with his portal account; English unless told otherwise."""
    return browser_of


@pytest.fixture
def superuser(db) -> Client:
    """Without a person in the portal."""
    return browser_of(None)


@pytest.fixture
def conflicts(people: None) -> None:
    """Of Ivan about Olga's client: two blamed, of which one heeded and one a takeover; one excused, one pending. One
    of Pavel, Boris' man. Last month's one of Ivan's. And a call that is none.
    """
    now = timezone.now()
    judged = {"rung_at": now - timedelta(hours=3), "judged_at": now}
    verdict = {
        "entity": {"id": 5, "title": "=Ромашка"},
        "responsible": {"id": OLGA.id, "name": OLGA.name},
        "status": {"id": "IN_WORK", "name": "В работе"},
    }
    common = {"verdict": verdict, "entity_type": "company", "entity_id": 5}
    made_call(**common | judged | {"answered": False, "call_id": "heeded"})
    made_call(**common | judged | {"answered": True, "taken_over": True, "duration": 61, "call_id": "taken"})
    excused = made_call(**common | judged | {"answered": True, "excused": True, "call_id": "excused"})
    Excuse.objects.create(call=excused, ground=Ground.CONTESTED, noted_at=now)
    made_call(**common | {"rung_at": now - timedelta(hours=2), "call_id": "pending"})
    made_call(**common | judged | {"caller_id": PAVEL.id, "answered": True, "call_id": "pavels"})
    made_call(**common | judged | {"rung_at": now - timedelta(days=40), "call_id": "last month", "answered": True})
    made_call(rung_at=now - timedelta(hours=1), conflict=False, direction="incoming", call_id="none", contested=True)
