"""A conflict is pending until its facts are in, then excused or blamed, and again when a fact comes late."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from callguard import history
from callguard.fairness.judge import judge_again, judge_due, settle_excused
from callguard.masks import masked
from callguard.models import About, Call, Excuse, ExcuseRule, Ground, Origin, RuleSetVersion
from crm_mirror import retention
from crm_mirror.models import Change, EndedCall, SyncCursor
from tests.callguard.fairness.court import (
    LONG_AGO,
    changed,
    judged,
    judged_in_time,
    minutes,
    proofs,
    rung,
    state,
    telephony,
)
from tests.cast import BORIS, IVAN, MARINA, OLGA, mirror_synced, substitution

pytestmark = pytest.mark.django_db


def test_a_conflict_without_a_ground_is_blamed(mirror):
    call = rung()
    assert state(call) == "blamed"
    assert proofs(call) == {}


def test_until_the_longest_reach_is_over_nobody_is_blamed(mirror):
    assert state(rung(ago=minutes(59))) == "pending"
    assert state(rung(ago=minutes(61))) == "blamed"


def test_a_switched_off_ground_is_not_waited_for(mirror):
    ExcuseRule.objects.filter(ground=Ground.CALLED_BACK).update(enabled=False)
    assert state(rung(ago=minutes(14))) == "pending"
    assert state(rung(ago=minutes(16))) == "blamed"


def test_until_the_mirror_was_brought_up_to_date_nobody_is_blamed(mirror):
    call = rung()
    mirror_synced(ago=LONG_AGO - minutes(59))
    assert state(call) == "pending"
    mirror_synced(ago=LONG_AGO - minutes(61))
    assert state(call) == "blamed"
    SyncCursor.objects.filter(kind="lead").update(true_at=None)
    assert state(call) == "blamed"


def test_without_a_complete_mirror_nobody_is_blamed(mirror):
    call = rung()
    SyncCursor.objects.filter(kind="lead").update(true_at=None)
    assert state(call) == "pending"


def test_what_is_no_conflict_is_not_judged(mirror):
    call = rung(by=OLGA)
    judge_again([call], at=timezone.now())
    assert judged(call).judged_at is None


def test_a_judged_conflict_is_told_to_the_figures_and_judging_again_changes_nothing(mirror):
    call = rung()
    Call.objects.update(untallied=False)
    judge_due(at=timezone.now())
    call.refresh_from_db()
    assert (call.untallied, call.judged_at is None) == (True, False)
    Call.objects.update(untallied=False)
    before = Call.objects.values().get()
    judge_again(Call.objects.all(), at=timezone.now())
    assert Call.objects.values().get() == before


def test_a_decision_excuses_at_once_and_judging_goes_on_when_it_is_taken_back(mirror):
    call = rung(ago=minutes(5))
    decided = Excuse.objects.create(call=call, ground=Ground.DECISION, noted_at=timezone.now())
    settle_excused([call])
    assert state(call) == "excused"
    assert judged(call).judged_at == decided.noted_at
    decided.delete()
    judge_again([call], at=timezone.now())
    assert state(call) == "pending"


def test_a_decision_stands_whatever_is_found(mirror):
    call = rung()
    Excuse.objects.create(call=call, ground=Ground.DECISION, noted_at=timezone.now())
    assert state(call) == "excused"
    judge_again([call], at=timezone.now())
    assert list(proofs(call)) == ["decision"]


def test_an_excuse_that_no_longer_holds_is_none(mirror):
    call = rung()
    entry = substitution(IVAN, of=OLGA, first=call.rung_at)
    assert state(call) == "excused"
    entry.delete()
    judge_again([call], at=timezone.now())
    assert state(call) == "blamed"
    assert proofs(call) == {}


def test_nothing_waiting_costs_one_query(mirror, django_assert_num_queries):
    judged(rung())
    with django_assert_num_queries(1):
        assert judge_due(at=timezone.now()) == 0


def test_many_cost_as_many_queries_as_one(mirror, django_assert_max_num_queries):
    for _turn in range(30):
        rung()
    with django_assert_max_num_queries(30):
        assert judge_due(at=timezone.now()) == 30


def test_what_was_found_stands_when_the_mirror_has_forgotten_it(mirror):
    old = timedelta(days=40)
    telephony("the client", type_=2, at=timezone.now() - old - minutes(5))
    call = judged_in_time(rung(ago=old))
    assert state(call) == "excused"
    retention.forget_before(timezone.now() + minutes(1))
    assert not EndedCall.objects.exists()
    judge_again([call], at=timezone.now())
    assert list(proofs(call)) == ["called_back"]


def test_that_the_responsible_had_left_stands_when_the_feed_has_forgotten_it(mirror):
    call = rung(ago=timedelta(days=40))
    changed(OLGA.id, kind="employee", seen=call.rung_at + minutes(3), active=[True, False])
    judged_in_time(call)
    assert list(proofs(call)) == ["responsible_gone"]
    Change.objects.all().delete()
    judge_again([call], at=timezone.now())
    assert state(call) == "excused"


def test_that_somebody_stood_in_for_the_responsible_does_not_stand_when_it_is_taken_back(mirror):
    call = rung(ago=timedelta(days=40))
    entry = substitution(BORIS, of=OLGA, first=call.rung_at)
    judged_in_time(call)
    assert list(proofs(call)) == ["responsible_gone"]
    entry.delete()
    judge_again([call], at=timezone.now())
    assert state(call) == "blamed"


def test_a_conflict_that_nobody_judged_while_its_facts_were_known_blames_nobody(mirror):
    old, young = rung(ago=timedelta(days=29, minutes=1)), rung(ago=timedelta(days=28))
    assert (state(old), state(young)) == ("excused", "blamed")
    assert proofs(old, "en")["own_error"].startswith("Facts that might excuse it are no longer known")
    assert proofs(old, "ru")["own_error"].startswith("Фактов, которые могли бы оправдать")
    judge_again([old], at=timezone.now())
    assert state(old) == "excused"


def test_that_its_facts_are_forgotten_outlives_rules_withdrawn_by_mistake(mirror):
    call = rung(ago=timedelta(days=40))
    assert state(call) == "excused"
    RuleSetVersion.objects.update(withdrawn_at=timezone.now())
    judge_again([call], at=timezone.now())
    assert Excuse.objects.get().proof == {"why": "forgotten"}


def test_what_was_found_stands_when_the_number_is_masked(mirror):
    telephony("the client", type_=2, at=timezone.now() - LONG_AGO - minutes(5))
    call = rung()
    assert state(call) == "excused"
    Call.objects.update(number=masked(call.number))
    judge_again([call], at=timezone.now())
    assert list(proofs(call)) == ["called_back"]


def test_numbers_that_look_alike_under_their_masks_are_not_the_same(mirror):
    incoming = rung(direction="incoming", ago=LONG_AGO + minutes(5))
    call = rung()
    Call.objects.filter(pk__in=[incoming.pk, call.pk]).update(number=masked(call.number))
    assert state(call) == "blamed"


def test_rules_that_stay_in_force_when_they_are_withdrawn_excuse_nothing_later(mirror):
    before, after = rung(), rung(ago=LONG_AGO - minutes(30))
    RuleSetVersion.objects.update(withdrawn_at=before.rung_at + minutes(10))
    assert (state(before), state(after)) == ("excused", "blamed")


def test_what_is_never_forgotten_does_not_stand_when_it_is_gone(mirror):
    call = judged_in_time(rung(ago=timedelta(days=40)))
    entry = substitution(IVAN, of=OLGA, first=call.rung_at)
    RuleSetVersion.objects.update(withdrawn_at=timezone.now())
    judge_again([call], at=timezone.now())
    assert state(call) == "excused"
    entry.delete()
    RuleSetVersion.objects.update(withdrawn_at=None)
    judge_again([call], at=timezone.now())
    assert state(call) == "blamed"


def test_of_what_the_feed_has_forgotten_the_history_still_tells(mirror):
    call = rung(ago=timedelta(days=40))
    told = {"before": OLGA.id, "after": BORIS.id, "by": None, "origin": Origin.PORTAL}
    history.note(About.RESPONSIBLE, 5, at=call.rung_at + minutes(3), **told)
    judged_in_time(call)
    assert state(call) == "excused"
    assert list(proofs(call)) == ["just_changed"]


def test_a_call_older_than_its_evidence_is_judged_by_what_is_known_of_it(mirror):
    call = rung()
    Call.objects.update(evidence=None, contested=True)
    assert state(call) == "excused"
    assert proofs(call)["contested"].startswith("Номер принадлежал")


def test_proofs_speak_the_language_asked_for(mirror):
    call = rung(by=MARINA)
    assert state(call) == "excused"
    assert proofs(call, "en") == {"manager": f"The caller is a manager of the responsible, {OLGA.name}."}
    assert proofs(call, "ru") == {"manager": f"Звонивший – руководитель ответственного: {OLGA.name}."}
