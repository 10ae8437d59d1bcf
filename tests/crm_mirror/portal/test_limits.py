"""The leaky bucket on a clock that only moves by sleeping."""

from __future__ import annotations

import pytest

from crm_mirror.portal.limits import Allowance, Bucket, InMemory, Rate


@pytest.fixture
def store():
    return InMemory()


@pytest.fixture
def allowance(store, time):
    return Allowance(store, Rate(2.0, 50), clock=time, sleep=time.sleep)


def test_a_burst_passes_at_once_less_one_second_of_leak(allowance, time):
    for _ in range(48):
        allowance.wait_for(["profile"])
    assert time.slept == []


def test_after_the_burst_requests_come_at_the_rate(allowance, time):
    for _ in range(48 + 20):
        allowance.wait_for(["profile"])
    assert sum(time.slept) == pytest.approx(10.0)


def test_silence_gives_the_burst_back(allowance, time):
    for _ in range(48):
        allowance.wait_for(["profile"])
    time.now += 60
    for _ in range(48):
        allowance.wait_for(["profile"])
    assert time.slept == []


def test_two_programs_share_one_bucket(store, time):
    first, second = (Allowance(store, Rate(2.0, 12), clock=time, sleep=time.sleep) for _ in range(2))
    for _ in range(5):
        first.wait_for(["a"])
        second.wait_for(["b"])
    assert time.slept == []
    first.wait_for(["a"])
    assert time.slept == [pytest.approx(0.5)]


def test_a_refusal_stops_everybody_and_counts_the_bucket_as_full(store, time):
    refused, other = (Allowance(store, Rate(2.0, 50), clock=time, sleep=time.sleep) for _ in range(2))
    refused.refused(7.0)
    other.wait_for(["profile"])
    assert time.slept == [7.0]


def test_a_rate_of_zero_is_no_limit_but_a_refusal_still_counts(store, time):
    allowance = Allowance(store, Rate(0.0, 50), clock=time, sleep=time.sleep)
    for _ in range(1000):
        allowance.wait_for(["profile"])
    assert time.slept == []
    allowance.refused(3.0)
    allowance.wait_for(["profile"])
    assert time.slept == [3.0]


def test_a_paused_method_waits_and_others_do_not(allowance, time):
    allowance.pause("crm.company.list", time.now + 90)
    allowance.wait_for(["crm.contact.list"])
    assert time.slept == []
    allowance.wait_for(["profile", "CRM.company.list"])
    assert time.slept == [90.0]


def test_a_clock_set_back_fills_no_bucket(allowance, store, time):
    allowance.wait_for(["profile"])
    time.now -= 3600
    allowance.wait_for(["profile"])
    assert store.bucket().level == 2.0


def test_a_clock_set_back_an_hour_stops_neither_the_leak_nor_us(allowance, time):
    for _ in range(48):
        allowance.wait_for(["profile"])
    allowance.refused(30.0)
    allowance.pause("crm.company.list", time.now + 600)
    time.now -= 3600
    for _ in range(10):
        allowance.wait_for(["crm.company.list"])
    assert sum(time.slept) < 30


def test_a_clock_set_forward_an_hour_lets_through_one_burst(allowance, time):
    for _ in range(48):
        allowance.wait_for(["profile"])
    time.now += 3600
    for _ in range(48 + 10):
        allowance.wait_for(["profile"])
    assert sum(time.slept) == pytest.approx(5.0)


def test_two_machines_whose_clocks_differ_by_half_a_minute_share_one_leak(store, time):
    ahead = Allowance(store, Rate(2.0, 12), clock=lambda: time.now + 30, sleep=time.sleep)
    behind = Allowance(store, Rate(2.0, 12), clock=time, sleep=time.sleep)
    for _ in range(20):
        ahead.wait_for(["a"])
        behind.wait_for(["b"])
    assert sum(time.slept) >= (40 - 10) / 2.0


def test_a_pause_without_sense_ends_all_the_same(allowance, time):
    allowance.pause("crm.company.list", time.now + 1e6)
    assert allowance.paused_methods() == {"crm.company.list": 900.0}


def test_pauses_are_told_until_they_are_over(allowance, time):
    allowance.pause("CRM.lead.list", time.now + 90)
    assert allowance.paused_methods() == {"crm.lead.list": 90.0}
    time.now += 90
    assert allowance.paused_methods() == {}


def test_a_store_that_fails_lets_nothing_through(time):
    class Broken(InMemory):
        def bucket(self) -> Bucket:
            raise OSError("the database is gone")

    with pytest.raises(OSError, match="gone"):
        Allowance(Broken(), Rate(2.0, 50), clock=time, sleep=time.sleep).wait_for(["profile"])


def test_who_lost_the_race_for_a_place_asks_again(time):
    class Contested(InMemory):
        races = 3

        def swap(self, old: Bucket, new: Bucket) -> bool:
            self.races -= 1
            return self.races < 0 and super().swap(old, new)

    store = Contested()
    Allowance(store, Rate(2.0, 50), clock=time, sleep=time.sleep).wait_for(["profile"])
    assert store.bucket().level == 1.0
