"""Nobody is accused wrongly: the number was several clients', the client had just changed, or we were mistaken.

Three scenarios a ground, each excused with its proof on the page, and what comes near and stays blamed.
"""

from __future__ import annotations

import pytest
from django.utils import timezone

from callguard import history
from callguard.access.actors import Actor
from callguard.access.roles import Role
from callguard.fairness.judge import judge_again
from callguard.models import About, Call, Origin, RuleSetVersion
from tests.callguard.fairness.court import NUMBER, PHONE, acquitted, blamed, changed, minutes, rung, state
from tests.cast import BORIS, IVAN, MARINA, OLGA, mirrored_company, mirrored_contact, value_of

pytestmark = pytest.mark.django_db
OTHER = "8 916 000-00-07"


def handed_over(before, after, *, at, by=MARINA, seen=None):
    changed(5, at=at, seen=seen, by=by, responsible_id=[before.id, after.id])


def restatused(before, after, *, at, by=OLGA, seen=None, **facts):
    changed(5, at=at, seen=seen, by=by, status_id=[value_of(before), value_of(after)], **facts)


# --- Contested -------------------------------------------------------------------------------------------------------
def test_two_companies_of_different_responsibles_carry_the_number(mirror):
    mirrored_company("Лютик", phone=PHONE, responsible=BORIS, status="В работе")
    proof = acquitted(rung(), "contested")
    for word in ("Ромашка", OLGA.name, "Лютик", BORIS.name):
        assert word in proof


def test_the_contact_works_for_companies_of_different_responsibles(mirror):
    several = [
        mirrored_company(title, responsible=whose, status="В работе") for title, whose in (("А", OLGA), ("Б", BORIS))
    ]
    mirrored_contact("Пётр", phone=OTHER, companies=several)
    assert BORIS.name in acquitted(rung(phone=OTHER), "contested")


def test_the_number_is_that_of_two_people(mirror):
    mirrored_contact("Пётр", phone=OTHER, responsible=OLGA)
    mirrored_contact("Анна", phone=OTHER, responsible=BORIS)
    proof = acquitted(rung(phone=OTHER), "contested")
    assert "Пётр" in proof
    assert "Анна" in proof


def test_several_clients_of_one_responsible_are_nobody_elses(mirror):
    mirrored_company("Лютик", phone=PHONE, responsible=OLGA, status="В обработке")
    assert blamed(rung())


# --- Just changed ----------------------------------------------------------------------------------------------------
def test_the_manager_gave_him_the_client_while_they_spoke(mirror):
    call = rung()
    handed_over(OLGA, IVAN, at=call.rung_at + minutes(5))
    proof = acquitted(call, "just_changed")
    for word in (OLGA.name, IVAN.name, MARINA.name):
        assert word in proof


def test_he_had_just_given_his_client_away(mirror):
    handed_over(IVAN, OLGA, at=timezone.now() - minutes(190), by=IVAN)
    assert IVAN.name in acquitted(rung(), "just_changed")


def test_the_responsible_let_the_client_go_just_after_the_call(mirror):
    call = rung()
    assert state(call) == "blamed"
    restatused("В работе", "В ожидании", at=call.rung_at + minutes(14))
    proof = acquitted(call, "just_changed")
    assert "В работе → В ожидании" in proof


def test_a_supervisor_changed_the_status_here(mirror):
    call = rung()
    history.note(
        About.STATUS,
        5,
        before=value_of("В работе"),
        after=value_of("В ожидании"),
        by=Actor(MARINA.name, Role.SUPERVISOR, MARINA.id),
        origin=Origin.ADMIN,
        at=call.rung_at + minutes(10),
    )
    assert MARINA.name in acquitted(call, "just_changed")


def test_nobody_knows_who_changed_it_and_the_doubt_is_his(mirror):
    call = rung()
    changed(5, at=call.rung_at + minutes(5), by=IVAN, responsible_id=[OLGA.id, IVAN.id], title=["Ромашка", "Лютик"])
    assert "неизвестно" in acquitted(call, "just_changed")


@pytest.mark.parametrize("distance", [-16, 16])
def test_what_changed_a_little_farther_away_excuses_nothing(mirror, distance):
    call = rung()
    handed_over(OLGA, BORIS, at=call.rung_at + minutes(distance))
    assert blamed(call)


def test_nobody_is_excused_by_what_he_did_himself(mirror):
    call = rung()
    handed_over(OLGA, IVAN, at=call.rung_at + minutes(5), by=IVAN)
    restatused("В работе", "В ожидании", at=call.rung_at + minutes(6), by=IVAN)
    assert blamed(call)


def test_what_the_guard_put_back_has_changed_nothing(mirror):
    call = rung()
    restatused("В работе", "В ожидании", at=call.rung_at + minutes(5), by=IVAN)
    restatused("В ожидании", "В работе", at=call.rung_at + minutes(6), by=MARINA, echo_of=77)
    guarded = {"before": value_of("В ожидании"), "after": value_of("В работе"), "origin": Origin.GUARD, "by": None}
    history.note(About.STATUS, 5, at=call.rung_at + minutes(6), **guarded)
    assert blamed(call)


def test_another_client_a_new_title_and_another_number_are_no_such_change(mirror):
    call = rung()
    changed(6, at=call.rung_at + minutes(1), by=MARINA, responsible_id=[OLGA.id, IVAN.id])
    changed(5, kind="contact", at=call.rung_at + minutes(1), by=MARINA, responsible_id=[OLGA.id, IVAN.id])
    changed(5, at=call.rung_at + minutes(1), by=MARINA, title=["Ромашка", "Лютик"])
    changed(5, at=call.rung_at + minutes(1), by=MARINA, numbers=[[NUMBER], []])
    assert blamed(call)


# --- Our own error ---------------------------------------------------------------------------------------------------
def test_the_portal_had_given_the_client_to_somebody_else_and_we_did_not_know(mirror):
    call = rung()
    before = call.rung_at - minutes(90)
    handed_over(OLGA, IVAN, at=before, seen=call.rung_at + minutes(30))
    proof = acquitted(call, "own_error")
    assert f"{timezone.localtime(before):%d.%m.%Y %H:%M}" in proof
    assert "узнали" in proof


def test_the_number_had_been_taken_off_the_client_and_we_did_not_know(mirror):
    call = rung()
    assert state(call) == "blamed"
    changed(5, at=call.rung_at - minutes(90), seen=timezone.now(), by=OLGA, numbers=[[NUMBER], []])
    assert NUMBER in acquitted(call, "own_error")


def test_the_number_had_been_taken_off_the_contact_and_we_did_not_know(mirror):
    company = mirrored_company("Лютик", status="В работе")
    mirrored_contact("Пётр", phone=OTHER, companies=[company], id=50)
    call = rung(phone=OTHER)
    assert state(call) == "blamed"
    numbers = [["+79160000007"], ["+79160000008"]]
    changed(50, kind="contact", at=call.rung_at - minutes(90), seen=timezone.now(), by=OLGA, numbers=numbers)
    assert "+79160000007 → +79160000008" in acquitted(call, "own_error")


def test_the_rules_of_that_time_were_a_mistake(mirror):
    call = rung()
    assert state(call) == "blamed"
    RuleSetVersion.objects.filter(version=call.rules_version).update(withdrawn_at=timezone.now())
    judge_again(Call.objects.all(), at=timezone.now())
    assert f"Версия правил {call.rules_version}" in acquitted(call, "own_error")


def test_what_we_knew_in_time_what_came_after_the_call_and_what_he_did_himself_is_no_error_of_ours(mirror):
    call = rung()
    restatused("В обработке", "В работе", at=call.rung_at - minutes(90), seen=call.rung_at - minutes(80))
    restatused("В работе", "В обработке", at=call.rung_at + minutes(30), seen=call.rung_at + minutes(100))
    handed_over(OLGA, IVAN, at=call.rung_at - minutes(90), seen=call.rung_at + minutes(30), by=IVAN)
    changed(5, at=call.rung_at - minutes(90), seen=timezone.now(), by=OLGA, numbers=[["+79990000000"], []])
    assert blamed(call)


def test_other_rules_than_those_of_the_call_may_be_a_mistake(mirror):
    call = rung()
    RuleSetVersion.objects.create(version=99, published_at=timezone.now(), rules=[], withdrawn_at=timezone.now())
    assert blamed(call)
