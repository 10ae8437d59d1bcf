"""What the dashboard of the demonstration has to tell at first glance."""

from datetime import timedelta

import pytest
from django.db.models import Count, Q

from callguard.evidence import caller_of, candidates_of, verdict_of
from callguard.models import Call, Dispute, DisputeState, Excuse, Ground
from callguard.story.cast import HONEST, POACHER
from callguard.story.days import colours_day
from crm_mirror.models import Employee
from tests.callguard.story.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("told")]  # the mark: else no tables are made

COLOURS = colours_day(NOW.date())
BLAMED = Q(conflict=True, judged_at__isnull=False, excused=False)


def of(name):
    return Call.objects.filter(caller_id=Employee.objects.get(name=name).portal_id)


def conflicts_in_week(number):
    """Weeks are counted from the day of the colours; those before are negative."""
    first = COLOURS + timedelta(weeks=number)
    return Call.objects.filter(conflict=True, rung_at__date__gte=first, rung_at__date__lt=first + timedelta(weeks=1))


def test_three_months_of_calls_are_there_and_none_is_of_the_future(told):
    assert told.calls == Call.objects.count() > 10_000
    assert not Call.objects.filter(rung_at__gt=NOW).exists()
    assert set(Call.objects.filter(rung_at__date__lt=COLOURS).values_list("shown", flat=True)) == {False}
    assert set(Call.objects.filter(rung_at__date__gte=COLOURS).values_list("shown", flat=True)) == {True}


def test_conflicts_fall_once_they_are_seen_and_fall_on():
    before, at_first, at_last = (conflicts_in_week(number).count() for number in (-2, 1, 7))
    assert at_first < 0.65 * before
    assert at_last < 0.35 * before


def test_nobody_is_blamed_for_a_card_that_showed_no_colour():
    assert not Call.objects.filter(BLAMED, shown=False).exists()


def test_the_poacher_stands_out_and_goes_on_as_if_there_were_no_colour():
    worst, next_one = Call.objects.filter(BLAMED).values("caller").annotate(n=Count("id")).order_by("-n")[:2]
    romans = of(POACHER).filter(BLAMED)
    assert worst["n"] == romans.count() > 4 * next_one["n"]
    assert romans.filter(answered=True).count() > 0.8 * romans.count()


def test_what_the_poacher_courted_became_his():
    taken = Call.objects.filter(BLAMED, taken_over=True)
    assert of(POACHER).filter(taken_over=True).count() == 8
    assert taken.exclude(caller__name=POACHER).count() <= 2


def test_calls_on_current_deals_are_known_as_such():
    assert Call.objects.exclude(deal_id=None).count() > 500


def test_the_honest_one_is_second_by_red_cards_and_blamed_for_none():
    red = Call.objects.filter(conflict=True, shown=True, rung_at__gt=NOW - timedelta(days=40))
    _poacher, second = red.values("caller__name").annotate(n=Count("id")).order_by("-n")[:2]
    assert second["caller__name"] == HONEST
    assert not of(HONEST).filter(BLAMED).exists()
    grounds = set(Excuse.objects.filter(call__in=of(HONEST).filter(shown=True)).values_list("ground", flat=True))
    assert {Ground.SUBSTITUTION, Ground.CONTESTED, Ground.CALLED_BACK, Ground.DECISION} <= grounds


def test_every_ground_has_an_example():
    assert set(Excuse.objects.values_list("ground", flat=True)) == set(Ground.values)


def test_one_dispute_is_accepted_one_rejected_and_two_are_open():
    states = dict(Dispute.objects.values_list("state").annotate(Count("id")).order_by())
    assert states == {DisputeState.ACCEPTED: 1, DisputeState.REJECTED: 1, DisputeState.OPEN: 2}


def test_some_conflicts_of_the_last_minutes_wait_to_be_judged():
    pending = Call.objects.filter(conflict=True, judged_at=None)
    assert pending.exists()
    assert not pending.filter(rung_at__lt=NOW - timedelta(hours=1)).exists()


def test_the_evidence_of_a_call_gives_its_verdict_again():
    for call in Call.objects.filter(conflict=True).order_by("?")[:50]:
        verdict = verdict_of(call.evidence)
        rules_then = [found.rule for step in verdict.steps for found in step.findings]
        assert verdict.colour == call.colour
        assert caller_of(call.evidence).id == call.caller_id
        assert len(candidates_of(call.evidence)) == len(rules_then)
