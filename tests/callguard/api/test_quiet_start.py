"""Before the day of the colours calls are judged and recorded, and their cards know nothing of it."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from callguard.models import Call
from tests.cast import IVAN, OLGA, substitution

pytestmark = pytest.mark.django_db


@pytest.fixture
def colours(settings):
    """Colours are introduced so many days from today."""

    def introduced(days: int | None) -> None:
        settings.COLOURS_SINCE = None if days is None else timezone.localdate() + timedelta(days=days)

    return introduced


def seen(answer):
    verdict = answer.json()
    return verdict["colour"], verdict["palette"], verdict["message"]


def test_the_card_is_told_of_no_colour_and_the_record_keeps_the_verdict(ivans_card, colours):
    colours(1)
    answer = ivans_card.ring(call_id="call-1")
    assert (answer.status_code, seen(answer)) == (201, ("none", None, ""))
    call = Call.objects.get()
    assert (call.shown, call.colour, call.conflict) == (False, "red", True)
    assert (call.verdict["colour"], call.verdict["palette"]["code"]) == ("red", "red")
    assert OLGA.name in call.verdict["message"]


def test_a_look_up_is_told_of_no_colour_either(ivans_card, colours):
    colours(1)
    assert seen(ivans_card.verdict()) == ("none", None, "")


@pytest.mark.parametrize("days", [0, -1, None])
def test_from_that_day_on_or_without_one_the_card_is_painted(ivans_card, colours, days):
    colours(days)
    colour, palette, message = seen(ivans_card.ring())
    assert (colour, palette["code"]) == ("red", "red")
    assert OLGA.name in message
    assert Call.objects.get().shown
    assert seen(ivans_card.verdict())[0] == "red"


def test_a_call_that_rang_before_stays_as_it_was_answered(ivans_card, colours):
    colours(1)
    first = ivans_card.ring(call_id="call-1")
    colours(0)
    again = ivans_card.ring(call_id="call-1")
    assert (again.status_code, again.json()) == (200, first.json())


def test_a_call_that_was_painted_stays_painted_when_the_day_is_put_off(ivans_card, colours):
    first = ivans_card.ring(call_id="call-1")
    colours(1)
    assert ivans_card.ring(call_id="call-1").json() == first.json()
    assert Call.objects.get().shown


def test_what_the_card_is_told_is_as_the_description_says(ivans_card, colours, told):
    colours(1)
    told(ivans_card.ring(), "/api/v1/calls/", "post")
    told(ivans_card.verdict(), "/api/v1/verdict/", "get")


def test_an_own_and_a_substituted_client_look_like_any_other(ivans_card, colours):
    substitution(IVAN, of=OLGA)
    colours(1)
    assert seen(ivans_card.ring()) == ("none", None, "")


def test_whoever_tries_a_number_sees_what_cards_will_show(ivans_card, colours):
    colours(1)
    out = StringIO()
    call_command("verdict", "+79161234567", caller=str(IVAN.id), stdout=out)
    assert out.getvalue().startswith("red")
