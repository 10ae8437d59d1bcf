"""The list of disputes: what waits for whom, and by when."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from callguard.access.actors import employee_actor
from callguard.decisions import decide
from callguard.disputes import dispute
from callguard.models import Dispute
from tests.callguard.fairness.court import rung
from tests.cast import BORIS, IVAN, MARINA, OLGA

pytestmark = pytest.mark.django_db
LIST = reverse("dashboard:disputes")


def disputed(*, by=IVAN, comment="Мой", ago=timedelta(0), call=None):
    call = call or rung(by=by)
    return dispute(call.call_id, caller_id=by.id, comment=comment, at=timezone.now() - ago)


def listed(client, **query):
    return [row.dispute.comment for row in client.get(LIST, query).context["rows"]]


def test_a_supervisor_sees_those_of_his_people_an_administrator_all_and_each_his_own(romashka, browser, superuser):
    for person in (IVAN, BORIS, OLGA):
        disputed(by=person, comment=person.name)
    assert set(listed(browser(MARINA))) == {IVAN.name, OLGA.name}
    assert set(listed(superuser)) == {IVAN.name, BORIS.name, OLGA.name}
    assert listed(browser(IVAN)) == [IVAN.name]
    assert listed(browser(BORIS)) == [BORIS.name]


def test_what_is_due_first_comes_first_and_what_has_no_deadline_last(romashka, superuser):
    disputed(comment="новый")
    disputed(comment="просрочен", ago=timedelta(days=30))
    disputed(comment="без срока")
    Dispute.objects.filter(comment="без срока").update(due_at=None)
    assert listed(superuser) == ["просрочен", "новый", "без срока"]
    assert [row.is_overdue for row in superuser.get(LIST).context["rows"]] == [True, False, False]


def test_it_says_which_are_the_readers_to_decide(romashka, browser):
    disputed(by=MARINA, comment="её")
    disputed(comment="его")
    rows = browser(MARINA).get(LIST).context["rows"]
    assert {row.dispute.comment: row.waits_for_you for row in rows} == {"её": False, "его": True}


def test_decided_ones_are_on_a_list_of_their_own_with_the_words(romashka, browser):
    said = disputed()
    decide(said.call, excuses=True, says="Верю", seen=0, by=employee_actor(MARINA.id), at=timezone.now())
    disputed(comment="Ещё")
    client = browser(IVAN)
    assert listed(client) == ["Ещё"]
    assert listed(client, state="decided") == ["Мой"]
    assert set(listed(client, state="all")) == {"Мой", "Ещё"}
    assert "Верю" in client.get(LIST, {"state": "decided"}).text


@pytest.mark.parametrize("query", [{"state": "нет"}, {"page": "x"}, {"page": "99"}, {"page": "-1"}])
def test_nonsense_in_the_address_shows_the_list(romashka, superuser, query):
    disputed()
    assert listed(superuser, **query) == ["Мой"]


def test_an_empty_list_says_where_disputes_come_from(romashka, browser):
    assert "Disputes come from the call card" in browser(MARINA).get(LIST).text


def test_the_list_costs_the_same_however_long_it_is(romashka, superuser, django_assert_max_num_queries):
    for number in range(12):
        disputed(comment=str(number))
    superuser.get(LIST)
    with django_assert_max_num_queries(14):
        superuser.get(LIST)
