"""Answers of the protocol half (system, events, placements, telephony, notifications) beside the official samples.

Events, offline queues and telephony have theirs where they are tested: tests/crm_mirror/sandbox.
"""

import pytest
import requests

from crm_mirror.sandbox.access import App
from crm_mirror.sandbox.server import running
from tests.contract.sample import assert_same_shape, sample

CLIENT_ID = "local.test.1"
HANDLER = "https://myapp.example/?handler="


@pytest.fixture(scope="module")
def portal():
    with running("demo", limits_on=False, apps={CLIENT_ID: App(secret="x")}) as server:
        yield server


@pytest.fixture
def ask(portal):
    """The whole answer of a method, asked by the webhook or, with app=True, by the application."""
    token = portal.portal.issue_tokens(CLIENT_ID, 1)["access_token"]

    def call(method, params=None, *, app=False):
        address = f"{portal.url}/rest/" if app else portal.webhook
        body = (params or {}) | ({"auth": token} if app else {})
        return requests.post(address + method, json=body, timeout=10)

    yield call
    portal.portal.memory.clear()  # placements and notifications of this test


@pytest.mark.parametrize(
    ("name", "method", "params"),
    [
        ("method-get", "method.get", {"name": "user.get"}),
        ("methods", "methods", {}),
        ("scope", "scope", {}),
        ("server-time", "server.time", {}),
        ("user-admin", "user.admin", {}),
        ("im-notify-personal-add", "im.notify.personal.add", {"USER_ID": 1, "MESSAGE": "[b]Привет[/b]"}),
        ("im-notify-system-add", "im.notify.system.add", {"USER_ID": 1, "MESSAGE": "Привет"}),
    ],
)
def test_an_answer_has_the_shape_of_the_sample(ask, name, method, params):
    assert_same_shape(ask(method, params).json(), sample(f"{name}.result.json"))


def test_the_profile_has_at_least_the_keys_of_the_sample(ask):
    assert_same_shape(ask("profile").json(), sample("profile.result.json"))


def test_the_current_user_has_at_least_the_keys_of_the_sample(ask):
    answer = ask("user.current").json()
    expected = sample("user-current.result.json")
    facts = set(answer["result"]) - set(expected["result"])
    assert_same_shape(answer, expected, may_add=facts)
    assert not {"IS_ADMIN", "IS_HIDDEN"} & facts


def test_an_application_learns_about_itself(ask):
    assert_same_shape(ask("app.info", app=True).json(), sample("app-info.result.json"))


@pytest.mark.parametrize(
    ("name", "method", "params", "status"),
    [
        ("app-info-2", "app.info", {}, 400),
        ("placement-list-2", "placement.list", {}, 403),
        ("placement-unbind-2", "placement.unbind", {"PLACEMENT": "CALL_CARD"}, 403),
        ("im-notify-personal-add-2", "im.notify.personal.add", {"MESSAGE": "x"}, 400),
        ("im-notify-system-add-2", "im.notify.system.add", {"USER_ID": 0, "MESSAGE": "x"}, 400),
    ],
)
def test_a_refusal_is_that_of_the_sample(ask, name, method, params, status):
    answer = ask(method, params)
    assert (answer.status_code, answer.json()) == (status, sample(f"{name}.error.json"))


def test_a_feature_can_be_asked_for(ask):
    assert ask("feature.get", {"CODE": "rest_offline_extended"}).json()["result"] == {"value": "Y"}
    assert ask("feature.get", {"CODE": "nothing"}).json()["result"] == {"value": "N"}
    assert ask("feature.get").json() == {"error": "CODE_EMPTY", "error_description": "CODE can't be empty"}


def test_a_placement_needs_its_code(ask):
    answer = ask("placement.bind", {"HANDLER": HANDLER}, app=True)
    assert (answer.status_code, answer.json()) == (200, sample("placement-bind-2.error.json"))


def test_a_placement_is_bound_listed_and_unbound(ask):
    bound = ask("placement.bind", {"PLACEMENT": "CALL_CARD", "HANDLER": HANDLER + "1", "TITLE": "Чей?"}, app=True)
    assert_same_shape(bound.json(), sample("placement-bind.result.json"))
    listed = ask("placement.get", app=True).json()
    # options and languages are the application's own words, so their keys are too
    own = {"errorHandlerUrl", "extranet", "context", "role", "de", "ru"}
    assert_same_shape(listed, sample("placement-get.result.json"), may_miss=own, may_add=own)
    assert listed["result"][0]["title"] == "Чей?"
    gone = ask("placement.unbind", {"PLACEMENT": "CALL_CARD"}, app=True).json()
    assert_same_shape(gone, sample("placement-unbind.result.json"))
    assert gone["result"] == {"count": 1}


def test_a_handler_already_bound_is_an_error(ask):
    asked = {"PLACEMENT": "CALL_CARD", "HANDLER": HANDLER + "2"}
    assert ask("placement.bind", asked, app=True).json()["result"] is True
    assert "already binded" in ask("placement.bind", asked, app=True).json()["error_description"]


def test_a_background_worker_needs_its_error_handler_and_is_alone(ask):
    asked = {"PLACEMENT": "PAGE_BACKGROUND_WORKER", "HANDLER": HANDLER + "3"}
    assert ask("placement.bind", asked, app=True).json()["error"] == "EMPTY_ERROR_HANDLER_URL"
    asked["OPTIONS"] = {"errorHandlerUrl": HANDLER}
    assert ask("placement.bind", asked, app=True).json()["result"] is True
    assert ask("placement.bind", asked, app=True).json()["error"] == "ERROR_PLACEMENT_MAX_COUNT"


def test_placements_of_the_scopes_are_listed(ask):
    answer = ask("placement.list", app=True).json()
    assert_same_shape(answer, sample("placement-list.result.json"))
    assert "CALL_CARD" in answer["result"]
    assert ask("placement.list", {"SCOPE": "im"}, app=True).json()["result"] == ["IM_CONTEXT_MENU"]
    refused = ask("placement.bind", {"PLACEMENT": "TASK_VIEW_TAB", "HANDLER": HANDLER}, app=True)
    assert refused.json()["error"] == "ERROR_PLACEMENT_NOT_FOUND"


def test_a_tag_replaces_the_older_notification_of_the_same_application(ask, portal):
    for text in ("раз", "два"):
        ask("im.notify.personal.add", {"USER_ID": 1, "MESSAGE": text, "TAG": "conflict"}, app=True)
        ask("im.notify.personal.add", {"USER_ID": 1, "MESSAGE": f"без заявки {text}", "TAG": "conflict"})
    kept = [note["message"] for note in portal.portal.memory["notifications"] if note["user_id"] == 1]
    assert "раз" not in kept
    assert {"два", "без заявки раз", "без заявки два"} <= set(kept)
