"""Rules tried on past calls."""

from __future__ import annotations

import time

import pytest

from callguard import rules
from callguard.calls import is_conflict
from callguard.evidence import caller_of, candidates_of
from callguard.models import Call
from callguard.verdict import Policy, decide
from callguard.workshop.backtest import Judge, tried
from callguard.workshop.sets import Reference
from crm_mirror.models import Company
from tests.callguard.workshop.conftest import CONTACT, LEAD, RED, YELLOW, edited, rung
from tests.cast import OLGA

pytestmark = pytest.mark.django_db


@pytest.fixture
def calls(clients):
    rung("r1", RED)
    time.sleep(0.01)  # newest first
    rung("r2", RED)
    rung("own", RED, caller=OLGA.id)
    rung("y", YELLOW)
    rung("in", YELLOW, direction="incoming")
    rung("c", CONTACT)
    rung("l", LEAD)
    rung("hidden", "anonymous")
    return Call.objects.all()


def trial_of(calls, rows=None, **more):
    reference = Reference.now()
    against = more.pop("against", None)
    return tried(
        calls,
        reference.rule_set(rows if rows is not None else edited(), 0),
        policy=Policy.STRICTEST,
        against=against and reference.rule_set(against, 0),
        **more,
    )


def test_the_rules_in_force_change_nothing(calls):
    trial = trial_of(calls)
    assert (trial.looked_at, trial.tested, trial.changed, trial.changes) == (8, 8, 0, {})
    assert trial.conflicts_before == trial.conflicts_after == calls.filter(conflict=True).count()


def test_calls_that_would_change_colour_are_named_by_change(calls):
    trial = trial_of(calls, edited(company_В_работе="yellow", lead_any=None))
    by_id = dict(calls.values_list("pk", "call_id"))
    named = {change: [by_id[pk] for pk in pks] for change, pks in trial.changes.items()}
    assert named == {("red", "yellow"): ["r2", "r1"], ("blue", "none"): ["l"]}
    assert trial.by_change() == [(("red", "yellow"), 2), (("blue", "none"), 1)]


def test_conflicts_are_counted_before_and_after(calls):
    trial = trial_of(calls, edited(company_В_работе=None))
    assert trial.conflicts_before - trial.conflicts_after == 2


def test_what_the_crm_says_today_does_not_count(calls):
    Company.objects.update(responsible_id=8, status_id=None)
    assert trial_of(calls, edited(company_В_работе="yellow")).changed == 2


def test_calls_without_evidence_cannot_be_tested(calls):
    Call.objects.filter(call_id="r1").update(evidence=None)
    trial = trial_of(calls, edited(company_В_работе="yellow"))
    assert (trial.untestable, trial.tested, trial.changed) == (1, 7, 1)


def test_at_most_so_many_calls_are_tried_the_newest_and_it_is_said(calls):
    trial = trial_of(calls, at_most=3)
    assert (trial.looked_at, trial.is_cut) == (3, True)
    assert not trial_of(calls, at_most=8).is_cut


def test_a_draft_may_be_compared_with_what_the_rules_in_force_would_say(calls):
    Call.objects.filter(call_id="r1").update(colour="yellow")  # given under an earlier version
    rows = edited(company_В_работе="yellow")
    assert trial_of(calls, rows).changed == 1
    assert trial_of(calls, rows, against=edited()).changed == 2


def test_alike_calls_judged_once_get_the_verdict_each_would_get_alone(calls):
    set_ = Reference.now().rule_set(edited(company_В_работе="blue", contact_any=None), 0)
    judge = Judge(set_, Policy.STRICTEST)
    for call in calls:
        alone = decide(candidates_of(call.evidence), caller_of(call.evidence), set_)
        together = judge.verdict(call.evidence)
        assert (together.colour, together.tier, together.own) == (alone.colour, alone.tier, alone.own)
        assert is_conflict(together, call.direction) == is_conflict(alone, call.direction)
    assert len(judge.known) < len(calls)


def test_the_trial_is_one_query(calls, django_assert_num_queries):
    reference = Reference.now()
    rows = rules.in_force()
    with django_assert_num_queries(1):
        tried(calls, reference.rule_set(rows, 0), policy=Policy.STRICTEST)
