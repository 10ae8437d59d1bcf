"""POST /api/v1/calls/ and its end: recorded once, answered as stored, nobody else's."""

from __future__ import annotations

import pytest

from callguard.models import Call
from tests.cast import IVAN, MARINA, OLGA, mirrored_company

pytestmark = pytest.mark.django_db


def test_a_colleagues_client_in_work_is_answered_red(ivans_card):
    answer = ivans_card.ring(call_id="call-1")
    verdict = answer.json()
    assert answer.status_code == 201
    assert (verdict["call_id"], verdict["colour"], verdict["reason"]) == ("call-1", "red", "foreign_client")
    assert verdict["responsible"]["id"] == OLGA.id
    assert verdict["palette"]["code"] == "red"
    assert "Ольга Петрова" in verdict["message"]


def test_the_same_call_again_is_answered_as_stored(ivans_card):
    first = ivans_card.ring(call_id="call-1")
    mirrored_company("Дубль", phone="+79161234567", responsible=IVAN, status="В обработке")
    again = ivans_card.ring(call_id="call-1")
    assert again.status_code == 200
    assert again.json() == first.json()
    assert Call.objects.count() == 1


def test_a_call_of_somebody_else_is_refused_without_saying_whose(card, romashka):
    card(MARINA).ring(call_id="call-1")
    refused = card(IVAN).ring(call_id="call-1")
    assert refused.status_code == 409
    assert refused.json()["type"] == "urn:callguard:problem:call-of-another"
    assert MARINA.name not in refused.content.decode()
    assert str(MARINA.id) not in refused.json()["detail"]


def test_the_answer_speaks_russian_unless_english_is_asked_for(card, romashka):
    russian = card(language="fr").verdict().json()
    english = card(language="en-GB,en;q=0.9").verdict().json()
    assert russian["palette"]["label"] == "Чужой клиент"
    assert russian["message"] != english["message"]
    assert english["palette"]["label"] != "Чужой клиент"


def test_a_look_up_leaves_no_call(ivans_card):
    answer = ivans_card.verdict()
    assert (answer.status_code, answer.json()["colour"]) == (200, "red")
    assert "call_id" not in answer.json()
    assert not Call.objects.exists()


def test_an_empty_phone_is_a_hidden_number(ivans_card):
    assert ivans_card.ring(phone="").json()["reason"] == "hidden_number"
    assert ivans_card.verdict("").json()["reason"] == "hidden_number"


def test_no_answer_is_kept_by_a_cache_on_the_way(ivans_card):
    assert ivans_card.verdict()["Cache-Control"] == "no-store"
    assert ivans_card.verdict(direction="sideways")["Cache-Control"] == "no-store"


# --- The end ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "call_id", ["externalCall.716da2c8.1764000000", "a" * 128, "~.-_!$&'()*+,;=:@", "звонок 1", "a/b", "end/end"]
)
def test_the_end_is_recorded_whatever_the_portal_calls_the_call(ivans_card, call_id):
    assert ivans_card.ring(call_id=call_id).status_code == 201
    answer = ivans_card.end(call_id.replace("%", "%25"), answered=True, duration_s=61)
    call = Call.objects.get(call_id=call_id)
    assert (answer.status_code, answer.content) == (204, b"")
    assert (call.answered, call.duration) == (True, 61)


def test_saying_again_that_a_call_is_over_changes_nothing(ivans_card):
    ivans_card.ring(call_id="call-1")
    ivans_card.end("call-1", answered=True, duration_s=61)
    ended = Call.objects.values().get()
    assert ivans_card.end("call-1", answered=True, duration_s=61).status_code == 204
    assert Call.objects.values().get() == ended


@pytest.mark.parametrize("call_id", ["call-1", "call-2", "a" * 129, "%00", "%ED%A0%80", "%0A"])
def test_only_ones_own_call_can_be_ended(card, romashka, call_id):
    card(MARINA).ring(call_id="call-1")
    answer = card(IVAN).end(call_id)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert Call.objects.get().ended_at is None


# --- What it costs ---------------------------------------------------------------------------------------------------
def test_a_ring_costs_two_statements(ivans_card, django_assert_num_queries):
    ivans_card.ring()  # rules and palettes are read once
    with django_assert_num_queries(2):
        assert ivans_card.ring().status_code == 201


def test_a_look_up_costs_one_statement(ivans_card, django_assert_num_queries):
    ivans_card.verdict()
    with django_assert_num_queries(1):
        assert ivans_card.verdict().status_code == 200
