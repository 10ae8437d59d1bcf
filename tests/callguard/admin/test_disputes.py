"""The list of disputes: administrators see all, a supervisor those of his people, nobody else any."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from callguard.disputes import dispute
from callguard.models import Account, Dispute
from tests.cast import BORIS, IVAN, MARINA, OLGA

pytestmark = pytest.mark.usefixtures("calls")
LIST = reverse("admin:callguard_dispute_changelist")


@pytest.fixture(autouse=True)
def said(calls):
    for call_id, by in (("red", IVAN), ("hidden", BORIS)):
        dispute(call_id, caller_id=by.id, comment=f"Мой: {call_id}", at=timezone.now())


@pytest.fixture
def signed_in(client):
    def sign_in(person):
        account = Account.objects.create(username=str(person.id), is_staff=True, employee_id=person.id)
        client.force_login(account)
        return client

    return sign_in


def listed(client):
    return {row.call.call_id for row in client.get(LIST).context["cl"].result_list}


def test_an_administrator_sees_all_with_client_responsible_and_who_was_told(pages):
    assert listed(pages) == {"red", "hidden"}
    text = pages.get(LIST, headers={"accept-language": "en"}).text
    for shown in ("Мой: red", "ООО «Ромашка»", OLGA.name, IVAN.name, MARINA.name):
        assert shown in text


def test_a_supervisor_sees_those_of_his_people(signed_in):
    client = signed_in(MARINA)
    assert listed(client) == {"red"}
    foreign = Dispute.objects.get(by_id=BORIS.id)
    assert client.get(reverse("admin:callguard_dispute_change", args=[foreign.pk])).status_code == 302  # as if unknown
    own = Dispute.objects.get(comment="Мой: red")
    assert client.get(reverse("admin:callguard_dispute_change", args=[own.pk])).status_code == 200


def test_an_employee_sees_none(signed_in):
    assert signed_in(OLGA).get(LIST).status_code == 403


def test_the_history_says_in_words_that_a_call_was_disputed(pages):
    text = pages.get(reverse("admin:callguard_history_changelist"), headers={"accept-language": "en"}).text
    assert "Disputed: “this is my client”" in text
    assert "Мой: red" not in text  # his words stay with the dispute, where they can be erased
