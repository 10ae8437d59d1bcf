from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from crm_mirror.sandbox.access import App
from tests.crm_mirror.sandbox.conftest import CLIENT_ID, SALESMAN, SECRET, salesman


@pytest.fixture
def authorize(server):
    def open_page(**query):
        query = {"client_id": CLIENT_ID, "state": "st&te"} | query
        return requests.get(f"{server.url}/oauth/authorize/", params=query, allow_redirects=False, timeout=5)

    return open_page


@pytest.fixture
def exchange(server):
    def ask(grant_type, **query):
        query = {"grant_type": grant_type, "client_id": CLIENT_ID, "client_secret": SECRET} | query
        return requests.get(f"{server.url}/oauth/token/", params=query, timeout=5)

    return ask


def code_of(answer):
    return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]


def test_the_portal_asks_who_one_is(authorize):
    page = authorize()
    assert page.status_code == 200
    assert "Иван Продажин" in page.text
    assert f"user_id={SALESMAN}" in page.text


def test_the_dismissed_are_not_offered_and_not_let_in(server, authorize):
    server.portal.store.put_user(salesman(ACTIVE=False))
    assert "Иван Продажин" not in authorize().text
    assert authorize(user_id=SALESMAN).status_code == 403


def test_the_way_back_carries_everything_the_docs_say(server, authorize):
    answer = authorize(user_id=SALESMAN)
    assert answer.status_code == 302
    address = urlsplit(answer.headers["Location"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == "https://callguard.example/oauth/"
    query = {key: values[0] for key, values in parse_qs(address.query).items()}
    assert query["a"] == "1"  # the redirect's own query stays
    assert query["state"] == "st&te"
    assert query["domain"] == query["server_domain"] == server.portal.config.host
    assert query["member_id"] == server.portal.config.member_id
    assert "crm" in query["scope"].split(",")


def test_an_unknown_application_is_told_to_the_person_not_to_the_application(authorize):
    answer = authorize(client_id="local.nobody")
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_a_code_is_exchanged_for_tokens_that_work(server, authorize, exchange, ask):
    issued = exchange("authorization_code", code=code_of(authorize(user_id=SALESMAN))).json()
    assert issued["client_endpoint"] == f"{server.url}/rest/"
    assert issued["expires_in"] == 3600
    assert ask("profile", token=issued["access_token"]).json()["result"]["ID"] == str(SALESMAN)


def test_the_answer_has_the_keys_of_the_docs(authorize, exchange):
    issued = exchange("authorization_code", code=code_of(authorize(user_id=SALESMAN))).json()
    assert set(issued) == {
        "access_token",
        "client_endpoint",
        "domain",
        "expires",
        "expires_in",
        "member_id",
        "refresh_token",
        "scope",
        "server_endpoint",
        "status",
        "user_id",
    }


def test_a_code_works_once_and_for_thirty_seconds(server, authorize, exchange):
    code = code_of(authorize(user_id=SALESMAN))
    assert exchange("authorization_code", code=code).ok
    assert exchange("authorization_code", code=code).json()["error"] == "invalid_grant"
    late = code_of(authorize(user_id=SALESMAN))
    server.portal.clock.advance(30)
    assert exchange("authorization_code", code=late).json()["error"] == "invalid_grant"


def test_a_refresh_token_is_replaced_at_each_use(server, exchange, ask):
    old = server.portal.issue_tokens(CLIENT_ID, SALESMAN)
    new = exchange("refresh_token", refresh_token=old["refresh_token"]).json()
    assert new["refresh_token"] != old["refresh_token"]
    assert ask("profile", token=new["access_token"]).ok
    again = exchange("refresh_token", refresh_token=old["refresh_token"])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert exchange("refresh_token", refresh_token=new["refresh_token"]).ok


def test_a_refresh_token_outlives_the_access_token_by_far(server, exchange):
    old = server.portal.issue_tokens(CLIENT_ID, SALESMAN)
    server.portal.clock.advance(179 * 24 * 3600)
    new = exchange("refresh_token", refresh_token=old["refresh_token"])
    assert new.ok
    server.portal.clock.advance(180 * 24 * 3600)
    assert not exchange("refresh_token", refresh_token=new.json()["refresh_token"]).ok


def test_a_wrong_secret_is_an_invalid_client(exchange):
    answer = exchange("refresh_token", refresh_token="x", client_secret="wrong")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_an_unknown_grant_is_an_invalid_request(exchange):
    assert exchange("password").json()["error"] == "invalid_request"


def test_an_ended_plan_must_be_paid(server, exchange):
    old = server.portal.issue_tokens(CLIENT_ID, SALESMAN)
    server.portal.config.rest_available = False
    assert exchange("refresh_token", refresh_token=old["refresh_token"]).json() == {
        "error": "PAYMENT_REQUIRED",
        "error_description": "Payment required",
    }


def test_a_token_of_another_application_is_not_refreshed(server, exchange):
    server.portal.config.apps["local.other"] = App(secret=SECRET)
    other = server.portal.issue_tokens("local.other", SALESMAN)
    assert exchange("refresh_token", refresh_token=other["refresh_token"]).json()["error"] == "invalid_grant"


def test_tokens_may_do_what_the_application_may(server, ask):
    server.portal.config.apps["local.narrow"] = App(secret=SECRET, scopes=frozenset({"crm"}))
    token = server.portal.issue_tokens("local.narrow", SALESMAN)["access_token"]
    assert ask("scope", token=token).json()["result"] == ["crm"]
    assert ask("user.current", token=token).json()["error"] == "insufficient_scope"


def test_the_authorization_server_does_not_fall_with_the_portal_but_by_itself(server, exchange):
    old = server.portal.issue_tokens(CLIENT_ID, SALESMAN)
    server.fails_with("502")
    new = exchange("refresh_token", refresh_token=old["refresh_token"])
    assert new.ok
    server.fails_with("500", method="oauth/token")
    assert exchange("refresh_token", refresh_token=new.json()["refresh_token"]).status_code == 500
    server.heal("500")
    assert exchange("refresh_token", refresh_token=new.json()["refresh_token"]).ok  # it never got there
    assert [entry.method for entry in server.log] == ["oauth/token"] * 3
