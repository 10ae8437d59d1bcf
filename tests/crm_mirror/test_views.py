"""The door that the portal's events come through: what is kept, what is refused, and how little it costs."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crm_mirror.models import InboxEvent
from crm_mirror.sandbox.events import brackets
from tests.contract.sample import sample

TOKEN = "the-portals-application-token"
ADDRESS = "/bitrix/events/"
FORM = "application/x-www-form-urlencoded"
State = InboxEvent.State


@pytest.fixture(autouse=True)
def _connected(settings):
    settings.BITRIX_APPLICATION_TOKEN = TOKEN
    cache.clear()


@pytest.fixture
def tell(db):
    """tell(event): POST it as the portal does, without a cookie or a CSRF token; returns the answer."""
    client = Client(enforce_csrf_checks=True)

    def post(event, *, token=TOKEN, body=None, content_type=FORM, **headers):
        told = event | {"auth": event.get("auth", {}) | ({} if token is None else {"application_token": token})}
        sent = urlencode(brackets(told)) if body is None else body
        return client.post(ADDRESS, sent, content_type=content_type, headers=headers)

    return post


def update(entity_id="2917", event="ONCRMCOMPANYUPDATE", **auth):
    return {"event": event, "data": {"FIELDS": {"ID": entity_id}}, "ts": "1743165490", "auth": auth}


def kept():
    return InboxEvent.objects.get()


@pytest.mark.parametrize(
    ("name", "event", "entity_id", "state"),
    [
        ("on-crm-company-add", "ONCRMCOMPANYADD", "2917", State.WAITING),
        ("on-crm-company-update", "ONCRMCOMPANYUPDATE", "2917", State.WAITING),
        ("on-crm-company-delete", "ONCRMCOMPANYDELETE", "2917", State.WAITING),
        ("on-crm-contact-update", "ONCRMCONTACTUPDATE", "82", State.WAITING),
        ("on-crm-lead-add", "ONCRMLEADADD", "1000983", State.WAITING),
        ("on-crm-deal-delete", "ONCRMDEALDELETE", "1765", State.WAITING),
        ("on-user-add", "ONUSERADD", "123", State.WAITING),
        ("on-offline-event", "ONOFFLINEEVENT", "", State.WAITING),
        ("on-voximplant-call-start", "ONVOXIMPLANTCALLSTART", "", State.DONE),
        ("on-app-uninstall", "ONAPPUNINSTALL", "", State.DONE),
    ],
)
def test_events_of_the_docs_are_kept_and_answered_at_once(tell, name, event, entity_id, state):
    answer = tell(sample(f"{name}.event.json"))
    assert (answer.status_code, answer.content) == (200, b"")
    assert (kept().event, kept().entity_id, kept().state) == (event, entity_id, state)


def test_the_end_of_a_call_is_kept_with_its_facts(tell):
    tell(sample("on-voximplant-call-end.event.json"))
    assert kept().entity_id == "externalCall.7b0c7de811455ef32b18dc5917e4306a.1773239327"
    assert (kept().data["CALL_FAILED_CODE"], kept().data["PORTAL_USER_ID"]) == ("304", "1269")


def test_one_insert_is_all_it_writes(tell, db):
    with CaptureQueriesContext(connection) as queries:
        assert tell(update()).status_code == 200
    verbs = [query["sql"].split()[0] for query in queries]
    assert verbs[-1] == "INSERT"
    assert verbs[:-1] in ([], ["SELECT"]), "at most the application token that was learned is looked up"


def test_who_acted_and_when_is_kept_and_no_token_is(tell, caplog):
    secrets = {"access_token": "opens-the-portal", "refresh_token": "opens-it-for-long", "user_id": "17"}
    caplog.set_level("DEBUG")
    tell(update(**secrets))
    assert (kept().user_id, kept().data) == (17, {"ts": "1743165490"})
    row = json.dumps(list(InboxEvent.objects.values()), default=str)
    assert not any(secret in row + caplog.text for secret in ("opens-the-portal", "opens-it-for-long", TOKEN))


def test_people_are_not_copied_from_their_event(tell):
    tell(sample("on-user-add.event.json"))
    assert "Klaus" not in json.dumps(kept().data)


def test_json_serves_as_well(tell):
    told = update() | {"auth": {"application_token": TOKEN}}
    assert tell({}, body=json.dumps(told), content_type="application/json").status_code == 200
    assert kept().entity_id == "2917"


def test_no_cookie_is_set(tell):
    assert not tell(update()).cookies


def test_whatever_the_portal_accepts_as_an_answer(tell):
    assert tell(update(), accept="text/html").status_code == 200


class TestForged:
    @pytest.mark.parametrize("token", ["forged", "", None, TOKEN + " ", TOKEN[:-1], "т", "\ud800", TOKEN * 100])
    def test_a_wrong_or_missing_token_is_refused_and_nothing_kept(self, tell, token):
        told = update() | {"auth": {} if token is None else {"application_token": token}}
        answer = tell({}, token=None, body=json.dumps(told), content_type="application/json")
        assert answer.status_code == 403
        assert answer["Content-Type"] == "application/problem+json"
        assert TOKEN not in answer.text
        assert not InboxEvent.objects.exists()

    @pytest.mark.parametrize("token", ["", "anything"])
    def test_without_a_token_of_ours_nobody_is_believed(self, tell, settings, token):
        settings.BITRIX_APPLICATION_TOKEN = ""
        assert tell(update(), token=token).status_code == 403

    @pytest.mark.parametrize("auth", [None, "text", [TOKEN], {"application_token": [TOKEN]}, {"application_token": 1}])
    def test_a_token_in_the_wrong_shape_is_none(self, tell, auth):
        body = json.dumps({"event": "ONCRMCOMPANYUPDATE", "auth": auth})
        assert tell({}, body=body, content_type="application/json").status_code == 403


class TestMalformed:
    @pytest.mark.parametrize(
        "data",
        [
            {},
            [],
            "text",
            {"FIELDS": "text"},
            {"FIELDS": {"ID": ""}},
            {"FIELDS": {"ID": "12 or 1=1"}},
            {"FIELDS": {"ID": "-5"}},
            {"FIELDS": {"ID": "9" * 40}},
            {"FIELDS": {"ID": {"ID": {"ID": "5"}}}},
            {"FIELDS": {"ID": ["5"]}},
            {"FIELDS": {"ID": 1e400}},
            {"FIELDS": {"ID": "\x00"}},
        ],
        ids=str,
    )
    def test_without_a_readable_id_it_is_kept_as_ignored_with_the_reason(self, tell, data):
        told = update() | {"data": data, "auth": {"application_token": TOKEN}}
        assert tell({}, body=json.dumps(told), content_type="application/json").status_code == 200
        assert (kept().state, kept().entity_id) == (State.IGNORED, "")
        assert "ID" in kept().note

    @pytest.mark.parametrize("event", ["ONIMBOTMESSAGEADD", "", "\x00\ud800", "X" * 5000, 5, None, ["A"]], ids=str)
    def test_an_unknown_event_is_kept_as_ignored_without_its_data(self, tell, event):
        told = {"event": event, "data": {"BOT": {"access_token": "opens"}}, "auth": {"application_token": TOKEN}}
        assert tell({}, body=json.dumps(told), content_type="application/json").status_code == 200
        assert (kept().state, kept().note, kept().data) == (State.IGNORED, "unknown event", {})

    @pytest.mark.parametrize("call_id", ["", "x" * 129, {"a": "b"}])
    def test_a_call_without_a_usable_id_is_ignored(self, tell, call_id):
        told = {"event": "ONVOXIMPLANTCALLEND", "data": {"CALL_ID": call_id}, "auth": {"application_token": TOKEN}}
        assert tell({}, body=json.dumps(told), content_type="application/json").status_code == 200
        assert kept().state == State.IGNORED

    @pytest.mark.parametrize("user_id", ["robot", "-1", "9" * 40, {"a": 1}, [], None, 1.5])
    def test_a_user_that_cannot_be_read_is_nobody(self, tell, user_id):
        told = update(user_id=user_id, application_token=TOKEN)
        assert tell({}, body=json.dumps(told), content_type="application/json").status_code == 200
        assert kept().user_id is None

    @pytest.mark.parametrize(
        ("body", "content_type"),
        [
            (b"{", "application/json"),
            (b"[]", "application/json"),
            (b"\xff\xfe", "application/json"),
            (b"[" * 60_000, "application/json"),
            (b"&".join(b"a=1" for _ in range(600)), FORM),
        ],
    )
    def test_what_cannot_be_read_is_refused(self, tell, body, content_type):
        answer = tell({}, body=body, content_type=content_type)
        assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")

    @pytest.mark.parametrize(
        "body",
        [
            b"\xff\x00=%00&%ff[%ff]=[",
            b"auth=1&auth[application_token]=2&auth[application_token][x]=3",
            b"a" + b"[b]" * 20_000 + b"=1",
            b"]]][[[=1",
            b"",
        ],
    )
    def test_a_form_of_rubbish_is_nobodys(self, tell, body):
        assert tell({}, body=body).status_code == 403

    def test_nested_rubbish_around_a_good_event_does_no_harm(self, tell):
        good = urlencode(brackets(update(application_token=TOKEN)))
        assert tell({}, body=f"data[FIELDS]=x&{good}&data[FIELDS][ID][ID][ID]=1&auth[user_id][]=5").status_code == 200
        assert kept().state == State.IGNORED

    def test_a_field_of_ten_megabytes_is_refused(self, tell):
        told = urlencode(brackets(update(application_token=TOKEN) | {"rubbish": "x" * 10_000_000}))
        answer = tell({}, body=told)
        assert (answer.status_code, answer.json()["type"]) == (413, "urn:callguard:problem:too-large")
        assert not InboxEvent.objects.exists()


@pytest.mark.parametrize("verb", ["get", "put", "delete", "options", "head"])
def test_only_post_is_answered(client, verb):
    assert getattr(client, verb)(ADDRESS).status_code == 405


class TestNudge:
    """Where there is a broker, a worker is told of the event."""

    @pytest.fixture(autouse=True)
    def _with_a_broker(self, settings):
        settings.CELERY_TASK_ALWAYS_EAGER = False

    @pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "amqp://127.0.0.1:1//", "nonsense://"])
    def test_a_broken_broker_fails_no_event_and_is_tried_once_in_a_while(self, tell, settings, caplog, url):
        settings.CELERY_BROKER_URL = url
        assert [tell(update(str(number))).status_code for number in range(1, 6)] == [200] * 5
        assert InboxEvent.objects.count() == 5
        assert len([line for line in caplog.messages if "worker not told" in line]) == 1
