"""Disputes: noted once, and heard by whoever manages the caller."""

from __future__ import annotations

import pytest
from django.utils import timezone

from callguard.calls import CallNotFound, Ring, record_call
from callguard.disputes import dispute
from callguard.models import Dispute
from crm_mirror.models import Company, Department, Employee, OutboxCall
from tests.cast import BORIS, IVAN, MARINA, OLGA, PAVEL, SALES, mirror_synced, mirrored_company, mirrored_people

pytestmark = pytest.mark.django_db
PHONE = "8 (916) 123-45-67"


@pytest.fixture(autouse=True)
def mirror(db):
    mirrored_people()
    mirror_synced()
    mirrored_company("ООО «Ромашка»", phone=PHONE, responsible=OLGA, status="В работе", id=5)


def rung(call_id="c1", *, by=IVAN):
    return record_call(Ring(call_id, PHONE, "outgoing"), caller_id=by.id, at=timezone.now(), language="ru")[0]


def said(comment="", *, by=IVAN, call_id="c1"):
    return dispute(call_id, caller_id=by.id, comment=comment, at=timezone.now())


def heard():
    return [call.params["USER_ID"] for call in OutboxCall.objects.order_by("id")]


def test_the_callers_manager_hears_who_says_what_of_which_client():
    rung()
    assert said("Веду его с мая").told == [{"id": MARINA.id, "name": MARINA.name}]
    call = OutboxCall.objects.get()
    assert (call.method, call.params["USER_ID"], call.purpose) == ("im.notify.system.add", MARINA.id, "notice")
    for word in (IVAN.name, "ООО «Ромашка»", OLGA.name, "Веду его с мая"):
        assert word in call.params["MESSAGE"]


def test_the_same_words_again_are_heard_once():
    rung()
    first = said("Мой")
    assert said("Мой") == first
    assert said("Мой, честно") != first
    assert heard() == [MARINA.id, MARINA.id]
    assert len({call.params["TAG"] for call in OutboxCall.objects.all()}) == 2


@pytest.mark.parametrize("call_id", ["c1", "c2"])
def test_only_ones_own_call_is_disputed(call_id):
    rung(by=OLGA)
    with pytest.raises(CallNotFound):
        said(call_id=call_id)
    assert not Dispute.objects.exists()
    assert heard() == []


def test_every_manager_of_several_departments_hears():
    Employee.objects.filter(portal_id=IVAN.id).update(department_ids=[SALES, 30])
    rung()
    said()
    assert heard() == [MARINA.id, BORIS.id]


def test_nobody_hears_his_own_dispute_but_the_administrators_do_where_nobody_manages_him():
    Employee.objects.filter(portal_id__in=[BORIS.id, MARINA.id]).update(is_portal_admin=True)
    rung(by=MARINA)
    said(by=MARINA)
    assert heard() == [BORIS.id]


def test_a_dismissed_administrator_hears_nothing():
    Employee.objects.filter(portal_id=PAVEL.id).update(is_portal_admin=True)
    Department.objects.update(head_id=None)
    rung()
    assert said().told == []
    assert heard() == []


def test_words_of_people_are_words_and_no_links():
    Company.objects.update(title="[URL=https://evil.example]Ромашка[/URL]")
    rung()
    said("[URL=https://evil.example]сюда[/URL]")
    assert "[URL=https://evil.example]" not in OutboxCall.objects.get().params["MESSAGE"]


def test_the_facts_are_those_of_the_call_and_not_of_today():
    rung()
    Company.objects.update(responsible_id=BORIS.id)
    said()
    assert OLGA.name in OutboxCall.objects.get().params["MESSAGE"]
