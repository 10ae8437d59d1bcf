import pytest

from tests.crm_mirror.sandbox.receiver import listening


@pytest.fixture
def receiver(server):
    with listening() as receiver:
        server.portal.events.outgoing_webhook(receiver.url, ["ONCRMCOMPANYUPDATE", "ONCRMLEADADD"])
        yield receiver


@pytest.fixture
def told(server, receiver):
    """Change companies of these IDs, one after the other; the IDs as the handler heard of them."""

    def emit(*ids, event="ONCRMCOMPANYUPDATE"):
        for entity_id in ids:
            server.portal.emit(event, {"ID": entity_id}, 1)
        server.portal.events.settle()
        return [int(one["data"]["FIELDS"]["ID"]) for one in receiver.events]

    return emit


def test_events_come_once_and_in_order(told):
    assert told(*range(1, 21)) == list(range(1, 21))


def test_an_event_may_get_lost(server, told):
    server.fails_with("event_lost", times=1)
    assert told(1, 2) == [2]


def test_an_event_may_come_twice(server, told):
    server.fails_with("event_twice", times=1)
    assert told(1, 2) == [1, 1, 2]


def test_a_late_event_is_overtaken(server, told):
    server.fails_with("event_late", times=1, amount="50ms")
    assert told(1, 2) == [2, 1]


def test_a_fault_may_strike_one_event_only(server, told):
    server.portal.faults.add_spec("event_lost@oncrmleadadd")
    assert told(1) == [1]
    assert told(2, event="ONCRMLEADADD") == [1]


def test_which_events_get_lost_does_not_depend_on_requests(server, told, ask):
    server.portal.faults.add_spec("event_lost=0.5")
    first = told(*range(100))
    server.heal()
    server.portal.faults.add_spec("event_lost=0.5,500=0.5")
    server.portal.faults._event_dice.seed(1)
    for _ in range(10):
        ask("profile")
    assert told(*range(100, 200))[len(first) :] == [one + 100 for one in first]


def test_a_portal_that_goes_down_loses_what_it_has_not_told(server, receiver):
    server.fails_with("event_late", amount="1h")
    server.portal.emit("ONCRMCOMPANYUPDATE", {"ID": 1}, 1)
    server.go_down()
    server.portal.events.settle()
    assert receiver.events == []


def test_a_portal_comes_up_on_the_same_port_with_its_data(server, ask):
    company = ask("crm.company.add", {"fields": {"TITLE": "Ромашка"}}).json()["result"]
    server.go_down()
    with pytest.raises(OSError, match=r"refused|aborted|reset"):
        ask("profile")
    server.come_up()
    assert ask("crm.company.get", {"id": company}).json()["result"]["TITLE"] == "Ромашка"
