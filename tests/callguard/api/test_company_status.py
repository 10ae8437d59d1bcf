"""PATCH /api/v1/companies/{id}/status/: who may, what is answered, what goes out to the portal."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from callguard import history
from callguard.access.tokens import CardToken, issued
from callguard.models import About, Account, CompanyStatus, Origin
from crm_mirror.models import Employee, OutboxCall, Status
from tests.cast import BORIS, IVAN, MARINA, OLGA, PAVEL, STRANGER, value_of

UNKNOWN = 99_999


@pytest.fixture
def status_set(romashka, card):
    """status_set(name, by=…): the answer. `admin`: what the token says of its bearer."""
    Status.objects.update(in_portal=True)

    def ask(status="В обработке", *, by=MARINA, company=romashka.portal_id, admin=None, body=None):
        asking = card(by)
        if admin is not None:
            token = CardToken(by.id, admin)
            signed = issued(token, secret=settings.CARD_TOKEN_SECRET, ttl=timedelta(hours=1), at=timezone.now())
            asking.headers["Authorization"] = f"Bearer {signed}"
        sent = json.dumps({"status": value_of(status)} if body is None else body)
        return asking.client.patch(path_of(company), sent, "application/json", headers=asking.headers)

    return ask


def path_of(company):
    return f"/api/v1/companies/{company}/status/"


def test_the_manager_sets_it_and_it_goes_out_to_the_portal(status_set, romashka):
    answer = status_set()
    value = value_of("В обработке")
    told = {"company": romashka.portal_id, "status": {"id": value, "name": "В обработке"}, "state": "pending"}
    assert (answer.status_code, answer.json()) == (200, told)
    call = OutboxCall.objects.get()
    assert call.params["fields"] == {settings.BITRIX_STATUS_FIELD: value}
    assert CompanyStatus.objects.get().sent == call
    line = history.of(About.STATUS, romashka.portal_id).get()
    assert (line.before, line.after, line.actor_id, line.origin) == (value_of("В работе"), value, MARINA.id, Origin.API)


def test_setting_what_it_has_sends_nothing(status_set):
    assert status_set("В работе").json()["state"] == "accepted"
    assert not OutboxCall.objects.exists()


@pytest.mark.parametrize("person", [OLGA, IVAN, BORIS, PAVEL, STRANGER], ids=lambda person: str(person.id))
@pytest.mark.parametrize("company", ["known", UNKNOWN])
def test_nobody_else_may_nor_learns_which_companies_there_are(status_set, romashka, person, company):
    answer = status_set(by=person, company=romashka.portal_id if company == "known" else company)
    assert answer.status_code == 403
    assert not OutboxCall.objects.exists()


def test_refusals_of_known_and_unknown_companies_read_the_same(status_set):
    assert status_set(by=IVAN).json() == status_set(by=IVAN, company=UNKNOWN).json()


@pytest.mark.parametrize("company", [UNKNOWN, 10**30])
def test_a_manager_hears_no_of_an_unknown_company_an_administrator_that_it_is_unknown(status_set, company):
    assert status_set(company=company).status_code == 403
    assert status_set(company=company, by=IVAN, admin=True).status_code == 404


def test_a_token_that_says_administrator_counts_and_is_remembered(status_set):
    assert status_set(by=IVAN, admin=True).status_code == 200
    assert Employee.objects.get(portal_id=IVAN.id).is_portal_admin is True
    assert status_set("В ожидании", by=IVAN, admin=False).status_code == 403
    assert Employee.objects.get(portal_id=IVAN.id).is_portal_admin is False


def test_the_setting_makes_an_administrator(status_set, settings):
    settings.BITRIX_ADMIN_IDS = [BORIS.id]
    assert status_set(by=BORIS).status_code == 200


@pytest.mark.parametrize("body", [{"status": "no-such"}, {"status": 5}, {"status": ""}, {}, []])
def test_what_is_no_status_is_a_400(status_set, body):
    answer = status_set(body=body)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def test_so_is_a_retired_one(status_set):
    Status.objects.filter(name="В обработке").update(retired_at=timezone.now())
    answer = status_set()
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["status"]


def test_without_a_token_it_is_a_401(status_set):
    assert status_set(by=None).status_code == 401


@pytest.mark.parametrize(("person", "status"), [(MARINA, 200), (IVAN, 403)], ids=["manager", "employee"])
def test_a_staff_session_may_what_its_employee_may(romashka, client, person, status):
    Status.objects.update(in_portal=True)
    account = Account.objects.create_user("someone", is_staff=True, employee_id=person.id)
    client.force_login(account)
    body = json.dumps({"status": value_of("В обработке")})
    assert client.patch(path_of(romashka.portal_id), body, "application/json").status_code == status
