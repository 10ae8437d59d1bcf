import pytest

from tests.contract.sample import assert_same_shape, sample
from tests.crm_mirror.sandbox.conftest import ADMIN, CLIENT_ID, SALESMAN
from tests.crm_mirror.sandbox.receiver import listening


@pytest.fixture
def queue(ask, app_token):
    """queue("get", {…}): a method of event.offline.* as the application."""
    for event in ("ONCRMCOMPANYUPDATE", "ONCRMLEADADD"):
        assert ask("event.bind", {"event": event, "event_type": "offline"}, token=app_token).ok

    def call(method, params=None):
        return ask(f"event.offline.{method}", params, token=app_token).json()["result"]

    return call


@pytest.fixture
def happened(server):
    def emit(event, *ids, by=ADMIN):
        for entity_id in ids:
            server.portal.emit(event, {"ID": entity_id}, by)

    return emit


def ids(events):
    return [event["EVENT_DATA"]["FIELDS"]["ID"] for event in events]


def test_changes_wait_in_the_queue(ask, app_token, queue, happened):
    happened("ONCRMCOMPANYUPDATE", 5)
    happened("ONCRMLEADADD", 6)
    answer = ask("event.offline.list", token=app_token).json()
    assert_same_shape(answer, sample("event-offline-list.result.json"))
    assert [row["EVENT_NAME"] for row in answer["result"]] == ["ONCRMCOMPANYUPDATE", "ONCRMLEADADD"]
    assert answer["total"] == 2


def test_edits_of_one_entity_are_one_line(queue, happened):
    happened("ONCRMCOMPANYUPDATE", 5, 6, 5, 5)
    assert ids(queue("list")) == [6, 5]


def test_reading_deletes_unless_told_otherwise(ask, app_token, queue, happened):
    happened("ONCRMCOMPANYUPDATE", 5)
    answer = ask("event.offline.get", token=app_token).json()
    assert_same_shape(answer, sample("event-offline-get.result.json"))
    assert answer["result"]["process_id"] is None
    assert queue("list") == []


def test_reserved_lines_are_given_to_nobody_else(queue, happened):
    happened("ONCRMCOMPANYUPDATE", 5, 6, 7)
    first = queue("get", {"clear": 0, "limit": 2})
    second = queue("get", {"clear": 0})
    assert (ids(first["events"]), ids(second["events"])) == ([5, 6], [7])
    assert first["process_id"] != second["process_id"]
    assert [row["PROCESS_ID"] for row in queue("list")] == [first["process_id"]] * 2 + [second["process_id"]]


def test_a_process_may_read_again_what_it_reserved(queue, happened):
    happened("ONCRMCOMPANYUPDATE", 5)
    first = queue("get", {"clear": 0})
    again = queue("get", {"clear": 0, "process_id": first["process_id"]})
    assert again == first


def test_an_edit_after_the_reservation_is_a_new_line(queue, happened):
    happened("ONCRMCOMPANYUPDATE", 5)
    queue("get", {"clear": 0})
    happened("ONCRMCOMPANYUPDATE", 5)
    assert ids(queue("list")) == [5, 5]


def test_clearing_removes_the_reservation_or_the_named_lines_of_it(queue, happened):
    happened("ONCRMCOMPANYUPDATE", 5, 6, 7)
    taken = queue("get", {"clear": 0})
    five, six = taken["events"][0], taken["events"][1]
    assert queue("clear", {"process_id": taken["process_id"], "id": [five["ID"]]}) is True
    queue("clear", {"process_id": taken["process_id"], "message_id": [six["MESSAGE_ID"]]})
    assert ids(queue("list")) == [7]
    queue("clear", {"process_id": "another"})
    assert ids(queue("list")) == [7]
    queue("clear", {"process_id": taken["process_id"]})
    assert queue("list") == []


def test_failed_lines_come_back_when_asked_for(queue, happened):
    happened("ONCRMCOMPANYUPDATE", 5, 6)
    taken = queue("get", {"clear": 0})
    failed = taken["events"][1]
    assert queue("error", {"process_id": taken["process_id"], "message_id": [failed["MESSAGE_ID"]]}) is True
    assert [row["ERROR"] for row in queue("list")] == ["0", "1"]
    assert queue("get", {"clear": 0})["events"] == []
    assert ids(queue("get", {"clear": 0, "error": 1})["events"]) == [6]


def test_at_most_fifty_come_at_once(queue, happened):
    happened("ONCRMCOMPANYUPDATE", *range(60))
    assert ids(queue("get")["events"]) == list(range(50))
    assert ids(queue("get")["events"]) == list(range(50, 60))


def test_the_queue_can_be_filtered_and_sorted(queue, happened):
    happened("ONCRMCOMPANYUPDATE", 5, 6)
    happened("ONCRMLEADADD", 7)
    assert ids(queue("get", {"filter": {"EVENT_NAME": "ONCRMLEADADD"}})["events"]) == [7]
    assert ids(queue("list", {"order": {"ID": "DESC"}})) == [6, 5]
    first = queue("list")[0]
    assert ids(queue("list", {"filter": {">ID": first["ID"]}})) == [6]


def test_queues_of_sources_are_apart(ask, app_token, queue, server, happened):
    asked = {"event": "ONCRMCOMPANYUPDATE", "event_type": "offline", "auth_connector": "callguard"}
    assert ask("event.bind", asked, token=app_token).ok
    happened("ONCRMCOMPANYUPDATE", 5)
    added = server.portal.call("crm.company.add", {"fields": {"TITLE": "Ромашка"}})
    ask("crm.company.update", {"id": added, "fields": {"TITLE": "Лютик"}, "auth_connector": "callguard"})
    assert [int(one) for one in ids(queue("list"))] == [5, int(added)]
    assert ids(queue("list", {"auth_connector": "callguard"})) == [5]  # its own change is kept from it


@pytest.mark.parametrize("method", ["get", "list", "clear", "error"])
def test_only_administrators_read_the_queue(server, ask, method):
    token = server.portal.issue_tokens(CLIENT_ID, SALESMAN)["access_token"]
    answer = ask(f"event.offline.{method}", token=token)
    assert answer.status_code == 403
    assert answer.json() == sample(f"event-offline-{method}-2.error.json")


def test_a_notification_says_that_something_waits_not_more_often_than_wanted(server, ask, app_token, queue, happened):
    with listening() as receiver:
        asked = {"event": "ONOFFLINEEVENT", "handler": receiver.url, "options": {"minTimeout": 30}}
        assert ask("event.bind", asked, token=app_token).ok
        happened("ONCRMCOMPANYUPDATE", 5, 6)
        server.portal.clock.advance(31)
        happened("ONCRMCOMPANYUPDATE", 7)
        server.portal.events.settle()
        assert [told["event"] for told in receiver.events] == ["ONOFFLINEEVENT"] * 2
        assert_same_shape(receiver.events[0] | {"data": []}, sample("on-offline-event.event.json"), may_add=EXTRA)


EXTRA = {"user_id", "event_handler_id"}
