"""The card: its tag and its secret, and a trial that paints a verdict and records nothing."""

from __future__ import annotations

import pytest
from django.urls import reverse

from callguard.models import Call
from tests.callguard.admin.conftest import ROMASHKA
from tests.callguard.admin.setup.conftest import ENGLISH
from tests.cast import IVAN, OLGA

pytestmark = pytest.mark.django_db


def test_the_tag_names_this_server(shown, connected, settings):
    settings.PUBLIC_URL = "https://callguard.example"
    page = shown("card")
    assert "&lt;script src=&quot;https://callguard.example/static/callguard/card.min.js&quot;" in page
    assert "data-api=&quot;https://callguard.example&quot;" in page


def test_a_missing_secret_is_to_do_with_the_way_to_make_one(shown, steps, connected, settings):
    settings.CARD_TOKEN_SECRET = ""
    assert steps()["card"] == "todo"
    assert "secrets.token_urlsafe(50)" in shown("card")
    settings.CARD_TOKEN_SECRET = "short"
    assert steps()["card"] == "failed"


def test_the_trial_begins_with_a_client_of_somebody_else(pages, clients):
    form = pages.get(reverse("setup:step", args=["card"])).context["form"]
    assert form.initial["phone"] == "+79161234567"
    assert form.initial["caller"] != OLGA.id


def test_a_trial_paints_the_verdict_and_records_nothing(pages, clients):
    asked = {"phone": ROMASHKA, "caller": IVAN.id}
    page = pages.post(reverse("setup:step", args=["card"]), asked, headers=ENGLISH)
    assert page.context["verdict"]["colour"] == "red"
    assert "Ольга Петрова" in page.text
    assert not Call.objects.exists()


def test_a_trial_without_a_secret_says_what_is_missing(pages, clients, settings):
    settings.CARD_TOKEN_SECRET = ""
    asked = {"phone": ROMASHKA, "caller": IVAN.id}
    page = pages.post(reverse("setup:step", args=["card"]), asked, headers=ENGLISH)
    assert "CARD_TOKEN_SECRET is not set" in page.text


@pytest.mark.parametrize("asked", [{}, {"phone": "1", "caller": "999"}, {"phone": "x" * 300, "caller": "nobody"}])
def test_a_trial_of_nonsense_is_asked_for_again(pages, clients, asked):
    assert pages.post(reverse("setup:step", args=["card"]), asked).status_code == 200
