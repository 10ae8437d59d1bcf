"""The calls behind a figure: whole, in pages that cost the same however many there are, and as files."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from callguard.models import AccessLog, TallyState
from tests.callguard.dashboard.conftest import browser_of
from tests.callguard.reports.made import blamed_call
from tests.cast import BORIS, IVAN, OLGA

CALLS = reverse("dashboard:calls")
pytestmark = pytest.mark.django_db


def ids(answer):
    return [line.call_id for line in answer.context["lines"]]


def test_the_list_says_of_each_call_what_it_was_and_what_came_of_it(root, conflicts):
    lines = {line.call_id: line for line in root.get(CALLS, {"figure": "conflicts"}).context["lines"]}
    taken = lines["taken"]
    assert (taken.caller, taken.client, taken.responsible) == (IVAN.name, "=Ромашка", OLGA.name)
    assert (taken.status, taken.duration, taken.taken_over) == ("В работе", 61, True)
    states = {name: str(lines[name].state[1]) for name in ("heeded", "excused", "pending")}
    assert states == {"heeded": "conflict", "excused": "excused", "pending": "being checked"}


def test_pages_hold_every_call_once_also_of_the_same_moment(root, people):
    at = timezone.now() - timedelta(hours=1)
    for number in range(120):
        blamed_call(rung_at=at - timedelta(seconds=number // 40), call_id=f"n{number}")
    seen, address = [], f"{CALLS}?figure=blamed"
    while address:
        answer = root.get(address)
        seen += ids(answer)
        address = answer.context["older"] and f"{CALLS}?{answer.context['older']}"
    assert len(seen) == len(set(seen)) == 120


@pytest.mark.parametrize("place", ["x", "2026-01-01~1", "~", "2026-01-01T00:00:00+00:00~99999999999999999999"])
def test_a_place_that_cannot_be_read_is_the_beginning(root, conflicts, place):
    assert len(ids(root.get(CALLS, {"after": place}))) == 3


@pytest.mark.parametrize(
    "query",
    [
        {"figure": "nothing"},
        {"in_hour": "x"},
        {"in_caller": "-1"},
        {"in_week": "1"},
        {"in_week": "9999-12-31"},
        {"in_week": "0001-01-01"},
        {"in_number": "\0"},
        {"in_status": "a\0"},
    ],
)
def test_a_figure_that_there_is_not_is_not_found(root, conflicts, query):
    assert root.get(CALLS, query).status_code == 404
    assert root.get(reverse("dashboard:calls-file", args=["csv"]), query).status_code == 404


def test_the_file_holds_what_the_list_shows_with_formulas_defused(root, conflicts):
    answer = root.get(reverse("dashboard:calls-file", args=["csv"]), {"figure": "blamed"})
    head, *rows = b"".join(answer.streaming_content).decode().strip().split("\r\n")
    assert head.endswith("Call ID")
    assert len(rows) == 3
    assert all(",'=Ромашка," in row and ",+79161234567," in row for row in rows)


def test_the_workbook_holds_them_too(root, conflicts):
    answer = root.get(reverse("dashboard:calls-file", args=["xlsx"]), {"figure": "blamed"})
    assert b"".join(answer.streaming_content).startswith(b"PK")


def test_an_employee_lists_his_own_calls_whoever_he_asks_about(ivan, conflicts):
    found = ids(ivan.get(CALLS, {"figure": "conflicts", "person": 11, "period": "all"}))
    assert sorted(found) == ["excused", "heeded", "last month", "pending", "taken"]


def test_an_empty_list_says_what_to_try(root, people):
    assert "Choose a longer period" in root.get(CALLS).content.decode()


def test_a_page_asks_the_same_number_of_queries_for_one_call_and_for_fifty(root, people, django_assert_max_num_queries):
    for number in range(60):
        blamed_call(rung_at=timezone.now() - timedelta(minutes=number))
    root.get(CALLS)  # counts the new calls first
    with django_assert_max_num_queries(25):
        assert len(ids(root.get(CALLS))) == 50


def test_in_russian_a_semicolon_divides(people, conflicts):
    answer = browser_of(None, language="ru").get(reverse("dashboard:calls-file", args=["csv"]))
    assert b"".join(answer.streaming_content).decode().splitlines()[0].count(";") == 12


def test_days_of_which_only_figures_are_left_are_said(root, conflicts):
    sealed = timezone.localdate() - timedelta(days=20)
    TallyState.objects.update_or_create(pk=TallyState.ONLY, defaults={"sealed_before": sealed})
    assert "figures are kept, but no calls" in root.get(CALLS, {"period": "90"}).content.decode()
    assert "figures are kept, but no calls" not in root.get(CALLS, {"period": "7"}).content.decode()


@pytest.mark.parametrize(("caller", "noted"), [(IVAN.id, [IVAN.id]), (BORIS.id, [])])
def test_a_file_asked_of_somebody_else_s_person_is_no_look_at_him(marina, conflicts, caller, noted):
    answer = marina.get(reverse("dashboard:calls-file", args=["csv"]), {"in_caller": caller})
    assert answer.status_code == 200
    assert list(AccessLog.objects.values_list("about_id", flat=True)) == noted
