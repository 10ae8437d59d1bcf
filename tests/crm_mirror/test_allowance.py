"""The allowance's rows: shared by all who use the database, and what they tell people."""

from __future__ import annotations

import time as real_time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from crm_mirror.allowance import KEPT, AllowanceRows, Used, budget, resume
from crm_mirror.models import MethodPause, RequestAllowance, RequestMinute
from crm_mirror.portal.errors import WrongToken
from crm_mirror.portal.limits import HALT, Allowance, Bucket, Purpose, Rate
from tests.clock import Time

PORTAL = "https://portal.example"
NOON = datetime(2026, 11, 24, 12, 0, 30, tzinfo=UTC)


@pytest.fixture
def time():
    return Time(NOON.timestamp())


@pytest.fixture
def process(time, settings):
    """process(Purpose.FULL): one more program on the portal's rows."""
    settings.BITRIX_RATE_PER_SECOND, settings.BITRIX_RATE_BURST = 2.0, 50

    def make(purpose=Purpose.DELTA):
        return Allowance(AllowanceRows(PORTAL), Rate(2.0, 50), clock=time, sleep=time.sleep, purpose=purpose)

    return make


def ask(allowance: Allowance, times: int = 1) -> None:
    for _ in range(times):
        allowance.wait_for(["profile"])


@pytest.mark.django_db
class TestBudget:
    def test_of_a_portal_never_asked(self, time):
        empty = budget(PORTAL, at=time.at)
        assert (empty.level, empty.pace, empty.blocked_until, empty.halted_because) == (0.0, 1.0, None, "")
        assert (empty.last_minute, empty.last_hour, empty.pauses) == ({}, {}, {})
        assert RequestAllowance.objects.count() == 0

    def test_tells_who_used_how_much_and_waited_how_long(self, process, time):
        ask(process(Purpose.FULL), 24 + 20)  # what its share of the room holds, and 10 s more
        ask(process(Purpose.WRITE), 3)
        told = budget(PORTAL, at=time.at)
        assert told.last_hour == {
            Purpose.FULL: Used(sent=44, waited=pytest.approx(10.0)),
            Purpose.WRITE: Used(sent=3),
        }
        assert told.level == pytest.approx(24 + 3, abs=1.0)
        assert told.last_minute == {}
        assert budget(PORTAL, at=time.at + timedelta(minutes=1)).last_minute == told.last_hour
        assert budget(PORTAL, at=time.at + timedelta(hours=2)).last_hour == {}

    def test_tells_of_refusals_and_what_they_cost(self, process, time):
        ask(process())
        process().refused(5.0)
        told = budget(PORTAL, at=time.at)
        assert told.pace == pytest.approx(0.7)
        assert told.lowered_at == time.at
        assert told.blocked_until == time.at + timedelta(seconds=5)
        assert told.last_hour == {Purpose.DELTA: Used(sent=1, refused=1)}

    def test_tells_why_everything_is_halted(self, process, time):
        for _ in range(2):
            process().halt(WrongToken("batch: NO_AUTH_FOUND Wrong authorization data"))
        told = budget(PORTAL, at=time.at)
        assert told.halted_because == "WrongToken: batch: NO_AUTH_FOUND Wrong authorization data"
        assert told.blocked_until == time.at + timedelta(seconds=HALT)

    def test_tells_which_methods_rest(self, process, time):
        process().pause("crm.company.list", time.now + 300)
        assert budget(PORTAL, at=time.at).pauses == {"crm.company.list": time.at + timedelta(minutes=5)}
        assert budget(PORTAL, at=time.at + timedelta(minutes=5)).pauses == {}

    def test_costs_four_queries(self, process, time, django_assert_num_queries):
        ask(process())
        with django_assert_num_queries(4):
            budget(PORTAL, at=time.at)


@pytest.mark.django_db
def test_a_halt_is_known_to_all_and_a_person_may_end_it(process):
    for _ in range(2):
        process().halt(WrongToken("batch: NO_AUTH_FOUND"))
    with pytest.raises(WrongToken, match="NO_AUTH_FOUND"):
        ask(process(Purpose.EVENT))
    resume(PORTAL)
    ask(process(Purpose.EVENT))


@pytest.mark.django_db
def test_a_long_reason_is_cut(process):
    for _ in range(2):
        process().halt(WrongToken("x" * 400))
    assert len(RequestAllowance.objects.get().halted_because) == 255


@pytest.mark.django_db
def test_a_request_costs_four_queries(process, django_assert_num_queries):
    ask(process())
    with django_assert_num_queries(4):
        ask(process())


@pytest.mark.django_db
def test_minutes_are_kept_for_a_week_and_pauses_for_an_hour(process, time):
    ask(process())
    process().pause("crm.lead.list", time.now + 60)
    time.now += (KEPT + timedelta(minutes=2)).total_seconds()
    ask(process())
    process().pause("crm.deal.list", time.now + 60)
    assert [row.minute for row in RequestMinute.objects.all()] == [time.at.replace(second=0, microsecond=0)]
    assert [row.method for row in MethodPause.objects.all()] == ["crm.deal.list"]


@pytest.mark.django_db
def test_who_saw_an_older_bucket_changes_nothing(process):
    rows = AllowanceRows(PORTAL)
    old = rows.bucket()
    ask(process())
    assert not rows.swap(old, Bucket(level=9.0))
    assert rows.bucket().level == 1.0


PROGRAMS, REQUESTS = 8, 25


def book(rate: Rate) -> list[int]:
    """Tickets of one program with connections of its own."""
    try:
        allowance = Allowance(AllowanceRows(PORTAL), rate, clock=real_time.time, sleep=real_time.sleep)
        return [allowance.wait_for(["profile"]) for _ in range(REQUESTS)]
    finally:
        connections.close_all()


def booked_by_all(rate: Rate) -> list[int]:
    with ThreadPoolExecutor(PROGRAMS) as programs:
        return sorted(ticket for tickets in programs.map(book, [rate] * PROGRAMS) for ticket in tickets)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_many_at_once_get_a_ticket_each_and_lose_no_count():
    assert booked_by_all(Rate(0, 50)) == list(range(1, PROGRAMS * REQUESTS + 1))
    assert sum(row.sent for row in RequestMinute.objects.all()) == PROGRAMS * REQUESTS


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_many_at_once_never_ask_faster_than_the_portal_allows():
    began = real_time.time()
    booked_by_all(Rate(100.0, 150))
    seconds = real_time.time() - began
    assert 50 + 100 * seconds + 1 >= PROGRAMS * REQUESTS
