"""Who looked at whose record, and personal data handed out and erased through the pages."""

from __future__ import annotations

import io
from zipfile import ZipFile

import pytest
from django.test import Client
from django.urls import reverse

from callguard.models import AccessLog, Account, Call
from crm_mirror.models import Employee
from tests.callguard.privacy.conftest import RED, clients, rung  # noqa: F401 -- a fixture
from tests.cast import BORIS, IVAN, MARINA, OLGA

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clients")]
OWN, TAKE, OTHERS = (reverse(f"dashboard:{name}") for name in ("privacy", "privacy-take", "personal-data"))


def browser_of(person, **more):
    client = Client(headers={"accept-language": "en"})
    username = person.name if person else "root"
    client.force_login(
        Account.objects.create(username=username, is_staff=True, employee_id=person and person.id, **more)
    )
    return client


@pytest.fixture
def call():
    return rung("1", RED)


@pytest.fixture
def marina():
    return browser_of(MARINA)


@pytest.fixture
def root():
    return browser_of(None, is_superuser=True)


def lines():
    return list(AccessLog.objects.order_by("id").values_list("reader_id", "about_id", "page"))


def opened(browser, name, *args, **query):
    answer = browser.get(reverse(f"dashboard:{name}", args=args), query)
    assert answer.status_code == 200
    if answer.streaming:
        b"".join(answer.streaming_content)


# --- What leaves a line ----------------------------------------------------------------------------------------------
def test_opening_a_persons_page_leaves_a_line(marina, call):
    opened(marina, "person", IVAN.id)
    assert lines() == [(MARINA.id, IVAN.id, "person")]


@pytest.mark.parametrize("name", ["overview", "kpi"])
def test_so_does_a_page_of_figures_narrowed_to_one_person(marina, call, name):
    opened(marina, name)
    assert lines() == []
    opened(marina, name, person=IVAN.id)
    assert lines() == [(MARINA.id, IVAN.id, "person")]


def test_so_does_the_page_of_a_call_and_a_list_with_it(marina, call):
    opened(marina, "call", call.pk)
    opened(marina, "calls", figure="conflicts")
    assert lines() == [(MARINA.id, IVAN.id, "call"), (MARINA.id, IVAN.id, "calls")]


@pytest.mark.parametrize(
    ("name", "args"), [("calls-file", ["csv"]), ("table", ["people", "csv"]), ("kpi-file", ["csv"])]
)
def test_an_export_leaves_a_line_for_each_whom_it_is_about(marina, call, name, args):
    opened(marina, name, *args)
    assert {about for _reader, about, _page in lines()} == {IVAN.id, OLGA.id}
    assert {page for *_who, page in lines()} == {"export"}


def test_so_does_the_page_of_a_call_in_the_admin(marina, call):
    assert marina.get(reverse("admin:callguard_conflict_change", args=[call.pk])).status_code == 200
    assert lines() == [(MARINA.id, IVAN.id, "call")]


def test_looking_at_oneself_leaves_none(call):
    ivan = browser_of(IVAN)
    opened(ivan, "me")
    opened(ivan, "call", call.pk)
    opened(ivan, "calls-file", "csv")
    assert lines() == []


def test_a_refused_look_leaves_none(call):
    boris = browser_of(BORIS)
    assert boris.get(reverse("dashboard:person", args=[IVAN.id])).status_code == 404
    assert boris.get(reverse("dashboard:call", args=[call.pk])).status_code == 404
    assert lines() == []


# --- Reading it -------------------------------------------------------------------------------------------------------
def test_an_employee_reads_who_looked_at_his_record_and_at_nobody_elses(marina, call):
    opened(marina, "person", IVAN.id)
    opened(marina, "person", OLGA.id)
    answer = browser_of(IVAN).get(OWN)
    assert [look.about_id for look in answer.context["page"]] == [IVAN.id]
    assert MARINA.name in answer.text
    assert "Nobody has looked at it yet." in browser_of(BORIS).get(OWN).text


def test_the_access_log_is_for_administrators(root, marina, call):
    opened(marina, "person", IVAN.id)
    log = reverse("admin:callguard_accesslog_changelist")
    assert IVAN.name in root.get(log).text
    assert marina.get(log).status_code == 403


# --- Handing out and erasing ------------------------------------------------------------------------------------------
def files_in(answer):
    with ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_an_employee_takes_his_own_data_home_and_that_leaves_no_line(call):
    files = files_in(browser_of(IVAN).post(TAKE))
    assert RED in files["calls.json"]
    assert lines() == []


def test_taking_data_wants_a_post(call):
    assert browser_of(IVAN).get(TAKE).status_code == 405


def test_an_administrator_hands_out_anybodys(root, call):
    files = files_in(root.post(OTHERS, {"employee": IVAN.id, "act": "export"}))
    assert RED in files["calls.json"]
    assert "handed out: 8" in root.get(OTHERS).text
    assert RED in files_in(root.post(OTHERS, {"number": "8 916 123-45-67", "act": "export"}))["calls.json"]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Choose an employee, or write a phone number."),
        ({"employee": IVAN.id, "number": RED}, "Choose an employee, or write a phone number."),
        ({"number": "101"}, "Write one phone number."),
        ({"number": "+79990000000"}, "Nothing is kept about this person."),
        ({"number": RED, "act": "erase"}, "Tick it to erase."),
        ({"employee": IVAN.id, "act": "erase", "sure": "on"}, "He works here. Dismiss him in the portal first."),
    ],
)
def test_what_cannot_be_done_is_said(root, call, sent, said):
    answer = root.post(OTHERS, {"act": "export", **sent})
    assert said in answer.text
    assert Call.objects.get().number == RED


def test_an_administrator_erases_a_number_and_one_who_left(root, call):
    sent = {"number": RED, "act": "erase", "sure": "on"}
    assert "Erased; 1 call is without his data." in root.post(OTHERS, sent, follow=True).text
    assert Call.objects.get().number == "+7916*****67"
    Employee.objects.filter(portal_id=OLGA.id).update(active=False)
    root.post(OTHERS, {"employee": OLGA.id, "act": "erase", "sure": "on"})
    assert Call.objects.get().verdict["responsible"]["name"] == f"ID {OLGA.id}"


def test_nobody_else_hands_out_or_erases(marina, call):
    assert marina.get(OTHERS).status_code == 403
    assert marina.post(OTHERS, {"employee": IVAN.id, "act": "export"}).status_code == 403
