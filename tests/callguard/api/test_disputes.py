"""POST /api/v1/calls/{call_id}/dispute/: "this is my client"."""

from __future__ import annotations

import pytest

from callguard.models import Dispute
from crm_mirror.models import OutboxCall
from tests.cast import IVAN, MARINA

pytestmark = pytest.mark.django_db


def disputed(card, call_id="call-1", **body):
    return card.post(f"/api/v1/calls/{call_id}/dispute/", {"comment": "", **body})


def test_it_is_noted_and_the_answer_says_who_hears_of_it(ivans_card):
    ivans_card.ring(call_id="call-1")
    answer = disputed(ivans_card, comment="Мой с мая")
    row = Dispute.objects.get()
    assert answer.status_code == 201
    assert answer.json()["told"] == [{"id": MARINA.id, "name": MARINA.name}]
    assert (row.call.call_id, row.by_id, row.comment) == ("call-1", IVAN.id, "Мой с мая")


def test_saying_it_again_is_answered_the_same_and_changes_nothing(ivans_card):
    ivans_card.ring(call_id="call-1")
    first, again = disputed(ivans_card), disputed(ivans_card)
    assert (again.status_code, again.json()) == (201, first.json())
    assert (Dispute.objects.count(), OutboxCall.objects.count()) == (1, 1)


def test_a_call_id_may_have_a_slash(ivans_card):
    ivans_card.ring(call_id="a/dispute/b")
    assert disputed(ivans_card, "a/dispute/b").status_code == 201


@pytest.mark.parametrize("call_id", ["call-1", "call-2", "%00", "a" * 129])
def test_only_ones_own_call_can_be_disputed(card, romashka, call_id):
    card(MARINA).ring(call_id="call-1")
    answer = disputed(card(IVAN), call_id)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert not Dispute.objects.exists()


@pytest.mark.parametrize("comment", [None, 5, "a" * 501, ["Мой"]])
def test_what_is_no_comment_is_a_400(ivans_card, comment):
    ivans_card.ring(call_id="call-1")
    assert list(disputed(ivans_card, comment=comment).json()["errors"]) == ["comment"]


def test_without_a_token_it_is_a_401(card, romashka):
    assert disputed(card(person=None)).status_code == 401
