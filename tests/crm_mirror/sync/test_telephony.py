"""Ends of calls: told by events, found in the statistics, kept once, told to the feed once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from crm_mirror.models import Change, EndedCall
from crm_mirror.portal.errors import PortalError
from crm_mirror.portal.records import MalformedRecord
from crm_mirror.sync.report import SyncReport
from crm_mirror.sync.telephony import fetch_lost_calls, note_ended
from crm_mirror.sync.work import Work, at_work
from tests.contract.sample import sample

pytestmark = pytest.mark.django_db
METHOD = "voximplant.statistic.get"
EVENT = sample("on-voximplant-call-end.event.json")["data"]
ROW = sample("voximplant-statistic-get.result.json")["result"][1]


def told(facts, *, by_statistics=False):
    note_ended(facts, by_statistics=by_statistics, at=timezone.now())


def news():
    return list(Change.objects.order_by("id").values_list("kind", "portal_id", "what"))


@pytest.fixture
def statistics(portal):
    """The portal's rows of ended calls; statistics(3) adds three that began just now."""
    rows = portal.portal.memory.setdefault("statistics", [])

    def add(count=1, *, ago=timedelta(0), **facts):
        for _call in range(count):
            number = len(rows) + 1
            started = (portal.now - ago).isoformat(timespec="seconds")
            rows.append(ROW | {"ID": str(number), "CALL_ID": f"call {number}", "CALL_START_DATE": started} | facts)

    return add


@pytest.fixture
def fetch(portal):
    def run(into=None):
        with at_work(Work.DELTA, into=into) as bench:
            return fetch_lost_calls(bench)

    return run


def known():
    return sorted(EndedCall.objects.values_list("call_id", flat=True), key=lambda call_id: int(call_id.split()[1]))


def questions(portal):
    return len(portal.log.of(METHOD))


# --- One call --------------------------------------------------------------------------------------------------------
def test_the_documented_event_is_kept_and_told(db):
    told(EVENT)
    call = EndedCall.objects.get()
    assert (call.call_id, call.user_id, call.call_type, call.phone) == (EVENT["CALL_ID"], 1269, 1, "+499061234567")
    assert (call.started_at, call.duration) == (datetime(2026, 3, 11, 14, 28, 46, tzinfo=UTC), 0)
    assert (call.code, call.answered, call.by_statistics) == ("304", False, False)
    change = Change.objects.get()
    assert (change.kind, change.portal_id, change.what) == ("call", call.call_id, "ended")
    assert (change.source, change.by_id, change.facts["code"]) == ("event", 1269, [None, "304"])


def test_the_documented_row_of_the_statistics_is_kept_and_told(db):
    told(ROW, by_statistics=True)
    call = EndedCall.objects.get()
    assert (call.call_id, call.user_id, call.duration, call.answered) == (ROW["CALL_ID"], 1269, 95, True)
    assert (call.by_statistics, Change.objects.get().source) == (True, "delta")


def test_said_again_it_changes_nothing(db):
    told(EVENT)
    before = EndedCall.objects.values().get()
    told(EVENT)
    assert EndedCall.objects.values().get() == before
    assert len(news()) == 1


def test_the_statistics_beat_the_event_whichever_comes_first(db):
    row = ROW | {"CALL_ID": EVENT["CALL_ID"]}
    told(EVENT)
    told(row, by_statistics=True)
    told(EVENT)
    call = EndedCall.objects.get()
    assert (call.duration, call.code, call.by_statistics) == (95, "200", True)
    assert len(news()) == 2
    assert Change.objects.order_by("id").last().facts["duration"] == [0, 95]


def test_statistics_that_say_what_the_event_said_are_no_news(db):
    told(EVENT)
    told(EVENT, by_statistics=True)
    assert EndedCall.objects.get().by_statistics is True
    assert len(news()) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"CALL_ID": ""},
        {"CALL_ID": None},
        {"CALL_ID": ["x"]},
        {"CALL_ID": "x" * 129},
        {"CALL_DURATION": "long"},
        {"CALL_DURATION": "-5"},
        {"CALL_START_DATE": "yesterday"},
        {"CALL_START_DATE": "2026-03-11T17:28:46"},
        {"PORTAL_USER_ID": "Olga"},
    ],
)
def test_what_cannot_be_read_is_refused_and_leaves_nothing(db, wrong):
    with pytest.raises(MalformedRecord):
        told(EVENT | wrong)
    assert not EndedCall.objects.exists()
    assert news() == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"CALL_DURATION": ""}, {"duration": 0}),
        ({"CALL_DURATION": str(2**40)}, {"duration": 2**31 - 1}),
        ({"PORTAL_USER_ID": "0"}, {"user_id": None}),
        ({"CALL_TYPE": "99999"}, {"call_type": None}),
        ({"CALL_FAILED_CODE": 200}, {"code": "200"}),
        ({"CALL_START_DATE": ""}, {"started_at": None}),
        ({"PHONE_NUMBER": "\x00+7"}, {"phone": "+7"}),
    ],
)
def test_the_portals_moods_are_borne(db, given, kept):
    told(EVENT | given)
    assert EndedCall.objects.filter(**kept).exists()


# --- Those whose event never came ------------------------------------------------------------------------------------
def test_lost_ends_are_fetched_and_told_once(statistics, fetch):
    statistics(3)
    assert (fetch(), fetch()) == (3, 0)
    assert known() == ["call 1", "call 2", "call 3"]
    assert len(news()) == 3


def test_the_first_look_goes_back_a_day(statistics, fetch):
    statistics(4, ago=timedelta(days=2))
    statistics(2, ago=timedelta(hours=23))
    assert fetch() == 2
    assert known() == ["call 5", "call 6"]


def test_without_a_call_in_the_last_day_the_next_first_look_does(statistics, fetch):
    assert fetch() == 0
    statistics(1)
    assert fetch() == 1


def test_nothing_new_costs_one_request(portal, statistics, fetch):
    statistics(70)
    fetch()
    portal.log.clear()
    assert (fetch(), questions(portal)) == (0, 1)


def test_a_day_of_calls_costs_a_few_requests(portal, statistics, fetch):
    statistics(730)
    assert (fetch(), len(portal.log)) == (730, 3)
    assert known() == [f"call {number}" for number in range(1, 731)]


def test_a_call_that_lasted_hours_is_found_by_when_it_ended(statistics, fetch):
    statistics(30)
    fetch()
    statistics(1, ago=timedelta(hours=9))
    assert fetch() == 1


def test_a_row_that_was_committed_late_is_found(portal, statistics, fetch):
    statistics(30)
    late = portal.portal.memory["statistics"].pop(25)
    fetch()
    portal.portal.memory["statistics"].insert(25, late)
    assert fetch() == 1


def test_an_end_known_by_its_event_is_put_right_by_the_statistics(statistics, fetch):
    told(EVENT | {"CALL_ID": "call 1"})
    statistics(1)
    assert fetch() == 1
    assert EndedCall.objects.get().duration == 95


def test_a_row_that_cannot_be_read_is_told_of_once_and_holds_up_nobody(statistics, fetch):
    statistics(1)
    statistics(1, CALL_DURATION="long")
    statistics(1)
    first, second = SyncReport(), SyncReport()
    assert (fetch(into=first), fetch(into=second)) == (2, 0)
    assert (len(first.warnings), len(second.warnings)) == (1, 0)
    assert "ID 2" in first.warnings[0]


@pytest.mark.parametrize("fault", ["scope", "not_admin"])
def test_who_may_not_see_the_statistics_is_warned_and_nothing_else_is_disturbed(portal, statistics, fetch, fault):
    statistics(3)
    portal.fails_with(fault, method=METHOD if fault == "scope" else "")
    report = SyncReport()
    assert fetch(into=report) == 0
    assert len(report.warnings) == 1


def test_what_was_read_before_the_portal_failed_is_kept(portal, statistics, fetch):
    statistics(130)
    portal.fails_with("error", after=3, method=METHOD)
    with pytest.raises(PortalError):
        fetch()
    assert len(known()) == 100
    portal.heal()
    assert fetch() == 30
    assert len(news()) == 130
