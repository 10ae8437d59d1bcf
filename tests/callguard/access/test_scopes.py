"""Scopes and policies say the same of every row; who is nobody, and what is listed nowhere, gets nothing."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from callguard.access.actors import NOBODY, Actor
from callguard.access.policies import may_see_calls_of, may_see_clients_of, may_sign_in
from callguard.access.roles import Role
from callguard.access.scopes import SCOPES, is_visible, may_open, visible
from callguard.models import Account, Call, Palette
from crm_mirror.models import Company, Employee, OutboxCall, PhoneNumber, Quarantine, Status
from tests.callguard.admin.conftest import rung
from tests.cast import (
    BORIS,
    IVAN,
    MARINA,
    OLGA,
    PAVEL,
    STRANGER,
    mirror_synced,
    mirrored_company,
    mirrored_contact,
    mirrored_people,
)

pytestmark = pytest.mark.django_db
MARINAS = Actor("Marina", Role.SUPERVISOR, MARINA.id, manages=frozenset({OLGA.id, IVAN.id}))
OLGAS = Actor("Olga", Role.EMPLOYEE, OLGA.id)
ROOT = Actor("root", Role.ADMINISTRATOR)
ACTORS = [MARINAS, OLGAS, ROOT, NOBODY]
every_actor = pytest.mark.parametrize("actor", ACTORS, ids=lambda actor: str(actor.role))


@pytest.fixture
def rows(db):
    """A client and a call of everybody, and a client of nobody."""
    mirrored_people()
    mirror_synced()
    for number, person in enumerate((OLGA, IVAN, MARINA, BORIS, STRANGER, None)):
        company = mirrored_company(f"Компания {number}", phone=f"+7916123000{number}", responsible=person)
        mirrored_contact(f"Контакт {number}", phone=f"+7916123001{number}", responsible=person, companies=[company])
        if person not in (STRANGER, None):
            rung(f"call {number}", "+79990000000", caller=person.id)


@every_actor
def test_rows_are_those_that_the_policies_speak_of(rows, actor):
    companies = [one for one in Company.objects.all() if may_see_clients_of(actor, one.responsible_id)]
    assert list(visible(Company.objects.all(), to=actor)) == companies
    calls = {one for one in Call.objects.all() if may_see_calls_of(actor, one.caller_id)}
    assert set(visible(Call.objects.all(), to=actor)) == calls


@every_actor
def test_a_number_is_seen_with_its_carrier(rows, actor):
    carriers = {company.portal_id for company in visible(Company.objects.all(), to=actor)}
    seen = visible(PhoneNumber.objects.filter(entity_type="company"), to=actor)
    assert {number.entity_id for number in seen} == carriers


@every_actor
def test_a_row_is_visible_when_it_is_among_the_visible(rows, actor):
    seen = set(visible(Company.objects.all(), to=actor))
    assert {company for company in Company.objects.all() if is_visible(company, to=actor)} == seen


def test_who_is_nobody_sees_nothing_and_opens_nothing(rows):
    for model in (*SCOPES, Account, OutboxCall):
        assert visible(model._default_manager.all(), to=NOBODY).query.is_empty(), model
        assert not may_open(model, NOBODY)
    assert not may_sign_in(NOBODY)


@pytest.mark.parametrize("model", [Account, OutboxCall, Quarantine])
def test_of_what_is_listed_nowhere_only_administrators_see_anything(rows, model):
    assert model not in SCOPES
    assert visible(model._default_manager.all(), to=MARINAS).query.is_empty()
    assert not visible(model._default_manager.all(), to=ROOT).query.is_empty()
    assert [may_open(model, actor) for actor in ACTORS] == [False, False, True, False]


def test_statuses_are_there_to_choose_from_and_their_page_is_for_administrators():
    assert visible(Status.objects.all(), to=OLGAS).count() == Status.objects.count() > 0
    assert [may_open(Status, actor) for actor in ACTORS] == [False, False, True, False]
    assert [may_open(Palette, actor) for actor in ACTORS] == [True, False, True, False]


def test_rows_of_people_who_have_left_are_their_managers(rows):
    boris = Actor("Boris", Role.SUPERVISOR, BORIS.id, manages=frozenset({PAVEL.id}))
    assert set(visible(Employee.objects.all(), to=boris).values_list("portal_id", flat=True)) == {BORIS.id, PAVEL.id}


def test_a_scope_asks_no_query_of_its_own(rows):
    for model in SCOPES:
        with CaptureQueriesContext(connection) as captured:
            list(visible(model._default_manager.all(), to=MARINAS))
        assert len(captured) == 1, model
