"""What the portal says of its handlers, against what we want."""

from __future__ import annotations

import pytest

from crm_mirror.handlers import WANTED, Handler, handlers_in

ADDRESS = "https://callguard.example/bitrix/events/"


@pytest.fixture(autouse=True)
def _public_url(settings):
    settings.PUBLIC_URL = "https://callguard.example"


def told(*rows, events=(*WANTED, "ONOFFLINEEVENT"), queue="Y"):
    return handlers_in({"handlers": list(rows), "events": list(events), "queue": {"value": queue}})


def test_a_plan_without_the_queue_of_events_lacks_no_queue():
    assert told(queue="N").lacking == [Handler(event) for event in WANTED]
    assert not told(queue="N").has_queue


def test_events_that_the_portal_does_not_know_are_not_asked_for():
    answer = told(events=[event for event in WANTED if event != "ONVOXIMPLANTCALLEND"], queue="N")
    assert answer.unknown == ["ONVOXIMPLANTCALLEND"]
    assert Handler("ONVOXIMPLANTCALLEND") not in answer.lacking


@pytest.mark.parametrize(
    ("row", "is_ours"),
    [
        ({"event": "ONUSERADD", "handler": ADDRESS, "auth_type": "0", "offline": 0}, True),
        ({"event": "onuseradd", "handler": ADDRESS, "offline": "0"}, True),
        ({"event": "ONUSERADD", "handler": "https://old.example/bitrix/events/", "offline": 0}, False),
        ({"event": "ONUSERADD", "offline": 1, "connector_id": ""}, False),
        ("nonsense", False),
    ],
)
def test_only_what_comes_to_our_address_counts_as_sent_to_us(row, is_ours):
    assert (Handler("ONUSERADD") in told(row).bound) is is_ours


def test_another_sources_queue_is_not_ours():
    queued = Handler("ONUSERADD", is_queued=True)
    assert queued in told({"event": "ONUSERADD", "offline": 1, "connector_id": ""}).bound
    assert queued in told({"event": "ONUSERADD", "offline": "1", "connector_id": "1c"}).lacking


@pytest.mark.parametrize("nothing", [[], None, False])
def test_nothing_bound_comes_in_many_shapes(nothing):
    assert handlers_in({"handlers": nothing, "events": nothing, "queue": nothing}).bound == []
