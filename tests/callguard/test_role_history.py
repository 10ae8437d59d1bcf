"""Changes of roles go into the history with each round of the sync: who, when, from, to, source; and nothing else."""

from __future__ import annotations

import pytest
from django.utils import timezone

from callguard import history, role_history
from callguard.access.actors import Actor
from callguard.access.roles import Role
from callguard.feed import read_all
from callguard.models import About, History, KnownRole, Origin
from crm_mirror.models import Employee
from tests.cast import IVAN, MARINA, OLGA, mirror_synced, mirrored_people

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales(portal, sync):
    """Marina heads the sales, where Ivan works; a first round has been."""
    marina = portal.add_employee("Марина Кузнецова")
    sales = portal.add_department("Продажи", head=marina)
    ivan = portal.add_employee("Иван Сидоров", department=sales)
    round_of(sync)
    return sales, marina, ivan


def round_of(sync):
    sync()
    read_all()


def lines():
    return list(
        History.objects.filter(about=About.ROLE).order_by("id").values_list("object_id", "title", "before", "after")
    )


def test_the_first_look_is_the_beginning_and_no_news(sales):
    _department, marina, ivan = sales
    assert lines() == []
    known = dict(KnownRole.objects.values_list("employee_id", "role"))
    assert (known[marina.id], known[ivan.id], known[1]) == ("supervisor", "employee", "administrator")


def test_a_new_head_and_the_one_who_was_it_are_noted(portal, sync, sales):
    department, marina, ivan = sales
    portal.set_head(department, ivan)
    round_of(sync)
    assert lines() == [
        (str(marina.id), "Марина Кузнецова", "supervisor", "employee"),
        (str(ivan.id), "Иван Сидоров", "employee", "supervisor"),
    ]
    line = History.objects.first()
    assert (line.origin, line.actor_id, line.actor_name) == (Origin.PORTAL, None, "")


def test_the_next_round_has_nothing_to_say(portal, sync, sales):
    department, _marina, ivan = sales
    portal.set_head(department, ivan)
    round_of(sync)
    before = lines()
    round_of(sync)
    role_history.look(at=timezone.now())
    assert lines() == before


def test_a_dismissal_and_a_return_are_noted(portal, sync, sales):
    _department, _marina, ivan = sales
    portal.dismiss(ivan)
    round_of(sync)
    portal.store.user(ivan.id)["ACTIVE"] = True
    round_of(sync)
    assert [line[2:] for line in lines()] == [("employee", "nobody"), ("nobody", "employee")]


def test_somebody_new_is_noted_with_what_he_begins_as(portal, sync, sales):
    anna = portal.add_employee("Анна Новая")
    round_of(sync)
    assert lines() == [(str(anna.id), "Анна Новая", None, "employee")]


def test_an_administrator_is_noted_when_he_is_learned(sales):
    """No change of the feed tells of it: a card token did, or he signed in."""
    _department, _marina, ivan = sales
    Employee.objects.filter(portal_id=ivan.id).update(is_portal_admin=True)
    read_all()
    assert [line[2:] for line in lines()] == [("employee", "administrator")]


def test_an_administrator_named_by_the_setting_is_noted(sales, settings):
    _department, _marina, ivan = sales
    settings.BITRIX_ADMIN_IDS = [ivan.id]
    read_all()
    assert [line[2:] for line in lines()] == [("employee", "administrator")]


def test_who_was_made_one_here_is_noted_with_who_did_it(sales):
    _department, _marina, ivan = sales
    Employee.objects.filter(portal_id=ivan.id).update(is_portal_admin=True)
    root = Actor("root", Role.ADMINISTRATOR, 1)
    role_history.look(at=timezone.now(), by=root, origin=Origin.ADMIN)
    line = history.of(About.ROLE, ivan.id).get()
    assert (line.actor_id, line.actor_name, line.origin) == (1, "root", Origin.ADMIN)


def test_while_people_or_departments_are_half_read_nothing_is_concluded(db):
    mirrored_people()
    read_all()
    assert not KnownRole.objects.exists()
    mirror_synced()
    read_all()
    known = dict(KnownRole.objects.values_list("employee_id", "role"))
    assert (known[OLGA.id], known[MARINA.id]) == ("employee", "supervisor")


def test_a_change_that_another_look_has_noted_is_not_noted_again(db):
    mirrored_people()
    mirror_synced()
    read_all()
    assert role_history.remember(IVAN.id, "employee", Role.ADMINISTRATOR)
    assert not role_history.remember(IVAN.id, "employee", Role.ADMINISTRATOR)


def test_a_round_without_news_costs_two_queries(db, django_assert_num_queries):
    mirrored_people()
    mirror_synced()
    Employee.objects.filter(portal_id=OLGA.id).update(is_portal_admin=True)
    role_history.look(at=timezone.now())
    with django_assert_num_queries(2):
        role_history.keep_up(at=timezone.now())
