"""The question out of the address bar: what is understood, what is noted, and that nobody asks beyond his people."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callguard.access.actors import NOBODY
from callguard.reports import choices
from callguard.reports.question import Question
from tests.callguard.reports.made import IVANS, MARINAS, NOW, ROOT, actors, asked, made_call, questions
from tests.cast import BORIS, IVAN, MARINA, OLGA, OTHERS, SALES, WHOLE_COMPANY, mirrored_people

TODAY = date(2026, 4, 5)


@pytest.fixture(autouse=True)
def mirror(db: None) -> None:
    mirrored_people()


def test_without_a_word_it_asks_for_the_last_thirty_days() -> None:
    q = asked()
    assert (q.first, q.last, q.days, q.notes, q.query()) == (date(2026, 3, 7), TODAY, 30, (), "")


@pytest.mark.parametrize(
    ("params", "first", "last"),
    [
        ({"period": "7"}, date(2026, 3, 30), TODAY),
        ({"from": "2026-03-01", "to": "2026-03-31"}, date(2026, 3, 1), date(2026, 3, 31)),
        ({"from": "2026-04-01"}, date(2026, 4, 1), TODAY),
        ({"from": "2026-04-01", "to": "2030-01-01"}, date(2026, 4, 1), TODAY),
        ({"period": "all"}, date(2026, 4, 1), TODAY),
        ({"to": "2026-04-03"}, date(2026, 4, 1), date(2026, 4, 3)),
    ],
)
def test_days_are_read_as_they_stand_and_end_today(params: dict[str, str], first: date, last: date) -> None:
    made_call(rung_at=NOW.replace(day=1))
    q = asked(**params)
    assert (q.first, q.last, q.notes) == (first, last, ())


@pytest.mark.parametrize(
    "params",
    [
        {"from": "yesterday"},
        {"from": "2026-04-05", "to": "2026-04-01"},
        {"from": "0001-01-01"},
        {"to": "9999-99-99"},
        {"from": "2027-01-01"},
        {"period": "31"},
        {"department": "404"},
        {"department": "Продажи"},
        {"person": "404"},
        {"person": "7; DROP TABLE"},
        {"person": "9" * 40},
        {"person": "²"},
        {"status": "NONSENSE"},
        {"excused": "maybe"},
    ],
)
def test_what_cannot_be_read_is_left_out_and_noted(params: dict[str, str]) -> None:
    q = asked(**params)
    assert len(q.notes) == 1
    assert (q.first, q.last, q.people, q.status, q.excused, q.query()) == (date(2026, 3, 7), TODAY, None, "", "all", "")


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(params=questions, actor=actors)
def test_its_own_query_string_asks_the_same_again(params: dict[str, str], actor: Any) -> None:
    q = asked(actor, **params)
    again = Question.asked(QueryDict(q.query()), actor, NOW)
    assert again.query() == q.query()
    assert (again.first, again.last, again.people, again.status) == (q.first, q.last, q.people, q.status)


anything = st.one_of(
    st.text(max_size=12), st.integers(-5, 50).map(str), st.sampled_from(["1", "20", "30", "7", "8", "10"])
)


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    params=st.dictionaries(
        st.sampled_from(["from", "to", "period", "department", "person", "status", "excused", "people", "scope"]),
        anything,
    )
)
def test_whatever_a_supervisor_writes_into_the_address_he_asks_about_his_people(params: dict[str, str]) -> None:
    people = Question.asked(params, MARINAS, NOW).people
    assert people
    assert people <= MARINAS.sees


def test_a_department_of_others_and_one_that_is_not_there_look_alike() -> None:
    there, nowhere = asked(MARINAS, department=OTHERS), asked(MARINAS, department=404)
    assert there.notes == nowhere.notes
    assert there.people == nowhere.people == MARINAS.sees


def test_a_person_of_others_and_one_who_is_not_there_look_alike() -> None:
    there, nowhere = asked(MARINAS, person=BORIS.id), asked(MARINAS, person=404)
    assert there.notes == nowhere.notes
    assert there.people == nowhere.people == MARINAS.sees


def test_a_department_means_its_people_and_those_below_it() -> None:
    assert asked(department=SALES).people == {OLGA.id, IVAN.id, MARINA.id}
    assert asked(MARINAS, department=WHOLE_COMPANY).people == MARINAS.sees
    assert len(asked(department=WHOLE_COMPANY).people or ()) == 5


def test_a_person_outside_the_chosen_department_is_left_out() -> None:
    assert asked(department=OTHERS, person=IVAN.id).people == asked(department=OTHERS).people


def test_an_employee_asks_about_himself_and_who_is_nobody_about_nobody() -> None:
    assert asked(IVANS).people == {IVAN.id}
    assert asked(NOBODY).people == frozenset()


def test_the_choices_offered_are_those_that_would_be_understood() -> None:
    q = asked(MARINAS)
    assert [part.id for part in choices.departments(q)] == [WHOLE_COMPANY, SALES]
    assert {one.id for one in choices.people(q)} == MARINAS.sees
    assert [part.id for part in choices.departments(asked(ROOT))] == [WHOLE_COMPANY, SALES, OTHERS]
    for value, _name in choices.statuses():
        assert not asked(status=value).notes


def test_the_period_before_is_as_long_and_of_the_same_people() -> None:
    before = asked(MARINAS, period=7, person=IVAN.id).before
    assert before is not None
    assert (before.first, before.last, before.people) == (date(2026, 3, 23), date(2026, 3, 29), frozenset({IVAN.id}))
    assert asked(period="all").before is None
