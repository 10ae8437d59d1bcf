"""«В ожидании» for new companies: once, in bulk, and never over a status that is there."""

from __future__ import annotations

import pytest
from django.utils import timezone

from callguard.models import CompanyStatus, History
from callguard.status.newcomers import first_status, welcome
from crm_mirror.models import Company, OutboxCall, Status
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
