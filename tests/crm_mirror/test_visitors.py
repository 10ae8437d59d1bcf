"""Who signs in, by the word of the configured portal; what is stale, foreign or made up vouches for nobody."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from crm_mirror.connection import Refused
from crm_mirror.models import PortalConnection
from crm_mirror.portal.errors import PortalFaulty, PortalUnreachable
from crm_mirror.sandbox.access import App
from crm_mirror.sandbox.server import running
from crm_mirror.visitors import door, guest_in, guest_with, may_come
from tests.crm_mirror.conftest import APP_ID

pytestmark = pytest.mark.django_db


@pytest.fixture
def ivan(connected):
    return connected.add_employee("Иван Сидоров")


def way_back(person_id, state="s"):
    """What the portal's page sends the browser back with."""
    page = requests.get(f"{door(state)}&user_id={person_id}", allow_redirects=False, timeout=5)
    return {name: values[0] for name, values in parse_qs(urlsplit(page.headers["Location"]).query).items()}


def guest(person_id, **forged):
    back = way_back(person_id) | forged
    return guest_with(back["code"], member_id=back["member_id"])


def test_an_employee_is_known_by_the_portals_word(ivan):
    told = guest(ivan.id)
    assert (told.portal_id, told.first_name, told.last_name, told.is_admin) == (ivan.id, "Иван", "Сидоров", False)


def test_an_administrator_is_known_as_one(connected):
    assert guest(1).is_admin is True


def test_the_door_names_the_application_and_the_state_and_nothing_else(connected):
    address = urlsplit(door("st&te"))
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{connected.url}/oauth/authorize/"
    assert parse_qs(address.query) == {"client_id": [APP_ID], "state": ["st&te"]}


def test_the_guests_tokens_are_not_kept(ivan):
    before = PortalConnection.objects.values().get()
    guest(ivan.id)
    assert PortalConnection.objects.values().get() == before


def test_a_code_works_once(ivan):
    back = way_back(ivan.id)
    guest_with(back["code"], member_id=back["member_id"])
    with pytest.raises(Refused):
        guest_with(back["code"], member_id=back["member_id"])


def test_a_code_is_too_old_after_thirty_seconds(connected, ivan):
    back = way_back(ivan.id)
    connected.portal.clock.advance(30)
    with pytest.raises(Refused):
        guest_with(back["code"], member_id=back["member_id"])


def test_a_code_that_is_made_up_is_refused(connected):
    with pytest.raises(Refused):
        guest_with("made-up", member_id=connected.portal.config.member_id)


def test_another_portals_visitor_is_refused_before_anybody_is_asked(connected, ivan):
    back = way_back(ivan.id)
    asked = len(list(connected.log))
    with pytest.raises(Refused):
        guest_with(back["code"], member_id="another")
    assert len(list(connected.log)) == asked


def test_a_code_of_another_portal_is_refused_though_it_says_it_is_ours(connected, settings):
    """One authorization server serves all portals: it hands out the tokens, and says whose they are."""
    ours = connected.portal.config.member_id
    with running("empty", limits_on=False, apps=dict(connected.portal.config.apps), member_id="foreign") as foreign:
        settings.BITRIX_OAUTH_SERVER = foreign.url
        code = foreign.portal.tokens.new_code(APP_ID, 1)
        with pytest.raises(Refused):
            guest_with(code, member_id=ours)
        assert [entry.method for entry in foreign.log] == ["oauth/token"]


def test_with_a_webhook_the_configured_portal_must_know_the_token(connected, settings):
    """No connection tells the portal's ID then; the answer to `profile` decides."""
    PortalConnection.objects.all().delete()
    with running("empty", limits_on=False, apps=dict(connected.portal.config.apps)) as foreign:
        settings.BITRIX_OAUTH_SERVER = foreign.url
        code = foreign.portal.tokens.new_code(APP_ID, 1)
        with pytest.raises(Refused):
            guest_with(code, member_id="")
        assert "profile" not in [entry.method for entry in foreign.log]


def test_with_a_webhook_people_sign_in_as_well(connected, ivan, settings):
    PortalConnection.objects.all().delete()
    settings.BITRIX_WEBHOOK_URL = connected.webhook
    assert guest(ivan.id).portal_id == ivan.id


def test_one_who_was_dismissed_after_he_got_his_code_is_refused(connected, ivan):
    back = way_back(ivan.id)
    connected.dismiss(ivan)
    with pytest.raises(Refused):
        guest_with(back["code"], member_id=back["member_id"])


def test_a_wrong_key_is_the_administrators_to_put_right(connected, ivan):
    connected.portal.config.apps[APP_ID] = App(secret="another", redirect="http://127.0.0.1:1/")
    with pytest.raises(Refused) as refused:
        guest(ivan.id)
    assert "BITRIX_APP_SECRET" in refused.value.remedy


@pytest.mark.parametrize(("fault", "error"), [("reset", PortalUnreachable), ("502", PortalFaulty)])
def test_an_authorization_server_that_is_away_is_asked_once(connected, ivan, fault, error):
    back = way_back(ivan.id)
    connected.fails_with(fault, method="oauth/token")
    before = len([entry for entry in connected.log if entry.method == "oauth/token"])
    with pytest.raises(error):
        guest_with(back["code"], member_id=back["member_id"])
    assert len([entry for entry in connected.log if entry.method == "oauth/token"]) == before + 1


@pytest.mark.parametrize("name", ["BITRIX_APP_ID", "BITRIX_APP_SECRET", "PORTAL_ORIGIN"])
def test_without_an_application_nobody_comes(connected, settings, name):
    assert may_come()
    setattr(settings, name, "")
    assert not may_come()


@pytest.mark.parametrize(("said", "known"), [(True, True), ("Y", True), ("N", False), (False, False), (None, None)])
def test_the_portal_spells_yes_and_no_in_more_than_one_way(said, known):
    assert guest_in({"ID": "7", "ADMIN": said}).is_admin is known
