import pytest

from tests.contract.sample import assert_same_shape, sample
from tests.crm_mirror.sandbox.conftest import ADMIN, CLIENT_ID, SALESMAN
from tests.crm_mirror.sandbox.receiver import listening


@pytest.fixture
def receiver():
    with listening() as receiver:
        yield receiver


@pytest.fixture
def salesman_token(server):
    return server.portal.issue_tokens(CLIENT_ID, SALESMAN)["access_token"]


@pytest.fixture
def bind(ask, app_token, receiver):
    def call(event="ONCRMCOMPANYUPDATE", *, token=app_token, **what):
        return ask("event.bind", {"event": event, "handler": receiver.url} | what, token=token).json()

    return call


@pytest.fixture
def happened(server, receiver):
    """Let something happen and return what the handler was told."""

    def emit(event="ONCRMCOMPANYUPDATE", entity_id=2917, by=ADMIN):
        server.portal.emit(event, {"ID": entity_id}, by)
        server.portal.events.settle()
        return receiver.events

    return emit


def test_a_handler_is_told_in_the_form_of_the_docs(bind, happened):
    assert bind()["result"] is True
    told = happened()[0]
    assert_same_shape(told, sample("on-crm-company-update.event.json"), may_add={"user_id"})
    assert (told["event"], told["data"]) == ("ONCRMCOMPANYUPDATE", {"FIELDS": {"ID": "2917"}})


def test_the_token_of_an_event_works_as_who_caused_it(bind, happened, ask):
    bind()
    told = happened(by=SALESMAN)[0]
    assert told["auth"]["user_id"] == str(SALESMAN)
    assert ask("profile", token=told["auth"]["access_token"]).json()["result"]["ID"] == str(SALESMAN)


def test_a_handler_bound_for_somebody_gets_his_token(bind, happened):
    bind(auth_type=ADMIN)
    assert happened(by=SALESMAN)[0]["auth"]["user_id"] == str(ADMIN)


def test_a_robot_brings_no_token(bind, happened):
    bind()
    told = happened(by=None)[0]
    assert_same_shape(told, sample("index-2.event.json"))
    assert "access_token" not in told["auth"]


def test_an_outgoing_webhook_is_made_by_hand_and_brings_its_own_application_token(server, receiver, happened):
    token = server.portal.events.outgoing_webhook(receiver.url, ["ONCRMCOMPANYUPDATE"])
    told = happened()[0]
    assert told["auth"]["application_token"] == token
    assert "access_token" not in told["auth"]


def test_an_event_is_told_at_most_once(server, bind, receiver, happened):
    bind()
    receiver.status = 500
    assert len(happened()) == 1
    assert [delivery.status for delivery in server.portal.events.delivered] == [500]


def test_a_handler_that_is_away_misses_the_event(server, happened):
    server.portal.events.bind("ONCRMCOMPANYUPDATE", "http://127.0.0.1:1/gone/")
    happened()
    assert [delivery.status for delivery in server.portal.events.delivered] == [0]


def test_a_change_made_by_rest_is_an_event(bind, ask, server, receiver):
    bind("ONCRMCOMPANYADD")
    added = ask("crm.company.add", {"fields": {"TITLE": "Ромашка"}}).json()["result"]
    server.portal.events.settle()
    assert [told["data"]["FIELDS"]["ID"] for told in receiver.events] == [str(added)]


def test_other_events_are_not_told(bind, happened):
    bind("ONCRMLEADADD")
    assert happened() == []


def test_an_unknown_event_cannot_be_bound(bind):
    assert bind("ONNOTHING") == sample("event-bind-2.error.json")


def test_the_same_handler_cannot_be_bound_twice(bind):
    bind()
    again = bind()
    assert again["error"] == "ERROR_CORE"
    assert "already binded" in again["error_description"]


def test_handlers_are_listed(bind, ask, app_token):
    bind()
    bind("ONCRMLEADADD", auth_type=ADMIN)
    answer = ask("event.get", token=app_token).json()
    assert_same_shape(answer, sample("event-get.result.json"))
    assert [(row["event"], row["auth_type"]) for row in answer["result"]] == [
        ("ONCRMCOMPANYUPDATE", "0"),
        ("ONCRMLEADADD", "1"),
    ]


def test_unbinding_counts_what_went(bind, ask, app_token, receiver):
    bind()
    bind(auth_type=ADMIN)
    asked = {"event": "ONCRMCOMPANYUPDATE", "handler": receiver.url}
    assert ask("event.unbind", asked | {"auth_type": 0}, token=app_token).json()["result"] == {"count": 1}
    assert ask("event.unbind", asked, token=app_token).json()["result"] == {"count": 1}
    assert ask("event.unbind", asked, token=app_token).json()["result"] == {"count": 0}


def test_an_ordinary_employee_binds_for_himself_only(bind, ask, salesman_token):
    assert bind(token=salesman_token)["result"] is True
    assert [row["auth_type"] for row in ask("event.get", token=salesman_token).json()["result"]] == [str(SALESMAN)]
    refused = bind("ONCRMLEADADD", token=salesman_token, auth_type=ADMIN)
    assert refused["error_description"].endswith("with AUTH_TYPE requires administrator access rights")
    offline = bind("ONCRMLEADADD", token=salesman_token, event_type="offline")
    assert offline["error_description"] == (
        "Access denied! Offline events binding requires administrator access rights"
    )


def test_offline_handlers_of_others_are_not_unbound(ask, salesman_token):
    answer = ask("event.unbind", {"event": "ONCRMLEADADD", "event_type": "offline"}, token=salesman_token)
    assert answer.status_code == 403
    assert answer.json() == sample("event-unbind-2.error.json")


def test_the_events_of_a_scope_can_be_listed(ask):
    assert_same_shape(ask("events").json(), sample("events.result.json"), may_add={"time"})
    assert "ONCRMCOMPANYUSERFIELDSETENUMVALUES" in ask("events").json()["result"]
    assert "ONVOXIMPLANTCALLEND" in ask("events", {"SCOPE": "telephony"}).json()["result"]
    assert "ONCRMLEADADD" not in ask("events", {"SCOPE": "telephony"}).json()["result"]
