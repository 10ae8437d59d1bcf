"""Several programs on one bucket: who goes first, and that nobody is left out for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest

from crm_mirror.portal.limits import FAIR_AFTER, Allowance, InMemory, Purpose, Rate
from tests.clock import Time

TICK = 0.05  # seconds


class MustWait(Exception):
    """Raised instead of sleeping."""


class Town(Time):
    """A clock that moves in ticks; in each, whoever presses takes all the places it can get, in order of arrival."""

    def __init__(self) -> None:
        super().__init__()
        self.pressing: list[Allowance] = []
        self.served: dict[Purpose, int] = dict.fromkeys(Purpose, 0)

    def sleep(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            self.now = min(end, self.now + TICK)
            for one in self.pressing:
                self.served[one.purpose] += sum(1 for _ in places_of(one))


def places_of(allowance: Allowance) -> Iterator[int]:
    """Tickets until it would have to wait."""
    try:
        while True:
            yield allowance.wait_for(["profile"])
    except MustWait:
        return


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
def program(town: Town) -> Callable[..., Allowance]:
    """program(Purpose.FULL): waits by the town's clock; `waits=False`: one for town.pressing."""
    store = InMemory()

    def refuse_to_wait(seconds: float) -> None:
        raise MustWait

    def make(purpose: Purpose, rate: Rate | None = None, *, waits: bool = True) -> Allowance:
        sleep = town.sleep if waits else refuse_to_wait
        return Allowance(store, rate or Rate(2.0, 50), clock=town, sleep=sleep, purpose=purpose)

    return make


def seconds_for(town: Town, allowance: Allowance) -> float:
    began = town.now
    allowance.wait_for(["profile"])
    return town.now - began


@pytest.mark.parametrize("rate", [Rate(2.0, 50), Rate(5.0, 250), Rate(2.0, 5)])
@pytest.mark.parametrize(("higher", "lower"), list(pairwise(Purpose)))
def test_the_higher_purpose_goes_first_however_hard_the_lower_one_presses(town, program, rate, higher, lower):
    town.pressing = [program(lower, rate, waits=False)]
    town.sleep(60)
    assert seconds_for(town, program(higher, rate)) <= 1 / rate.per_second


def test_writes_in_a_row_find_places_in_the_middle_of_a_full_sync(town, program):
    town.pressing = [program(Purpose.FULL, waits=False)]
    town.sleep(60)
    write = program(Purpose.WRITE)
    assert sum(seconds_for(town, write) for _ in range(15)) == 0


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("rate", [Rate(2.0, 50), Rate(5.0, 250), Rate(2.0, 5), Rate(2.0, 1)])
def test_whoever_is_alone_gets_the_whole_leak(town, program, rate, purpose):
    alone = program(purpose, rate)
    town.sleep(60)
    for _ in range(int(rate.burst)):  # what the room holds is no measure
        alone.wait_for(["profile"])
    seconds = sum(seconds_for(town, alone) for _ in range(200))
    assert 200 / seconds >= 0.98 * rate.per_second


def test_the_higher_of_two_that_press_gets_what_there_is(town, program):
    town.pressing = [program(Purpose.RECONCILE, waits=False), program(Purpose.EVENT, waits=False)]
    town.sleep(60)
    before = dict(town.served)
    town.sleep(100)
    assert town.served[Purpose.EVENT] - before[Purpose.EVENT] >= 195
    assert town.served[Purpose.RECONCILE] == before[Purpose.RECONCILE]


@pytest.mark.parametrize("lower", [Purpose.EVENT, Purpose.DELTA, Purpose.RECONCILE, Purpose.FULL])
def test_nobody_waits_for_ever_while_a_higher_purpose_never_stops(town, program, lower):
    town.pressing = [program(Purpose.WRITE, waits=False)]
    town.sleep(60)
    assert seconds_for(town, program(lower)) <= FAIR_AFTER + 15


def test_a_restart_changes_nothing(town, program):
    town.pressing = [program(Purpose.FULL, waits=False)]
    town.sleep(60)
    town.pressing = [program(Purpose.FULL, waits=False)]  # as a new process would begin
    town.served[Purpose.FULL] = 0
    town.sleep(10)
    assert town.served[Purpose.FULL] <= 21
