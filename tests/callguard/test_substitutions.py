"""Substitutions: one entry for a pair and a day, and not handed on from one to the next."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from callguard import substitutions
from callguard.access.actors import Actor
from callguard.access.roles import Role
from callguard.calls import Ring, record_call
from callguard.fairness.judge import judge_due
from callguard.models import Call, Substitution
from tests.cast import BORIS, IVAN, MARINA, OLGA, mirror_synced, mirrored_company, mirrored_people, substitution

pytestmark = pytest.mark.django_db
HEAD = Actor(MARINA.name, Role.SUPERVISOR, MARINA.id, manages=frozenset({OLGA.id, IVAN.id}))
PHONE = "8 (916) 123-45-67"


@pytest.fixture(autouse=True)
def mirror(db):
    mirrored_people()
    mirror_synced()
    mirrored_company("ООО «Ромашка»", phone=PHONE, responsible=OLGA, status="В работе", id=5)


def entered(first, last, *, who=IVAN, whom=OLGA):
    entry = Substitution(
        substitute_id=who.id, substituted_id=whom.id, first_day=date(2026, 3, first), last_day=date(2026, 3, last)
    )
    substitutions.enter(entry, by=HEAD, at=timezone.now())
    return entry


@pytest.mark.parametrize(("first", "last"), [(5, 9), (1, 5), (9, 20), (6, 6), (1, 20)])
def test_a_second_entry_of_the_pair_for_one_of_the_days_is_refused_with_the_first(first, last):
    there = entered(5, 9)
    with pytest.raises(substitutions.Overlapping) as refused:
        entered(first, last)
    assert refused.value.entry == there
    assert Substitution.objects.count() == 1


def test_days_that_only_meet_are_two_entries():
    entered(5, 9)
    entered(10, 12)
    entered(1, 4)
    assert Substitution.objects.count() == 3


def test_several_people_stand_in_for_one():
    entered(5, 9)
    entered(5, 9, who=BORIS)
    assert Substitution.objects.count() == 2


def test_who_stands_in_for_a_substitute_has_not_the_clients_of_the_first_absent():
    substitution(IVAN, of=OLGA)
    substitution(BORIS, of=IVAN)
    call, _new = record_call(Ring("c1", PHONE, "outgoing"), caller_id=BORIS.id, at=timezone.now(), language="ru")
    assert (call.reason, call.conflict) == ("foreign_client", True)


def test_conflicts_of_its_days_are_excused_when_it_is_entered_late_and_blamed_again_when_it_is_taken_back():
    call, _new = record_call(Ring("c1", PHONE, "outgoing"), caller_id=IVAN.id, at=timezone.now(), language="ru")
    Call.objects.update(rung_at=timezone.now() - timedelta(hours=3))
    judge_due(at=timezone.now())
    call.refresh_from_db()
    assert (call.judged_at is None, call.excused) == (False, False)
    day = timezone.localdate(call.rung_at)
    entry = Substitution(substitute_id=IVAN.id, substituted_id=OLGA.id, first_day=day, last_day=day)
    substitutions.enter(entry, by=HEAD, at=timezone.now())
    call.refresh_from_db()
    assert call.excused
    substitutions.take_back(entry, by=HEAD, at=timezone.now())
    call.refresh_from_db()
    assert not call.excused


# --- One's own, for days that have come ------------------------------------------------------------------------------
TODAY = timezone.localdate()


def own(first, last, *, who=MARINA):
    """Of the head herself, days counted from today."""
    days = {"first_day": TODAY + timedelta(days=first), "last_day": TODAY + timedelta(days=last)}
    return Substitution(substitute_id=who.id, substituted_id=OLGA.id, **days)


@pytest.mark.parametrize(("first", "last"), [(-3, -1), (0, 0), (-3, 3)])
def test_nobody_enters_himself_for_days_that_have_come(first, last):
    with pytest.raises(substitutions.OwnDaysGone):
        substitutions.enter(own(first, last), by=HEAD, at=timezone.now())
    assert not Substitution.objects.exists()


def test_days_ahead_and_other_people_he_enters_and_takes_back():
    for entry in (own(1, 3), own(-3, 0, who=IVAN)):
        substitutions.enter(entry, by=HEAD, at=timezone.now())
        substitutions.take_back(entry, by=HEAD, at=timezone.now())


def test_nobody_takes_back_or_moves_his_own_that_has_begun_but_may_prolong_it():
    entry = own(-3, 3)
    entry.save()
    with pytest.raises(substitutions.OwnDaysGone):
        substitutions.take_back(entry, by=HEAD, at=timezone.now())
    for change in ({"first_day": TODAY}, {"substitute_id": IVAN.id}, {"last_day": TODAY - timedelta(days=1)}):
        moved = Substitution.objects.get()
        for name, value in change.items():
            setattr(moved, name, value)
        with pytest.raises(substitutions.OwnDaysGone):
            substitutions.enter(moved, by=HEAD, at=timezone.now())
    entry.last_day = TODAY + timedelta(days=9)
    substitutions.enter(entry, by=HEAD, at=timezone.now())
    assert Substitution.objects.get().last_day == entry.last_day


def test_an_account_without_an_employee_enters_anybody():
    substitutions.enter(own(-3, 0), by=Actor("root", Role.ADMINISTRATOR), at=timezone.now())
    assert Substitution.objects.exists()
