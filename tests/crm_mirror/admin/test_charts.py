"""Charts: the same in lines and in a table."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from callguard.contrast import ratio_of
from crm_mirror.admin import charts, drawing
from crm_mirror.freshness import measured_since
from tests import living

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOURS = [NOON, NOON + timedelta(hours=1), NOON + timedelta(hours=2)]


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def minutes(count: float) -> datetime:
    return NOON + timedelta(minutes=count)


# --- The most at one moment ------------------------------------------------------------------------------------------
def test_those_who_were_there_together_are_counted_together():
    stays = [(minutes(10), minutes(30)), (minutes(20), minutes(40)), (minutes(50), minutes(55))]
    assert charts.most_at_once(stays, HOURS) == [2, 0, 0]


def test_who_came_before_and_who_never_went_are_there_all_the_time():
    assert charts.most_at_once([(minutes(-600), None), (minutes(70), minutes(130))], HOURS) == [1, 2, 2]


def test_who_goes_makes_room_for_who_comes_at_that_moment():
    assert charts.most_at_once([(minutes(0), minutes(5)), (minutes(5), minutes(9))], HOURS) == [1, 0, 0]


def test_nobody():
    assert charts.most_at_once([], HOURS) == [0, 0, 0]


# --- Charts ----------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_lag_hour_by_hour():
    for lag in (1.0, 2.0, 90.04):
        newest = living.changed(lag=lag)
    chart = charts.lag_chart(measured_since(newest.at - timedelta(days=1)), at=newest.at)
    assert [line.values[-1] for line in chart.lines] == [2.0, 90.0]
    assert chart.lines[0].values[0] is None
    assert len(chart.rows) == 1


@pytest.mark.django_db
def test_requests_by_what_they_were_for():
    living.requested("delta", sent=3, minutes_ago=2, at=NOON)
    living.requested("event", sent=5, refused=1, at=NOON)
    chart = charts.requests_chart(at=NOON)
    assert {line.title: line.values[-1] for line in chart.lines} == {
        "changes": None,
        "events": 5,
        "refused as too many": 1,
    }
    assert [values for _moment, values in chart.rows] == [[3, "–", "–"], ["–", 5, 1]]


@pytest.mark.django_db
def test_events_that_were_given_up_wait_no_more():
    failed = living.told("failed")
    assert charts.inbox_chart(at=failed.received_at).is_empty
    living.told()
    living.told("done", done_after=1)
    newest = living.told("ignored")
    assert charts.inbox_chart(at=newest.received_at).lines[0].values[-1] == 2


def test_lines_differ_by_more_than_their_colour():
    chart = drawing.Chart("t", "s", ["12:00"], [drawing.Line(str(number), [1]) for number in range(7)])
    sets = json.loads(chart.data)["datasets"]
    assert len({(str(one["borderDash"]), one["pointStyle"]) for one in sets}) == 7


@pytest.mark.parametrize("ground", ["#ffffff", "#0f172a"], ids=["light", "dark"])
def test_every_line_is_seen_in_both_themes(ground):
    assert min(ratio_of(colour, ground) for colour in drawing.COLOURS) >= 3
