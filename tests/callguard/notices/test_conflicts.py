"""The responsible hears that a colleague called his client: once, of what is blamed, and not at night."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callguard.access.actors import Actor
from callguard.access.roles import Role
from callguard.models import Call, Notice
from callguard.notices.choices import set_switches
from callguard.notices.round import send_due
from crm_mirror.models import Employee, OutboxCall
from tests.callguard.notices.conftest import NOON, OTHER_PHONE
from tests.cast import BORIS, IVAN, MARINA, OLGA

ROOT = Actor("root", Role.ADMINISTRATOR)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def no_digests(chosen):
    set_switches({"rhythm": "never"}, by=ROOT, at=chosen.tells_since)


def sent():
    return [(call.params["USER_ID"], call.params["MESSAGE"]) for call in OutboxCall.objects.order_by("id")]


def states():
    return list(Notice.objects.order_by("id").values_list("state", flat=True))


def test_the_responsible_hears_who_called_which_client_and_when(called):
    called(answered=True)
    assert send_due(at=NOON) == 1
    [(told, message)] = sent()
    assert told == OLGA.id
    assert message == (
        "Вашему клиенту звонили: ООО «Ромашка». Звонил сотрудник: Иван Сидоров, 11.03.2026 12:00. Разговор состоялся."
    )


def test_one_click_leads_to_the_page(called, settings):
    settings.PUBLIC_URL = "https://callguard.example"
    call = called(answered=False)
    send_due(at=NOON)
    [(_told, message)] = sent()
    assert f"[URL=https://callguard.example/dashboard/conflicts/{call.pk}/]" in message


def test_nothing_is_told_twice(called):
    called()
    assert send_due(at=NOON) == 1
    assert send_due(at=NOON + HOUR) == 0
    assert len(sent()) == 1


@pytest.mark.parametrize(
    "how", [{"judged": False}, {"excused": True}, {"caller": OLGA}], ids=["pending", "excused", "her own client"]
)
def test_what_blames_nobody_is_not_told(called, how):
    called(**how)
    assert send_due(at=NOON) == 0
    assert sent() == []


def test_what_was_pending_is_told_once_it_is_judged(called):
    call = called(judged=False)
    send_due(at=NOON)
    Call.objects.filter(pk=call.pk).update(judged_at=NOON + HOUR)
    assert send_due(at=NOON + HOUR) == 1


def test_several_calls_to_the_client_on_one_day_are_one_message(called):
    called()
    called(at=NOON + timedelta(minutes=5))
    assert send_due(at=NOON + HOUR) == 1
    [(_told, message)] = sent()
    assert "2 звонка за этот день." in message
    called(at=NOON + HOUR)
    assert send_due(at=NOON + 2 * HOUR) == 0
    assert states() == ["told", "told_before", "told_before"]


def test_another_caller_another_client_and_another_day_are_told_apart(called):
    called()
    called(OTHER_PHONE)
    called(caller=BORIS)
    assert send_due(at=NOON) == 3
    called(at=NOON + timedelta(days=1))
    assert send_due(at=NOON + timedelta(days=1)) == 1


def test_what_comes_in_quiet_hours_is_told_when_they_are_over(called):
    night = NOON + 10 * HOUR  # 22:00
    called(at=night)
    assert send_due(at=night) == 0
    assert states() == ["waiting"]
    assert send_due(at=night + 10 * HOUR) == 1


def test_what_is_excused_in_quiet_hours_is_not_told(called):
    night = NOON + 10 * HOUR
    call = called(at=night)
    send_due(at=night)
    Call.objects.filter(pk=call.pk).update(excused=True)
    assert send_due(at=night + 10 * HOUR) == 0
    assert states() == ["excused"]


def test_what_is_looked_into_again_waits(called):
    night = NOON + 10 * HOUR
    call = called(at=night)
    send_due(at=night)
    Call.objects.filter(pk=call.pk).update(judged_at=None)
    assert send_due(at=night + 10 * HOUR) == 0
    assert states() == ["waiting"]


def test_who_does_not_work_here_any_more_is_not_told(called):
    called()
    Employee.objects.filter(portal_id=OLGA.id).update(active=False)
    assert send_due(at=NOON) == 0
    assert states() == ["nobody"]


def test_the_switch_is_off_and_turning_it_on_tells_nothing_of_before(called):
    set_switches({"tells_responsible": False}, by=ROOT, at=NOON - HOUR)
    called()
    assert send_due(at=NOON) == 0
    set_switches({"tells_responsible": True}, by=ROOT, at=NOON + HOUR)
    assert send_due(at=NOON + HOUR) == 0
    called(at=NOON + 2 * HOUR)
    assert send_due(at=NOON + 2 * HOUR) == 1


def test_old_calls_that_are_judged_late_are_no_news(called):
    call = called(at=NOON - timedelta(days=6))
    assert send_due(at=NOON - timedelta(days=6)) == 1
    Notice.objects.all().delete()
    Call.objects.filter(pk=call.pk).update(rung_at=NOON - timedelta(days=8), judged_at=NOON)
    assert send_due(at=NOON) == 0


def test_words_of_people_are_no_links(called):
    Employee.objects.filter(portal_id=IVAN.id).update(name="[URL=https://evil.example]Иван[/URL]")
    called()
    send_due(at=NOON)
    assert "[URL" not in sent()[0][1]


def test_a_round_without_news_costs_little(called, django_assert_max_num_queries):
    called()
    send_due(at=NOON)
    with django_assert_max_num_queries(8):  # two of them open and close a transaction
        send_due(at=NOON)


def test_many_notices_cost_a_fixed_number_of_queries(called, django_assert_max_num_queries):
    for caller in (IVAN, BORIS, MARINA):
        for phone in (OTHER_PHONE, "8 (916) 123-45-67"):
            called(phone, caller=caller)
    with django_assert_max_num_queries(30):
        assert send_due(at=NOON) == 6
