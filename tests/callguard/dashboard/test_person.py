"""One person's page: for who answers for him and for himself, and for nobody else."""

from __future__ import annotations

import pytest
from django.urls import reverse

from callguard.models import Account
from tests.callguard.dashboard.conftest import browser_of
from tests.cast import IVAN, OLGA, PAVEL

ME = reverse("dashboard:me")
pytestmark = pytest.mark.django_db


def page_of(person):
    return reverse("dashboard:person", args=[person.id])


def test_his_supervisor_sees_his_figures_and_his_latest_conflicts(marina, conflicts):
    answer = marina.get(page_of(IVAN))
    assert [line.call_id for line in answer.context["lines"]] == ["pending", "excused", "taken", "heeded"]
    assert answer.context["tiles"][0].figure == "2"
    assert answer.context["title"] == IVAN.name


@pytest.mark.parametrize("person", [IVAN, OLGA])
def test_another_departments_person_is_not_found(boris, conflicts, person):
    assert boris.get(page_of(person)).status_code == 404


def test_a_person_that_there_is_not_is_not_found_either(root, conflicts):
    assert root.get(reverse("dashboard:person", args=[987_654])).status_code == 404


def test_an_employee_sees_himself_and_nobody_else(ivan, conflicts):
    assert ivan.get(ME).context["tiles"][0].figure == "2"
    assert ivan.get(page_of(IVAN)).status_code == 200
    assert ivan.get(page_of(OLGA)).status_code == 404
    assert ivan.get(ME, {"person": PAVEL.id}).context["tiles"][0].figure == "2"


def test_an_account_of_nobody_has_no_record(people):
    account = Account.objects.create(username="nobody", is_staff=True, is_superuser=True)
    client = browser_of(None)
    client.force_login(account)
    assert client.get(ME).status_code == 404


def test_who_has_called_nobody_is_told_so(people):
    assert "No calls yet" in browser_of(OLGA).get(ME).content.decode()
