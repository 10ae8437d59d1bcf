"""Pages in the portal's frames: for whom the configured portal vouches, framed by it alone, and for nobody else."""

from __future__ import annotations

import re
import time
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from callguard.access import tokens
from callguard.bitrix_cloud.views import MOST_FROM_ONE
from crm_mirror.models import Employee
from crm_mirror.sandbox import installation
from crm_mirror.sandbox.access import App
from tests.callguard.bitrix_cloud.conftest import SECRET
from tests.crm_mirror.conftest import APP_ID
from tests.portal import ADMINISTRATOR

pytestmark = pytest.mark.django_db
PLACES = ["card", "worker"]


def bearer(page):
    """Whom the page's card token speaks for."""
    token = re.search(r'data-token="([^"]+)"', page.text).group(1)
    return tokens.read(token, secret=SECRET, max_age=timedelta(hours=24), at=timezone.now())


@pytest.mark.parametrize("place", PLACES)
def test_the_page_gets_a_token_for_whom_the_portal_names(open_place, office, place):
    page = open_place(place, office.ivan)
    assert page.status_code == 200
    assert bearer(page) == tokens.CardToken(office.ivan.id, False)


def test_an_administrator_is_learned(open_place, office):
    assert bearer(open_place("card", ADMINISTRATOR)).is_portal_admin is True
    assert Employee.objects.get(portal_id=ADMINISTRATOR).is_portal_admin is True


@pytest.mark.parametrize("place", PLACES)
def test_only_the_portal_may_frame_it_and_nothing_foreign_runs_in_it(open_place, office, place, settings):
    page = open_place(place, office.ivan)
    policy = page["Content-Security-Policy"]
    assert f"frame-ancestors {settings.PORTAL_ORIGIN}" in policy
    assert "unsafe" not in policy
    assert "X-Frame-Options" not in page
    assert "no-store" in page["Cache-Control"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("token", ["", "forged", "0" * 300])
def test_a_token_that_the_portal_does_not_know_opens_nothing(open_place, office, place, token):
    page = open_place(place, office.ivan, AUTH_ID=token)
    assert page.status_code == 403
    assert "data-token" not in page.text


def test_a_token_of_another_application_is_no_proof(open_place, office):
    """Whoever runs it holds tokens of the same people."""
    portal = office.portal.portal
    portal.config.apps["local.another"] = App(secret="theirs", redirect="http://127.0.0.1:1/", installed=True)
    theirs = portal.tokens.issue("local.another", ADMINISTRATOR)["access_token"]
    for place in (*PLACES, "token"):
        answer = open_place(place, office.ivan, AUTH_ID=theirs)
        assert answer.status_code == 403
        assert "data-token" not in answer.text


def test_empty_knocks_shut_nobody_out(open_place, office):
    for _ in range(MOST_FROM_ONE + 1):
        open_place("token", office.ivan, AUTH_ID="")
    assert open_place("card", office.ivan).status_code == 200


def test_the_same_token_is_asked_about_once(open_place, office):
    _address, form = installation.opening(office.portal.portal, APP_ID, office.ivan.id)
    before = len(office.portal.log)
    for _ in range(5):
        assert open_place("worker", office.ivan, AUTH_ID=form["AUTH_ID"]).status_code == 200
    assert len(office.portal.log) == before + 1


def test_what_is_posted_about_the_portal_is_not_believed(open_place, office):
    page = open_place("card", office.ivan, DOMAIN="evil.example", SERVER_ENDPOINT="https://evil.example/rest/")
    assert bearer(page).portal_id == office.ivan.id
    assert "evil" not in page["Content-Security-Policy"]


def test_who_was_dismissed_gets_no_token(open_place, office, sync):
    office.portal.dismiss(office.ivan)
    sync()
    page = open_place("card", office.ivan)
    assert page.status_code == 403
    assert "data-token" not in page.text


def test_a_portal_that_is_away_is_said_in_words_that_let_the_call_go_on(open_place, office):
    office.portal.fails_with("502")
    page = open_place("card", office.ivan)
    assert page.status_code == 502
    assert "The call goes on" in page.text


def test_without_a_secret_the_administrator_is_told_what_to_write(open_place, office, settings):
    settings.CARD_TOKEN_SECRET = ""
    page = open_place("card", office.ivan)
    assert page.status_code == 403
    assert "CARD_TOKEN_SECRET" in page.text


def test_the_next_token_is_fetched_with_the_portals_own(open_place, office):
    answer = open_place("token", office.marina)
    claims = tokens.read(answer.json()["token"], secret=SECRET, max_age=timedelta(hours=24), at=timezone.now())
    assert claims.portal_id == office.marina.id
    refused = open_place("token", office.marina, AUTH_ID="forged")
    assert (refused.status_code, "token" in refused.json()) == (403, False)


@pytest.mark.parametrize("place", [*PLACES, "token"])
def test_a_storm_of_openings_does_not_reach_the_portal(open_place, office, place):
    minute = int(time.time()) // 60
    for one in (minute, minute + 1):  # the test may run over the edge of a minute
        cache.set(f"crm_mirror.flood.cloud.127.0.0.1.{one}", MOST_FROM_ONE)
    before = len(office.portal.log)
    assert open_place(place, office.ivan).status_code == 403
    assert len(office.portal.log) == before


@pytest.mark.parametrize("place", [*PLACES, "token", "worker/failed"])
def test_the_pages_open_by_post_only(db, place):
    assert Client().get(f"/bitrix/cloud/{place}/").status_code == 405


def test_the_portal_may_say_that_the_worker_could_not_be_loaded(open_place, office):
    assert open_place("worker/failed", office.ivan).status_code == 204
