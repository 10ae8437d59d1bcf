"""The sentence at the top: it says that the colours work only where the weeks say so."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import translation

from callguard.dashboard.pictures import apart, mark_of, trend_chart, unseen
from callguard.dashboard.story import story_of, told
from callguard.reports.shapes import Counts, Traffic, Week

MONDAY = date(2026, 3, 2)
SINCE = MONDAY + timedelta(weeks=4)


def weeks(*conflicts, seen_from=4, heeded=0, calls=100):
    """Conflicts of one week after another; those before `seen_from` without colours."""

    def counts(number, count):
        if number < seen_from:
            return Counts(conflicts=count, excused=count, unseen=count)
        return Counts(conflicts=count, blamed=count, heeded=heeded, proceeded=count - heeded)

    return [
        Week(MONDAY + timedelta(weeks=n), Traffic(calls, calls), counts(n, count)) for n, count in enumerate(conflicts)
    ]


def story(known, since=SINCE):
    return story_of(known, colours_since=since, today=MONDAY + timedelta(weeks=len(known)))


def test_fewer_conflicts_since_the_colours_are_told_as_their_work():
    found = story(weeks(40, 40, 40, 40, 30, 10, 10, 10, 10, heeded=5))
    assert (found.tone, found.before, found.now, found.change, found.heeded) == ("good", 40, 10, -75, 50)
    with translation.override("en"):
        headline, sentence = told(found)
    assert headline == "The colours work: 75 % fewer conflicts."
    assert "40.0 went to colleagues' clients before the colours, 10.0 lately" in sentence


def test_more_conflicts_are_said_as_plainly():
    assert story(weeks(10, 10, 10, 10, 20, 20, 20, 20)).tone == "bad"


def test_fewer_conflicts_of_fewer_calls_prove_nothing():
    known = [*weeks(40, 40, 40, 40), *weeks(0, 0, 0, 0, 20, 20, 20, 20, calls=50)[4:]]
    assert story(known).tone == "plain"


def test_a_small_difference_is_no_news():
    assert story(weeks(20, 20, 20, 20, 19, 19, 19, 19)).tone == "plain"


def test_a_week_that_is_not_over_is_not_compared():
    known = weeks(40, 40, 40, 40, 10, 10, 10, 10, 1)
    assert story_of(known, colours_since=SINCE, today=known[-1].first + timedelta(days=2)).now == 10


def test_the_week_of_the_introduction_is_neither_before_nor_after():
    known = weeks(40, 40, 40, 40, 99, 10)
    assert story_of(known, colours_since=SINCE + timedelta(days=2), today=date(2027, 1, 1)).now == 10


@pytest.mark.parametrize("known", [[], weeks(5), weeks(0, 0, 0, 0, 7, 7), weeks(5, 5, 5, 5)])
def test_where_nothing_can_be_compared_nothing_is_said(known):
    assert story(known) is None


def test_without_a_quiet_start_the_first_weeks_stand_for_before():
    with translation.override("en"):
        headline, _sentence = told(story(weeks(20, 20, 20, 20, 10, 10, 10, 10, seen_from=0), since=None))
    assert headline == "50 % fewer conflicts."


@pytest.mark.parametrize(
    "counts",
    [
        Counts(conflicts=9, pending=1, excused=5, blamed=3, unseen=4),
        Counts(conflicts=9, blamed=9, unseen=9),  # the ground is switched off
        Counts(conflicts=4, excused=4, unseen=4),
    ],
)
def test_the_bars_of_a_week_come_to_its_conflicts(counts):
    assert counts.blamed + unseen(counts) + apart(counts) == counts.conflicts
    assert min(unseen(counts), apart(counts)) >= 0


def test_the_day_of_the_colours_is_marked_within_its_week():
    known = weeks(1, 1, 1, 1, 1, 1)
    assert mark_of(known, SINCE).place == 4
    assert mark_of(known, SINCE + timedelta(days=3)).place == pytest.approx(4.43, abs=0.01)
    assert mark_of(known, date(2030, 1, 1)) is None
    assert mark_of([], SINCE) is None


def test_bars_differ_by_their_pattern_and_not_by_colour_alone():
    import json

    sets = json.loads(trend_chart(weeks(3, 3, 3, 3, 3), colours_since=SINCE).data)["datasets"]
    assert len({one["pattern"] for one in sets}) == len(sets) > 2
