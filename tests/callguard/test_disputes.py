"""Disputes: noted once, and heard by whoever manages the caller."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from callguard.calls import CallNotFound, Ring, record_call
from callguard.disputes import dispute, remind
from callguard.feed import read_all
from callguard.models import Account, Dispute, History
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
    assert heard() == [MARINA.id]
    assert History.objects.filter(about="conflict").count() == 1


@pytest.mark.parametrize(
    "more", [{"reason": "contact"}, {"evidence": "Письмо"}, {"link": "https://portal.example/1"}, {"comment": "Мой"}]
)
def test_other_words_take_the_place_of_those_of_the_open_one_and_are_heard(more):
    rung()
    first = said()
    again = dispute("c1", caller_id=IVAN.id, at=timezone.now(), **{"comment": ""} | more)
    assert (again, again.due_at) == (first, first.due_at)
    assert Dispute.objects.filter(**more).count() == 1
    assert heard() == [MARINA.id, MARINA.id]
    line = History.objects.filter(about="conflict").latest("id")
    assert (line.before["dispute"], line.after["pk"]) == ("open", first.pk)


def test_after_a_decision_the_same_words_are_a_new_dispute():
    rung()
    first = said("Мой")
    Dispute.objects.update(state="rejected")
    assert said("Мой") != first
    assert heard() == [MARINA.id, MARINA.id]


def test_the_history_keeps_no_words_of_people():
    rung()
    said("Звоню на +7 916 123-45-67")
    assert "916" not in str(History.objects.get(about="conflict").after)


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


def an_account(of, **facts):
    return Account.objects.create(username=str(of.id), employee_id=of.id, is_superuser=True, **facts)


def test_where_no_administrator_of_the_portal_is_known_those_of_ours_hear():
    Department.objects.update(head_id=None)
    an_account(BORIS)
    an_account(OLGA, is_active=False)
    an_account(PAVEL)  # dismissed
    an_account(IVAN)
    rung()
    said()
    assert heard() == [BORIS.id]


# --- Deadlines -------------------------------------------------------------------------------------------------------
TUESDAY = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


def said_on_tuesday():
    rung()
    return dispute("c1", caller_id=IVAN.id, comment="Мой", at=TUESDAY)


def messages():
    return [call.params["MESSAGE"] for call in OutboxCall.objects.order_by("id")]


def test_three_working_days_are_given_and_said(settings):
    settings.PUBLIC_URL = "https://guard.example"
    said = said_on_tuesday()
    assert said.due_at == TUESDAY + timedelta(days=3)
    assert "06.03.2026" in messages()[0]
    assert f"https://guard.example/dashboard/conflicts/{said.call_id}/" in messages()[0]


def test_nobody_is_reminded_before_the_deadline():
    said_on_tuesday()
    assert remind(at=TUESDAY + timedelta(days=2, hours=23)) == 0
    assert len(heard()) == 1


def test_who_did_not_decide_is_reminded_once_and_then_administrators_hear_of_it():
    Employee.objects.filter(portal_id=BORIS.id).update(is_portal_admin=True)
    said_on_tuesday()
    assert remind(at=TUESDAY + timedelta(days=3)) == 1
    assert remind(at=TUESDAY + timedelta(days=4)) == 0
    assert heard() == [MARINA.id, MARINA.id]
    assert remind(at=TUESDAY + timedelta(days=8)) == 1  # six working days
    assert remind(at=TUESDAY + timedelta(days=80)) == 0
    assert heard() == [MARINA.id, MARINA.id, BORIS.id]
    assert MARINA.name in messages()[-1]
    said = Dispute.objects.get()
    assert [person["id"] for person in said.told] == [MARINA.id, BORIS.id]
    assert (said.reminded_at, said.escalated_at) == (TUESDAY + timedelta(days=3), TUESDAY + timedelta(days=8))


def test_what_nobody_can_hear_of_is_passed_on_to_nobody_until_somebody_can():
    said_on_tuesday()
    remind(at=TUESDAY + timedelta(days=3))
    assert remind(at=TUESDAY + timedelta(days=8)) == 0
    assert Dispute.objects.get().escalated_at is None
    an_account(BORIS)
    assert remind(at=TUESDAY + timedelta(days=9)) == 1
    assert heard() == [MARINA.id, MARINA.id, BORIS.id]


def test_who_cannot_be_reminded_does_not_count_as_reminded():
    Department.objects.update(head_id=None)
    said_on_tuesday()
    assert remind(at=TUESDAY + timedelta(days=3)) == 0
    assert Dispute.objects.get().reminded_at is None


def test_a_reminder_takes_the_place_of_the_notice_before():
    said_on_tuesday()
    remind(at=TUESDAY + timedelta(days=3))
    assert len({call.params["TAG"] for call in OutboxCall.objects.all()}) == 1


def test_whoever_has_become_the_manager_since_is_reminded():
    said_on_tuesday()
    Department.objects.filter(portal_id=SALES).update(head_id=BORIS.id)
    remind(at=TUESDAY + timedelta(days=3))
    assert heard() == [MARINA.id, BORIS.id]


def test_an_administrator_is_not_reminded_of_his_own_dispute():
    Employee.objects.filter(portal_id=IVAN.id).update(is_portal_admin=True)
    said_on_tuesday()
    remind(at=TUESDAY + timedelta(days=3))
    remind(at=TUESDAY + timedelta(days=8))
    assert IVAN.id not in heard()


@pytest.mark.parametrize("state", ["accepted", "rejected"])
def test_what_is_decided_is_not_reminded_of(state):
    said_on_tuesday()
    Dispute.objects.update(state=state)  # as a decision in the very same moment would leave it
    assert remind(at=TUESDAY + timedelta(days=30)) == 0
    assert len(heard()) == 1


def test_a_dispute_older_than_deadlines_is_left_in_peace():
    said_on_tuesday()
    Dispute.objects.update(due_at=None, remind_at=None)
    assert remind(at=TUESDAY + timedelta(days=300)) == 0


def test_nothing_due_costs_one_query(django_assert_num_queries):
    said_on_tuesday()
    with django_assert_num_queries(1):
        remind(at=TUESDAY)


def test_the_round_of_the_feed_reminds():
    said_on_tuesday()
    Dispute.objects.update(remind_at=timezone.now() - timedelta(minutes=1))
    read_all()
    assert Dispute.objects.get().reminded_at
