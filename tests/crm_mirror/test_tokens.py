"""The application's tokens outlive their hour: renewed when needed, by one process at a time, and never lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from crm_mirror import tokens
from crm_mirror.connection import WrongSettings, client_from_settings
from crm_mirror.models import Company, PortalConnection
from crm_mirror.portal import errors
from crm_mirror.portal.client import Patience
from crm_mirror.sync.run import sync
from tests.crm_mirror.conftest import APP_ID

HOUR, DAY = 3600, 24 * 3600


@pytest.fixture
def ask(connected):
    def profile(client=None):
        client = client or client_from_settings(patience=Patience(attempts=1))
        return client.call("profile").result["ID"]

    return profile


@pytest.fixture
def renewals(connected):
    """How often the authorization server was asked."""
    return lambda: [entry.method for entry in connected.log].count("oauth/token")


def stored():
    return tokens.tokens_of(PortalConnection.objects.get())


def test_within_its_hour_a_token_serves_every_request(ask, renewals):
    client = client_from_settings()
    assert [ask(client) for _ in range(3)] == ["1"] * 3
    assert renewals() == 0


def test_what_the_portal_calls_expired_is_renewed_once_and_the_call_repeated(connected, ask, renewals):
    before = stored()
    connected.portal.clock.advance(HOUR)
    client = client_from_settings()
    assert [ask(client), ask(client), ask()] == ["1"] * 3
    assert renewals() == 1
    assert stored().access != before.access
    assert stored().refresh != before.refresh


def test_a_batch_goes_on_as_well(connected, renewals):
    client = client_from_settings()
    connected.portal.clock.advance(HOUR)
    answer = client.call("batch", {"halt": 0, "cmd": {"me": "profile"}})
    assert answer.result["result"]["me"]["ID"] == "1"
    assert renewals() == 1


def test_a_change_is_repeated_too_for_it_was_not_carried_out(connected):
    client = client_from_settings()
    connected.portal.clock.advance(HOUR)
    assert client.call("crm.company.add", {"fields": {"TITLE": "Ромашка"}}, repeatable=False).result > 0


def test_a_token_whose_hour_is_over_is_not_even_tried(connected, ask, renewals):
    PortalConnection.objects.update(expires_at=timezone.now())
    assert ask() == "1"
    assert [entry.method for entry in connected.log][-2:] == ["oauth/token", "profile"]


def test_two_requests_under_way_renew_once(connected, renewals):
    client = client_from_settings()
    client.call("profile")
    connected.portal.clock.advance(HOUR)
    both = [client.begin("profile", {}) for _ in range(2)]
    assert [one.result().result["ID"] for one in both] == ["1", "1"]
    assert renewals() == 1


def test_another_process_s_renewal_is_used(connected, ask, renewals):
    one, other = client_from_settings(), client_from_settings()
    assert [ask(one), ask(other)] == ["1", "1"]
    connected.portal.clock.advance(HOUR)
    assert [ask(one), ask(other)] == ["1", "1"]
    assert renewals() == 1


def test_a_portal_that_calls_everything_expired_ends_in_one_line(connected, ask, renewals):
    connected.fails_with("expired")
    with pytest.raises(errors.TokenExpired) as caught:
        ask()
    assert caught.value.remedy
    assert renewals() == 1


def test_after_180_days_of_silence_it_has_to_be_connected_again(connected, ask, opened, renewals):
    connected.portal.clock.advance(181 * DAY)
    for _ in range(2):
        with pytest.raises(errors.ApplicationLost, match=r"invalid_grant|no more") as caught:
            ask()
    assert "Open the application" in caught.value.remedy
    assert renewals() == 1  # what is refused for good is not asked for again
    assert opened().status_code == 200
    assert ask() == "1"


def test_a_removed_application_is_one_line(connected, ask):
    connected.portal.clock.advance(HOUR)
    del connected.portal.config.apps[APP_ID]
    with pytest.raises(errors.ApplicationLost, match="invalid_client"):
        ask()


def test_an_ended_plan_is_one_line_and_the_tokens_stay(connected, ask):
    connected.portal.clock.advance(HOUR)
    connected.portal.config.rest_available = False
    with pytest.raises(errors.NotAllowed, match="PAYMENT_REQUIRED"):
        ask()
    connected.portal.config.rest_available = True
    assert ask() == "1"


@pytest.mark.parametrize("fault", ["500", "502", "html", "504"])
def test_an_authorization_server_in_trouble_costs_no_token(connected, ask, fault):
    connected.portal.clock.advance(HOUR)
    connected.fails_with(fault, method="oauth/token")
    with pytest.raises(errors.PortalError) as caught:
        ask()
    assert caught.value.retryable
    connected.heal()
    assert ask() == "1"


def test_an_answer_lost_on_its_way_costs_the_tokens_and_says_what_to_do(connected, ask, opened):
    """The refresh token is used up by then, and the new one nobody has: there is nothing to try again with."""
    connected.portal.clock.advance(HOUR)
    connected.fails_with("reset", times=1, method="oauth/token")
    with pytest.raises(errors.ApplicationLost) as caught:
        ask()
    assert "Open the application" in caught.value.remedy
    assert opened().status_code == 200
    assert ask() == "1"


def test_a_passing_fault_of_the_authorization_server_is_not_noticed(connected, ask):
    connected.portal.clock.advance(HOUR)
    connected.fails_with("502", times=1, method="oauth/token")
    assert ask() == "1"


def test_tokens_of_another_portal_are_not_taken(connected, ask):
    connected.portal.clock.advance(HOUR)
    connected.portal.config.member_id = "another"
    before = PortalConnection.objects.get().access_token
    with pytest.raises(errors.ApplicationLost, match="another portal"):
        ask()
    assert PortalConnection.objects.get().access_token == before


def test_tokens_are_sent_to_the_portal_they_came_from_only(connected, settings):
    settings.PORTAL_ORIGIN = "https://elsewhere.example"
    with pytest.raises(WrongSettings, match="not connected"):
        client_from_settings()


def test_before_it_is_opened_there_is_nothing_to_connect_with(app_portal, db):
    with pytest.raises(WrongSettings, match="not connected") as caught:
        client_from_settings()
    assert "/bitrix/install/" in caught.value.remedy


def test_with_a_lost_key_there_is_a_remedy(connected, settings):
    settings.SECRETS_KEYS = ["another" * 8]
    with pytest.raises(WrongSettings) as caught:
        client_from_settings()
    assert "SECRETS_KEYS" in caught.value.remedy


def test_whoever_dies_at_renewing_loses_his_turn(connected):
    row = PortalConnection.objects.get()
    now = timezone.now()
    assert tokens.take_turn(row, at=now)
    assert not tokens.take_turn(row, at=now)
    assert tokens.take_turn(row, at=now + tokens.RENEWING + timedelta(seconds=1))


def test_connecting_anew_wins_over_a_renewal_under_way(connected, opened):
    row = PortalConnection.objects.get()
    until = tokens.take_turn(row, at=timezone.now())
    assert opened().status_code == 200
    fresh = stored()
    grant = tokens.Grant("late", "late", 3600.0, row.member_id, 1, "crm")
    tokens.renew(row, until, "old", lambda refresh: grant)
    assert stored() == fresh


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_many_workers_at_once_renew_once(connected, renewals):
    connected.portal.clock.advance(HOUR)
    connected.fails_with("slow", amount="300ms", method="oauth/token")

    def work(_):
        client = client_from_settings()
        try:
            return client.call("profile").result["ID"]
        finally:
            client.close()
            connection.close()

    with ThreadPoolExecutor(6) as workers:
        assert list(workers.map(work, range(6))) == ["1"] * 6
    assert renewals() == 1


def test_a_whole_sync_goes_over_the_end_of_the_hour(connected, renewals):
    for number in range(120):
        connected.add_company(f"Компания {number}", phone=f"+7 916 123-{number:04}")
    sync()
    connected.portal.clock.advance(HOUR)
    connected.add_company("Ромашка", phone="+7 916 765-43-21")
    sync()
    assert Company.objects.count() == 121
    assert renewals() == 1
