"""The application is connected by an administrator of the configured portal, and by nobody else."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from crm_mirror.connection import application_tokens, client_from_settings, is_application
from crm_mirror.models import PortalConnection
from crm_mirror.sandbox import installation
from crm_mirror.sandbox.access import App
from crm_mirror.sandbox.server import running
from tests.crm_mirror.conftest import APP_ID

pytestmark = pytest.mark.django_db


def refused(answer):
    return answer.status_code == 403 and not PortalConnection.objects.exists()


def test_an_administrator_connects_by_opening_it(app_portal, opened):
    answer = opened()
    row = PortalConnection.objects.get()
    assert answer.status_code == 200
    assert (row.origin, row.user_id, row.member_id) == (app_portal.url, 1, app_portal.portal.config.member_id)
    assert 3500 < (row.expires_at - timezone.now()).total_seconds() <= 3600
    assert is_application()
    assert client_from_settings().call("profile").result["ID"] == "1"


def test_it_learns_what_events_carry(connected):
    assert application_tokens() == {connected.portal.config.application_token}


def test_what_the_settings_say_of_events_holds_as_well(connected, settings):
    settings.BITRIX_APPLICATION_TOKEN = "of-an-outgoing-webhook"
    assert application_tokens() == {"of-an-outgoing-webhook", connected.portal.config.application_token}


def test_the_page_tells_the_portal_that_it_is_done(opened):
    page = opened()
    assert '<script src="https://api.bitrix24.com/api/v1/">' in page.text
    assert "crm_mirror/installation.js" in page.text


def test_only_the_portal_may_frame_the_page(app_portal, opened):
    page = opened()
    assert "X-Frame-Options" not in page
    assert page["Content-Security-Policy"].endswith(f"frame-ancestors {app_portal.url}")


def test_an_application_without_pages_is_told_by_an_event(app_portal, client):
    app_portal.portal.config.apps[APP_ID] = App(secret="x", installer="http://127.0.0.1:1/", installed=False)
    tokens = app_portal.portal.issue_tokens(APP_ID, 1)
    form = {"event": "ONAPPINSTALL", "auth[application_token]": "told"}
    named = ("access_token", "refresh_token", "expires_in", "member_id", "scope")
    answer = client.post("/bitrix/install/", form | {f"auth[{name}]": tokens[name] for name in named})
    assert answer.status_code == 200
    assert application_tokens() == {"told"}
    assert client_from_settings().call("profile").result["ID"] == "1"


def test_an_ordinary_employee_connects_nothing(app_portal, opened):
    answer = opened(by=app_portal.add_employee("Иван Сидоров").id)
    assert refused(answer)
    assert "script src" not in answer.text


def test_an_employee_whom_the_settings_call_administrator_does(app_portal, opened, settings):
    settings.BITRIX_ADMIN_IDS = [app_portal.add_employee("Иван Сидоров").id]
    assert opened(by=settings.BITRIX_ADMIN_IDS[0]).status_code == 200


@pytest.mark.parametrize("forged", [{"AUTH_ID": "made up"}, {"AUTH_ID": ""}, {"REFRESH_ID": ""}, {"member_id": ""}])
def test_what_is_forged_or_missing_connects_nothing(opened, forged):
    assert refused(opened(**forged))


def test_a_foreign_portal_is_not_even_asked(app_portal, opened, client):
    """Its own administrator's good token, and addresses that lead there: only the configured portal is believed."""
    with running("empty", limits_on=False, apps=dict(app_portal.portal.config.apps)) as foreign:
        address, form = installation.opening(foreign.portal, APP_ID, 1)
        answer = client.post(f"/bitrix/install/?{urlsplit(address).query}", form)
        assert refused(answer)
        assert not list(foreign.log)


def test_another_application_of_the_portal_connects_nothing(app_portal, opened):
    app_portal.portal.config.apps["local.other"] = App(secret="x")
    assert refused(opened(AUTH_ID=app_portal.portal.issue_tokens("local.other", 1)["access_token"]))


def test_a_webhooks_call_is_no_proof(app_portal, opened, settings):
    settings.BITRIX_APP_ID = ""
    answer = opened()
    assert refused(answer)
    assert "BITRIX_APP_ID" in answer.text


def test_a_portal_that_is_away_connects_nothing(app_portal, opened):
    app_portal.fails_with("reset")
    assert opened().status_code == 502
    assert not PortalConnection.objects.exists()


def test_opening_it_again_connects_anew(connected, opened):
    before = PortalConnection.objects.get()
    assert opened().status_code == 200
    after = PortalConnection.objects.get()
    assert after.access_token != before.access_token


def test_an_old_portals_frame_brings_no_application_token_its_event_does(app_portal, opened):
    assert opened(APPLICATION_TOKEN="").status_code == 200
    assert application_tokens() == set()
    handlers = app_portal.portal.events.handlers
    assert [(one.event, one.url) for one in handlers] == [("ONAPPINSTALL", "https://callguard.example/bitrix/install/")]


def test_it_is_not_called_as_often_as_somebody_likes(app_portal, client):
    form = {"AUTH_ID": "x", "REFRESH_ID": "y", "member_id": "z"}
    answers = [client.post("/bitrix/install/", form).status_code for _ in range(25)]
    assert set(answers) == {403, 429}
    assert len(list(app_portal.log)) < 25


def test_a_browser_that_just_looks_is_told_no(client):
    assert client.get("/bitrix/install/").status_code == 405


def test_what_is_stored_is_sealed(connected):
    row = PortalConnection.objects.get()
    assert not any(re.fullmatch(r"[0-9a-f]+", text) for text in (row.access_token, row.refresh_token))
