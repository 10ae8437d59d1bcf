"""Digests: who gets one, of which days, by which way, once; of the figures that the dashboard shows the same person."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from callguard.access.actors import Actor, employee_actor
from callguard.access.roles import Role
from callguard.models import Account, Call, Letter, Notice, NoticeSettings, TallyState
from callguard.notices.choices import choose, set_switches
from callguard.notices.digests import due
from callguard.notices.round import send_due
from callguard.reports import figures
from callguard.reports.question import Question
from crm_mirror.models import Employee, OutboxCall
from tests.callguard.notices.conftest import NOON
from tests.cast import BORIS, IVAN, MARINA, OLGA

ROOT = Actor("root", Role.ADMINISTRATOR)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MORNING = datetime(2026, 3, 12, 6, 0, tzinfo=UTC)  # 9:00 in Moscow, a Thursday
MONDAY = datetime(2026, 3, 16, 6, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def only_digests(chosen):
    set_switches({"tells_responsible": False}, by=ROOT, at=chosen.tells_since)
    NoticeSettings.objects.update(planned_on=date(2026, 3, 10))


def daily(person, **ways):
    actor = employee_actor(person.id)
    choose(person.id, {"rhythm": "daily", "by_portal": True, "by_email": True, **ways}, by=actor, at=NOON)


def heard(person=MARINA):
    calls = OutboxCall.objects.order_by("id")
    return [call.params["MESSAGE"] for call in calls if call.params["USER_ID"] == person.id]


def test_who_has_chosen_nothing_hears_every_monday_of_the_seven_days_before(called):
    called(answered=True)
    called(answered=False, at=NOON + HOUR)
    called(excused=True, at=NOON + 2 * HOUR)
    called(judged=False, at=NOON + 3 * HOUR)
    assert send_due(at=MORNING) == 0
    send_due(at=MONDAY)
    [message] = heard()
    assert message.splitlines() == [
        "[B]Звонки клиентам коллег, 09.03.2026 – 15.03.2026: 2[/B]",
        "Звонков всего: 4",
        "Конфликтов: 2 (за прошлый период: 0)",
        "Положили трубку, увидев цвет: 1, поговорили: 1",
        "Оправдано: 1, на проверке: 1",
        "Больше всего конфликтов: Иван Сидоров – 2",
        "Данные CRM на 11.03.2026 12:00.",
    ]


def test_who_wants_it_daily_hears_of_yesterday(called):
    daily(MARINA)
    called()
    send_due(at=MORNING)
    [message] = heard()
    assert "11.03.2026: 1" in message


def test_the_figures_are_those_of_the_dashboard_for_the_same_person(called):
    daily(MARINA)
    daily(BORIS)
    for caller, excused in ((IVAN, False), (IVAN, True), (BORIS, False), (OLGA, False)):
        called(caller=caller, excused=excused)
    send_due(at=MORNING)
    for person in (MARINA, BORIS):
        question = Question.asked({"from": "2026-03-11", "to": "2026-03-11"}, employee_actor(person.id), MORNING)
        now = figures.summary(question).now
        assert f"Звонков всего: {now.traffic.calls}\nКонфликтов: {now.counts.blamed}" in heard(person)[0]
    assert IVAN.name not in heard(BORIS)[0]


def test_it_comes_at_its_hour_and_once(called):
    daily(MARINA)
    called()
    assert send_due(at=MORNING - timedelta(minutes=1)) == 0
    assert send_due(at=MORNING) == 1
    assert send_due(at=MORNING + HOUR) == 0
    NoticeSettings.objects.update(planned_on=date(2026, 3, 11))  # planned again, by a process that knew nothing of it
    assert send_due(at=MORNING + HOUR) == 0
    assert len(heard()) == 1


def test_in_quiet_hours_it_waits(called):
    set_switches({"quiet_weekends": True}, by=ROOT, at=NOON)
    daily(MARINA)
    called(at=NOON + 2 * DAY)  # a Friday
    assert send_due(at=MORNING + 2 * DAY) == 0  # Saturday
    assert heard() == []
    send_due(at=MONDAY)
    assert any("13.03.2026: 1" in message for message in heard())


def test_days_without_calls_make_none(called):
    daily(MARINA)
    assert send_due(at=MORNING) == 0
    assert set(Notice.objects.values_list("state", flat=True)) == {"empty"}


def test_who_wants_none_gets_none(called):
    choose(MARINA.id, {"rhythm": "never"}, by=ROOT, at=NOON)
    called()
    send_due(at=MONDAY)
    assert heard() == []


@pytest.mark.parametrize("person", [IVAN, OLGA])
def test_who_manages_nobody_gets_none_whatever_he_chose_before(called, person):
    choose(person.id, {"rhythm": "daily"}, by=ROOT, at=NOON)
    called()
    send_due(at=MORNING)
    assert heard(person) == []


def test_who_is_no_supervisor_any_more_gets_none(called):
    daily(MARINA)
    called()
    send_due(at=MORNING - 2 * HOUR)
    Employee.objects.filter(portal_id=MARINA.id).update(active=False)
    send_due(at=MORNING)
    assert heard() == []


def test_an_administrator_who_asks_for_it_hears_of_everybody(called):
    Employee.objects.filter(portal_id=OLGA.id).update(is_portal_admin=True)
    daily(OLGA)
    called(caller=BORIS)
    send_due(at=MORNING)
    assert "Конфликтов: 1" in heard(OLGA)[0]


@pytest.mark.parametrize(
    ("since", "today", "expected"),
    [
        (None, date(2026, 3, 16), ["daily", "weekly"]),
        (None, date(2026, 3, 17), ["daily"]),
        (date(2026, 3, 15), date(2026, 3, 17), ["daily", "weekly"]),
        (date(2026, 3, 16), date(2026, 3, 17), ["daily"]),
        (date(2026, 2, 1), date(2026, 3, 20), ["daily"]),
    ],
    ids=["on its day", "not on its day", "missed yesterday", "had yesterday", "missed long ago"],
)
def test_a_weekly_one_that_was_missed_is_caught_up_for_a_few_days(since, today, expected):
    assert [rhythm for rhythm, _days in due(today, since=since, weekday=0)] == expected


def test_while_calls_are_still_being_counted_it_waits(called, settings):
    daily(MARINA)
    called()
    counting = {"next_day": date(2026, 3, 1), "time_zone": settings.TIME_ZONE}
    TallyState.objects.update_or_create(pk=TallyState.ONLY, defaults=counting)
    assert send_due(at=MORNING) == 0
    assert set(Notice.objects.values_list("state", flat=True)) == {"waiting"}
    TallyState.objects.update(next_day=None)
    assert send_due(at=MORNING) == 1


# --- Ways ------------------------------------------------------------------------------------------------------------
@pytest.fixture
def mailbox(settings, called):
    settings.EMAIL_CONFIGURED = True
    Account.objects.create(username="marina", employee_id=MARINA.id, email="marina@example.com")
    called()


@pytest.mark.parametrize(("by_portal", "by_email"), [(True, True), (True, False), (False, True)])
def test_it_comes_by_the_ways_that_were_chosen(mailbox, by_portal, by_email):
    daily(MARINA, by_portal=by_portal, by_email=by_email)
    assert send_due(at=MORNING) == 1
    assert bool(heard()) is by_portal
    assert list(Letter.objects.values_list("to", flat=True)) == (["marina@example.com"] if by_email else [])


def test_a_letter_says_the_same_and_leads_to_the_page(mailbox, settings):
    settings.PUBLIC_URL = "https://callguard.example"
    daily(MARINA)
    send_due(at=MORNING)
    letter = Letter.objects.get()
    assert letter.subject == "Звонки клиентам коллег, 11.03.2026: 1"
    assert "Конфликтов: 1" in letter.text
    for page in ("/dashboard/?from=2026-03-11&to=2026-03-11", "/dashboard/notices/"):
        assert f"https://callguard.example{page}" in letter.text
    assert "[URL=https://callguard.example/dashboard/?from=2026-03-11" in heard()[0]


@pytest.mark.parametrize("lack", ["no mail server", "no address"])
def test_who_can_get_no_letter_and_wants_nothing_else_gets_nothing_and_the_row_says_so(mailbox, settings, lack):
    if lack == "no address":
        Account.objects.update(email="")
    else:
        settings.EMAIL_CONFIGURED = False
    daily(MARINA, by_portal=False)
    send_due(at=MORNING)
    assert not Letter.objects.exists()
    assert set(Notice.objects.filter(employee_id=MARINA.id).values_list("state", flat=True)) == {"nobody"}


def test_no_excused_or_pending_call_is_in_the_figures_of_blame(called):
    daily(MARINA)
    called(excused=True)
    called(judged=False)
    send_due(at=MORNING)
    assert "Конфликтов: 0" in heard()[0]
    assert IVAN.name not in heard()[0]
    assert Call.objects.filter(conflict=True).count() == 2
