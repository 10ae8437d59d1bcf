"""«В ожидании» for new companies: once, in bulk, and never over a status that is there."""

from __future__ import annotations

import pytest
from django.utils import timezone

from callguard.feed import read_all
from callguard.models import CompanyStatus, History, Newcomer
from callguard.status.newcomers import first_status, welcome, welcome_late
from crm_mirror.models import Change, Company, OutboxCall, Status
from tests.cast import mirrored_company, value_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def portal_knows_the_statuses(db):
    Status.objects.update(in_portal=True)


def imported(count):
    Company.objects.bulk_create(Company(portal_id=one, title=f"Компания {one}") for one in range(1, count + 1))
    return range(1, count + 1)


def test_the_first_status_is_the_one_without_a_colour_and_without_it_nobody_is_welcomed():
    assert first_status().name == "В ожидании"
    Status.objects.filter(name="В ожидании").update(retired_at=timezone.now())
    assert welcome(imported(1), at=timezone.now()) == 0


def test_a_mass_import_costs_the_same_few_queries(django_assert_max_num_queries):
    ids = imported(500)
    with django_assert_max_num_queries(25):  # SQLite takes long inserts in several statements
        assert welcome(ids, at=timezone.now()) == 500
    assert (OutboxCall.objects.count(), CompanyStatus.objects.count(), History.objects.count()) == (500, 500, 500)
    assert CompanyStatus.objects.get(company_id=7).sent.entity == "company:7"


def test_each_is_welcomed_once():
    ids = imported(3)
    assert [welcome(ids, at=timezone.now()) for _ in range(2)] == [3, 0]


def test_who_has_a_status_is_gone_or_is_one_of_us_is_left_alone():
    made = (
        mirrored_company("Со статусом", status="В работе"),
        mirrored_company("Удалена", deleted=True),
        mirrored_company("Мы сами", is_my_company=True),
    )
    assert welcome([one.portal_id for one in made], at=timezone.now()) == 0


def test_the_call_replaces_no_status_that_somebody_chose_meanwhile():
    welcome(imported(1), at=timezone.now())
    check = OutboxCall.objects.get().check_call
    assert list(check["expect"].values()) == [value_of("В ожидании")]
    assert list(check["only_if"].values()) == [[""]]


def test_an_import_of_ten_thousand_is_worked_off_in_batches(django_assert_max_num_queries):
    """The feed hands over 500 at a time, each with its own transaction; nothing is asked for each company."""
    now = timezone.now()
    Change.objects.bulk_create(
        Change(at=now, kind="company", portal_id=str(one), what=Change.What.CREATED, source="delta")
        for one in imported(10_000)
    )
    with django_assert_max_num_queries(20 * 30):
        assert read_all() == 10_000
    assert OutboxCall.objects.count() == 10_000
    assert read_all() == 0


def test_who_came_before_there_was_a_status_is_welcomed_once_when_there_is_one(django_assert_num_queries):
    Status.objects.update(in_portal=False)
    welcome(imported(3), at=timezone.now())
    Company.objects.filter(portal_id=2).update(status_id="45")  # somebody was faster
    assert (welcome_late(at=timezone.now()), Newcomer.objects.count()) == (0, 3)
    Status.objects.update(in_portal=True)
    assert welcome_late(at=timezone.now()) == 2
    with django_assert_num_queries(1):
        assert welcome_late(at=timezone.now()) == 0
    assert sorted(CompanyStatus.objects.values_list("company_id", flat=True)) == [1, 3]
