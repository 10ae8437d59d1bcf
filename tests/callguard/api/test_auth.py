"""Who may ask: employees by card token, staff by session with CSRF; and how often."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from callguard.access.tokens import CardToken, issued
from callguard.models import Account, Call
from crm_mirror.models import Employee
from tests.cast import IVAN, MARINA, OLGA, PAVEL, STRANGER

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(card, romashka):
    """A browser signed in as the given account; `asking(account, csrf=True)`."""

    def asking(account: Account, *, csrf: bool = True):
        browser = card(person=None)
        browser.client.force_login(account)
        if csrf:
            browser.client.cookies["csrftoken"] = "c" * 32
            browser.headers["X-CSRFToken"] = "c" * 32
        return browser

    return asking


def staff(**fields) -> Account:
    return Account.objects.create_user(username="marina", is_staff=True, **fields)


def problem_of(answer) -> str:
    return answer.json()["type"].removeprefix("urn:callguard:problem:")


# --- Card tokens -----------------------------------------------------------------------------------------------------
def test_without_a_token_nobody_is_answered(card, romashka):
    refused = card(person=None).ring()
    assert (refused.status_code, refused["WWW-Authenticate"]) == (401, "Bearer")
    assert (refused["Content-Type"], problem_of(refused)) == ("application/problem+json", "not-authenticated")


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer x.y.z", "bearer é", "Bearer a b"])
def test_a_token_that_proves_nothing_is_refused(card, romashka, header):
    refused = card(person=None).get("/api/v1/verdict/", {"phone": "1"}, Authorization=header)
    assert (refused.status_code, refused["WWW-Authenticate"]) == (401, "Bearer")
    assert problem_of(refused) == "authentication-failed"


@pytest.mark.parametrize("header", ["Basic bWFyaW5hOng=", "Token abc", ""])
def test_another_way_of_signing_in_is_no_way(card, romashka, header):
    refused = card(person=None).get("/api/v1/verdict/", {"phone": "1"}, Authorization=header)
    assert (refused.status_code, problem_of(refused)) == (401, "not-authenticated")


def test_a_token_that_has_run_out_is_told_so(card, romashka, settings):
    hour_ago = timezone.now() - timedelta(hours=1)
    token = issued(CardToken(IVAN.id), secret=settings.CARD_TOKEN_SECRET, ttl=timedelta(minutes=5), at=hour_ago)
    refused = card(person=None).get("/api/v1/verdict/", {"phone": "1"}, Authorization=f"Bearer {token}")
    assert (refused.status_code, refused.json()["detail"]) == (401, "The token has run out.")


def test_a_server_without_a_secret_says_so_and_lets_nobody_in(card, romashka, settings):
    asking = card(IVAN)
    settings.CARD_TOKEN_SECRET = ""
    refused = asking.verdict()
    assert refused.status_code == 401
    assert "CARD_TOKEN_SECRET" in refused.json()["detail"]


def test_the_scheme_may_be_written_in_any_case(card, romashka):
    asking = card(IVAN)
    asking.headers["Authorization"] = asking.headers["Authorization"].replace("Bearer", "bearer")
    assert asking.verdict().status_code == 200


def test_an_employee_whom_the_mirror_does_not_know_is_refused(card, romashka):
    refused = card(STRANGER).ring()
    assert (refused.status_code, problem_of(refused)) == (403, "employee-unknown")


def test_a_dismissed_employee_is_refused(card, romashka):
    refused = card(PAVEL).ring()
    assert (refused.status_code, problem_of(refused)) == (403, "employee-dismissed")


@pytest.mark.parametrize("user_type", ["extranet", "email", "bot"])
def test_who_is_no_employee_of_the_portal_is_refused(card, romashka, user_type):
    asking = card(IVAN)
    asking.ring(call_id="call-1")
    Employee.objects.filter(portal_id=IVAN.id).update(user_type=user_type)
    for refused in (asking.verdict(), asking.ring(), asking.end("call-1")):
        assert (refused.status_code, problem_of(refused)) == (403, "employee-unknown")


def test_a_token_stops_working_with_the_dismissal(card, romashka):
    asking = card(IVAN)
    assert asking.verdict().status_code == 200
    Employee.objects.filter(portal_id=IVAN.id).update(deleted_at=timezone.now())
    assert asking.verdict().status_code == 403


def test_a_refused_ring_leaves_no_call(card, romashka):
    for person in (None, STRANGER, PAVEL):
        card(person).ring()
    assert not Call.objects.exists()


def test_a_bearer_needs_no_csrf_token(ivans_card):
    assert ivans_card.ring().status_code == 201


# --- Sessions --------------------------------------------------------------------------------------------------------
def test_a_staff_account_asks_in_the_name_of_its_employee(session):
    assert session(staff(employee_id=IVAN.id)).ring(call_id="call-1").json()["colour"] == "red"
    assert Call.objects.get().caller_id == IVAN.id


def test_ones_own_client_stays_uncoloured_by_session_too(session):
    assert session(staff(employee_id=OLGA.id)).verdict().json()["reason"] == "own_client"


def test_a_session_without_a_csrf_token_may_not_write(session):
    refused = session(staff(employee_id=IVAN.id), csrf=False).ring()
    assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")
    assert "CSRF" in refused.json()["detail"]
    assert not Call.objects.exists()


def test_an_account_that_is_linked_to_nobody_is_told_what_to_do(session):
    refused = session(staff()).verdict()
    assert (refused.status_code, problem_of(refused)) == (403, "account-not-linked")
    assert "admin" in refused.json()["detail"]


def test_a_session_of_a_dismissed_employee_is_none_any_more(session):
    browser = session(staff(employee_id=IVAN.id))
    assert browser.verdict().status_code == 200
    Employee.objects.filter(portal_id=IVAN.id).update(active=False)
    refused = browser.verdict()
    assert (refused.status_code, problem_of(refused)) == (401, "not-authenticated")


def test_an_account_that_is_not_staff_is_refused(session):
    account = Account.objects.create_user(username="guest", employee_id=IVAN.id)
    assert session(account).verdict().status_code == 403


def test_a_switched_off_account_is_nobody(session):
    account = staff(employee_id=IVAN.id)
    browser = session(account)
    Account.objects.update(is_active=False)
    assert browser.verdict().status_code == 401


def test_a_token_goes_before_a_session(session, card):
    browser = session(staff(employee_id=OLGA.id))
    browser.headers |= card(IVAN).headers
    assert browser.verdict().json()["reason"] == "foreign_client"


# --- How often -------------------------------------------------------------------------------------------------------
def test_who_asks_too_often_is_told_when_to_come_back(card, romashka, settings):
    settings.API_RATE_PER_CALLER = "2/min"
    asking = card(IVAN)
    assert [asking.verdict().status_code for _ in range(3)] == [200, 200, 429]
    refused = asking.ring()
    assert (refused["Content-Type"], problem_of(refused)) == ("application/problem+json", "throttled")
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert not Call.objects.exists()


def test_one_callers_haste_does_not_hold_up_another(card, romashka, settings):
    settings.API_RATE_PER_CALLER = "1/min"
    assert [card(IVAN).verdict().status_code for _ in range(2)] == [200, 429]
    assert card(MARINA).verdict().status_code == 200


def test_without_the_shared_cache_cards_are_answered_uncounted(card, romashka, settings):
    redis = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES, settings.API_RATE_PER_CALLER = {"default": redis}, "1/min"
    assert [card(IVAN).verdict().status_code for _ in range(2)] == [200, 200]


def test_a_strangers_body_is_not_looked_at(card, romashka):
    assert card(person=None).post("/api/v1/calls/", b"{").status_code == 401
    assert card(person=None).post("/api/v1/calls/", b" " * 100_000).status_code == 401


def test_a_dismissed_employee_cannot_end_a_call_either(card, romashka):
    asking = card(IVAN)
    asking.ring(call_id="call-1")
    Employee.objects.filter(portal_id=IVAN.id).update(active=False)
    assert (asking.end("call-1").status_code, card(STRANGER).end("call-1").status_code) == (403, 403)


def test_before_the_first_sync_nobody_is_refused_for_being_unknown(card, db):
    asking = card(STRANGER)
    assert asking.ring(call_id="call-1").json()["reason"] == "mirror_empty"
    assert asking.end("call-1").status_code == 204
