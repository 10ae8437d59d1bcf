"""One person's page: for who answers for him and for himself, and for nobody else."""

from __future__ import annotations

import pytest
from django.urls import reverse

from callguard.models import AccessLog, Account, Opened
from tests.callguard.dashboard.conftest import browser_of
from tests.cast import IVAN, MARINA, OLGA, PAVEL

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


def test_who_looks_at_a_person_is_noted_and_the_person_himself_is_not(marina, ivan, conflicts):
    marina.get(page_of(IVAN))
    ivan.get(ME)
    assert [(row.reader_id, row.about_id, row.page) for row in AccessLog.objects.all()] == [
        (MARINA.id, IVAN.id, Opened.PERSON)
    ]


def test_lists_and_files_are_noted_with_whom_they_show(marina, conflicts):
    marina.get(reverse("dashboard:calls"), {"figure": "blamed"})
    marina.get(reverse("dashboard:calls-file", args=["csv"]), {"in_caller": IVAN.id})
    marina.get(reverse("dashboard:table", args=["people", "csv"]), {"person": OLGA.id})
    found = [(row.page, row.about_id) for row in AccessLog.objects.order_by("id")]
    assert found == [(Opened.CALLS, IVAN.id), (Opened.EXPORT, IVAN.id), (Opened.EXPORT, OLGA.id)]


def test_an_account_of_nobody_has_no_record(people):
    account = Account.objects.create(username="nobody", is_staff=True, is_superuser=True)
    client = browser_of(None)
    client.force_login(account)
    assert client.get(ME).status_code == 404


def test_who_has_called_nobody_is_told_so(people):
    assert "No calls yet" in browser_of(OLGA).get(ME).content.decode()
