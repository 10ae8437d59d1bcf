"""Nobody is accused wrongly: he stood in for the responsible, manages him, or could not have asked him.

Three scenarios a ground, each excused with its proof on the page, and what comes near and stays blamed.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from callguard import substitutions
from callguard.access.actors import Actor
from callguard.access.roles import Role
from callguard.models import Substitution
from crm_mirror.models import Company, Department
from tests.callguard.fairness.court import acquitted, blamed, changed, minutes, rung, state
from tests.cast import BORIS, IVAN, MARINA, OLGA, PAVEL, SALES, STRANGER, WHOLE_COMPANY, substitution

pytestmark = pytest.mark.django_db
ANNA = Actor("Анна", Role.ADMINISTRATOR)
DAY = timedelta(days=1)


def entered(substitute, of, first, last=None, *, entry=None):
    """Through the verb that every door calls."""
    entry = entry or Substitution(substitute_id=substitute.id, substituted_id=of.id)
    entry.first_day, entry.last_day = timezone.localdate(first), timezone.localdate(last or first)
    substitutions.enter(entry, by=ANNA, at=timezone.now())
    return entry


# --- Substitution ----------------------------------------------------------------------------------------------------
def test_the_substitution_was_entered_only_the_next_day(mirror):
    call = rung(ago=DAY)
    assert state(call) == "blamed"
    entered(IVAN, OLGA, call.rung_at)
    proof = acquitted(call, "substitution")
    assert OLGA.name in proof
    assert f"{timezone.localdate(call.rung_at):%d.%m.%Y}" in proof


def test_the_substitution_was_entered_before_anybody_judged(mirror):
    call = rung()
    entered(IVAN, OLGA, call.rung_at - DAY, call.rung_at + DAY)
    assert OLGA.name in acquitted(call, "substitution")


def test_the_substitution_had_begun_earlier_than_it_was_entered_at_first(mirror):
    call = rung(ago=2 * DAY)
    entry = entered(IVAN, OLGA, call.rung_at + DAY, call.rung_at + 2 * DAY)
    assert state(call) == "blamed"
    entered(IVAN, OLGA, call.rung_at, call.rung_at + 2 * DAY, entry=entry)
    assert OLGA.name in acquitted(call, "substitution")


def test_standing_in_on_another_day_for_somebody_else_or_the_other_way_round_excuses_nothing(mirror):
    call = rung()
    entered(IVAN, OLGA, call.rung_at + DAY)
    entered(IVAN, OLGA, call.rung_at - 2 * DAY, call.rung_at - DAY)
    entered(IVAN, MARINA, call.rung_at)
    entered(OLGA, IVAN, call.rung_at)
    assert blamed(call)


def test_a_substitution_taken_back_excuses_no_longer(mirror):
    call = rung()
    entry = entered(IVAN, OLGA, call.rung_at)
    assert state(call) == "excused"
    substitutions.take_back(entry, by=ANNA, at=timezone.now())
    assert blamed(call)


# --- Manager ---------------------------------------------------------------------------------------------------------
def test_the_head_of_her_department_rang_the_client(mirror):
    assert OLGA.name in acquitted(rung(by=MARINA), "manager")


def test_the_head_of_the_whole_company_rang_the_client_whatever_the_scope_of_supervisors(mirror, settings):
    settings.SUPERVISOR_SCOPE = "direct"
    Department.objects.filter(portal_id=WHOLE_COMPANY).update(head_id=BORIS.id)
    assert OLGA.name in acquitted(rung(by=BORIS), "manager")


def test_the_head_rang_who_has_handed_the_department_over_since(mirror):
    call = rung(by=MARINA)
    Department.objects.filter(portal_id=SALES).update(head_id=BORIS.id)
    changed(SALES, kind="department", seen=call.rung_at + minutes(90), head_id=[MARINA.id, BORIS.id])
    assert OLGA.name in acquitted(call, "manager")


def test_a_colleague_and_the_head_of_another_department_are_no_managers(mirror):
    Department.objects.filter(portal_id=WHOLE_COMPANY).update(head_id=MARINA.id)
    for caller in (IVAN, BORIS):
        assert blamed(rung(by=caller))


def test_who_became_the_head_only_afterwards_was_none(mirror):
    call = rung(by=BORIS)
    Department.objects.filter(portal_id=SALES).update(head_id=BORIS.id)
    changed(SALES, kind="department", seen=call.rung_at + minutes(90), head_id=[MARINA.id, BORIS.id])
    assert blamed(call)


# --- The responsible was not there -----------------------------------------------------------------------------------
def test_the_responsible_had_left(mirror):
    Company.objects.update(responsible_id=PAVEL.id)
    assert PAVEL.name in acquitted(rung(), "responsible_gone")


def test_the_responsible_was_nobody_the_portal_knows(mirror):
    Company.objects.update(responsible_id=STRANGER.id)
    assert f"№ {STRANGER.id}" in acquitted(rung(), "responsible_gone")


def test_the_responsible_was_away_and_a_third_one_stood_in(mirror):
    substitution(BORIS, of=OLGA, first=timezone.now() - 2 * DAY, last=timezone.now() + DAY)
    proof = acquitted(rung(), "responsible_gone")
    assert OLGA.name in proof
    assert BORIS.name in proof


def test_the_mirror_learned_just_after_the_call_that_the_responsible_had_left(mirror):
    call = rung()
    assert state(call) == "blamed"
    changed(OLGA.id, kind="employee", seen=call.rung_at + minutes(14), active=[True, False])
    assert OLGA.name in acquitted(call, "responsible_gone")


def test_a_client_without_a_responsible_was_nobodys(mirror):
    Company.objects.update(responsible_id=None)
    assert "никто не отвечал" in acquitted(rung(), "responsible_gone")


def test_a_responsible_who_is_away_on_another_day_or_left_after_the_call_could_be_asked(mirror):
    call = rung()
    entered(BORIS, OLGA, call.rung_at + DAY)
    changed(OLGA.id, kind="employee", seen=call.rung_at + minutes(90), active=[True, False])
    assert blamed(call)
