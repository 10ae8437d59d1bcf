"""What only a person can put right stops all processes of the database, and lets them go on by itself."""

from __future__ import annotations

import pytest

from crm_mirror.portal import errors
from crm_mirror.portal.batch import Command, run_batch
from crm_mirror.portal.limits import HALT, TRIAL, InMemory, Purpose

ASKED = {"one": Command("profile")}
CAUSES = [
    ("overload", errors.PortalOverloaded),
    ("deleted", errors.PortalClosed),
    ("revoked", errors.WrongToken),
    ("plan_ended", errors.NotAllowed),
    ("dismissed", errors.NotAllowed),
]


@pytest.fixture
def store():
    return InMemory()


@pytest.fixture
def worker(client_to, portal, store):
    """worker(), worker(Purpose.EVENT): one more process of the same database."""
    return lambda purpose=Purpose.DELTA: client_to(portal.webhook, store=store, purpose=purpose)


@pytest.fixture
def halted(portal, worker):
    """Two requests have found out that the token is dead."""
    portal.fails_with("revoked")
    for _ in range(2):
        with pytest.raises(errors.WrongToken):
            run_batch(worker(), ASKED)
    portal.log.clear()


@pytest.mark.parametrize(("fault", "cause"), CAUSES)
def test_the_second_refusal_in_a_row_halts_everybody_at_once_and_says_why(portal, worker, time, fault, cause):
    portal.fails_with(fault)
    for _ in range(6):
        with pytest.raises(errors.PortalError) as caught:
            run_batch(worker(), ASKED)
        assert type(caught.value) is cause
        assert caught.value.remedy == cause.remedy
    assert len(portal.log) == 2
    assert "asked again in 300 s" in str(caught.value)
    assert time.slept == []


def test_a_single_mood_halts_nothing(portal, worker):
    portal.fails_with("plan_ended", times=1)
    with pytest.raises(errors.NotAllowed):
        run_batch(worker(), ASKED)
    run_batch(worker(), ASKED)
    portal.fails_with("plan_ended", times=1)
    with pytest.raises(errors.NotAllowed):
        run_batch(worker(), ASKED)
    run_batch(worker(), ASKED)


@pytest.mark.usefixtures("halted")
def test_after_some_minutes_one_request_tries_and_the_others_go_on_refraining(portal, worker, time):
    time.now += HALT
    for _ in range(4):
        with pytest.raises(errors.WrongToken):
            run_batch(worker(), ASKED)
    assert len(portal.log) == 1


@pytest.mark.usefixtures("halted")
def test_who_dies_while_trying_holds_nobody_up_for_long(portal, worker, time):
    portal.heal()
    time.now += HALT
    worker().allowance.wait_for(["batch"])  # and never sends
    with pytest.raises(errors.WrongToken):
        run_batch(worker(), ASKED)
    time.now += TRIAL
    run_batch(worker(), ASKED)


@pytest.mark.usefixtures("halted")
def test_an_answer_to_the_trial_ends_the_halt_for_all(portal, worker, store, time):
    portal.heal()
    time.now += HALT
    for _ in range(3):
        run_batch(worker(), ASKED)
    assert store.bucket().halted_because == ""


@pytest.mark.usefixtures("halted")
def test_a_person_always_gets_an_answer_and_it_counts_for_all(portal, worker):
    doctor = worker(Purpose.ASK)
    with pytest.raises(errors.WrongToken):
        doctor.call("profile")
    portal.heal()
    doctor.call("profile")
    run_batch(worker(), ASKED)
    assert len(portal.log) == 3


def test_a_visitors_bad_token_halts_nobody(portal, worker):
    portal.fails_with("revoked", method="profile")
    for _ in range(3):
        with pytest.raises(errors.WrongToken):
            worker(Purpose.ASK).call("profile")
    run_batch(worker(), {"one": Command("server.time")})


def test_a_right_that_one_method_lacks_halts_nobody(portal, worker):
    portal.fails_with("scope", method="department.get")
    for _ in range(3):
        outcome = run_batch(worker(), {"one": Command("department.get")})["one"]
        assert isinstance(outcome, errors.NotAllowed)
        with pytest.raises(errors.NotAllowed):
            worker().call("department.get")
    run_batch(worker(), ASKED)


@pytest.mark.usefixtures("halted")
def test_a_clock_set_back_an_hour_does_not_prolong_it(portal, worker, time):
    portal.heal()
    time.now -= 3600
    run_batch(worker(), ASKED)


@pytest.mark.parametrize(
    ("code", "status", "may_succeed_later"),
    [
        ("QUERY_LIMIT_EXCEEDED", 503, True),
        ("", 502, True),
        ("NO_AUTH_FOUND", 401, True),  # a new token is as good for this call
        ("expired_token", 401, True),
        ("PORTAL_DELETED", 403, True),
        ("OVERLOAD_LIMIT", 503, True),
        ("INSUFFICIENT_SCOPE", 403, False),
        ("ERROR_METHOD_NOT_FOUND", 404, False),
        ("", 400, False),
    ],
)
def test_a_write_waits_for_what_stops_every_call_and_is_refused_for_what_is_wrong_with_itself(
    code, status, may_succeed_later
):
    assert errors.passes(errors.error_class(code, status)("said", code=code, status=status)) is may_succeed_later
