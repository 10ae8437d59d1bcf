"""GET /api/v1/kpi/: the figures of the page, by the same rights."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from callguard.models import Tier
from tests.callguard.kpi.world import called, took_over
from tests.cast import BORIS, IVAN, MARINA, OLGA, PAVEL, STRANGER, mirrored_deal

NOW = timezone.now()
PATH = "/api/v1/kpi/"


@pytest.fixture
def earned(romashka):
    """Ivan took Olga's client over and won 100 from it, and 30 besides; everybody called a lead."""
    took_over(IVAN, OLGA, romashka, NOW - timedelta(days=2))
    for company, amount in ((romashka, "100"), (None, "30")):
        mirrored_deal("Поставка", responsible=IVAN, company=company, outcome="S", amount=amount, moved=NOW)
    for person in (IVAN, OLGA, BORIS):
        called(person, NOW - timedelta(days=1), tier=Tier.LEAD)


def people(answer):
    return {one["person"]["id"]: one for one in answer.json()["people"]}


def test_a_persons_figures_are_told_with_what_came_from_colleagues_clients(earned, card):
    told = people(card(IVAN).get(PATH))[IVAN.id]
    assert told == {
        "person": {"id": IVAN.id, "name": IVAN.name},
        "calls_to_leads": 1,
        "calls_on_deals": 0,
        "leads_converted": 0,
        "won": {"deals": 2, "sums": [{"currency": "RUB", "amount": "130.00"}]},
        "taken": {"deals": 1, "sums": [{"currency": "RUB", "amount": "100.00"}]},
        "corrected": {"deals": 1, "sums": [{"currency": "RUB", "amount": "30.00"}]},
    }


def test_everybody_hears_of_his_own_people_only(earned, card):
    assert set(people(card(IVAN).get(PATH))) == {IVAN.id}
    assert set(people(card(MARINA).get(PATH))) == {IVAN.id, OLGA.id}


@pytest.mark.parametrize("guessed", [BORIS.id, 999_999])
def test_of_somebody_elses_people_nobody_learns_whether_they_are_there(guessed, earned, card):
    answer = card(MARINA).get(PATH, {"person": guessed})
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:callguard:problem:not-found")


def test_a_person_who_has_earned_nothing_is_told_with_noughts(earned, card):
    told = people(card(MARINA).get(PATH, {"person": MARINA.id}))
    assert told[MARINA.id]["won"] == {"deals": 0, "sums": []}


def test_the_days_asked_for_are_told_and_counted(earned, card):
    day = (timezone.localdate() - timedelta(days=9)).isoformat()
    answer = card(IVAN).get(PATH, {"from": day, "to": day}).json()
    assert (answer["from"], answer["to"], answer["people"]) == (day, day, [])


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ({"from": "2026-11-01"}, "to"),
        ({"to": "2026-11-01"}, "from"),
        ({"from": "2026-11-02", "to": "2026-11-01"}, "to"),
        ({"from": "yesterday", "to": "2026-11-01"}, "from"),
        ({"from": "1026-11-01", "to": "2026-11-01"}, "from"),
        ({"from": "2199-11-01", "to": "2199-11-01"}, "from"),
        ({"person": "me"}, "person"),
        ({"person": "0"}, "person"),
    ],
)
def test_what_cannot_be_answered_says_which_field_is_wrong(asked, wrong, earned, card):
    answer = card(IVAN).get(PATH, asked)
    assert answer.status_code == 400
    assert wrong in answer.json()["errors"]


def test_answers_are_as_described(earned, card, told):
    for person, asked in ((IVAN, {}), (MARINA, {"person": IVAN.id}), (MARINA, {"person": BORIS.id}), (STRANGER, {}),
                          (PAVEL, {}), (None, {}), (IVAN, {"person": "x"})):  # fmt: skip
        told(card(person).get(PATH, asked), PATH, "get")
