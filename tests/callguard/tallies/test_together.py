"""Refreshers that meet, and calls that change while they are being counted: nothing is lost, nothing counted twice."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from callguard.models import Call
from callguard.tallies.refresh import bring_up_to_date, rebuild
from tests.callguard.reports.made import NOW, made_call, nothing_called
from tests.callguard.tallies.test_refresh import assert_tallied
from tests.cast import BORIS, IVAN, OLGA

ROUNDS = 25


@pytest.fixture
def calls(committed: None) -> Iterator[list[int]]:
    """Rows that other connections see, taken back afterwards."""
    nothing_called()
    people = (IVAN, OLGA, BORIS)
    try:
        yield [made_call(caller_id=people[n % 3].id, rung_at=NOW - timedelta(hours=7 * n)).pk for n in range(24)]
    finally:
        nothing_called()
        connection.close()


def at_once(*works: object) -> None:
    """Each in a thread and connection of its own, all from the same moment."""
    barrier = Barrier(len(works))

    def run(work: object) -> None:
        try:
            barrier.wait()
            work()  # type: ignore[operator]
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(run, work) for work in works]:
            done.result()


def changing(ids: list[int], seed: int) -> object:
    def change() -> None:
        chance = random.Random(seed)
        for _round in range(ROUNDS):
            facts = {"answered": chance.choice([True, False]), "judged_at": NOW, "excused": chance.random() < 0.4}
            Call.objects.filter(pk__in=chance.sample(ids, 3)).update(**facts, untallied=True)

    return change


def refreshing() -> None:
    for _round in range(ROUNDS):
        bring_up_to_date()


def test_two_refreshers_and_two_writers_end_with_what_the_calls_say(calls: list[int]) -> None:
    at_once(refreshing, refreshing, changing(calls[:12], 1), changing(calls[12:], 2))
    bring_up_to_date()
    assert_tallied()


def test_a_rebuild_beside_a_writer_and_a_refresher_loses_nothing(calls: list[int]) -> None:
    at_once(rebuild, refreshing, changing(calls, 3))
    bring_up_to_date()
    assert_tallied()
    assert not Call.objects.filter(untallied=True).exists()
