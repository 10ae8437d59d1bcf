"""PATCH /api/v1/companies/{id}/status/: who may, what is answered, what goes out to the portal."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from callguard import history
from callguard.access.tokens import CardToken, issued
from callguard.models import About, Account, CompanyStatus, Origin
from callguard.status.outcomes import settle
from crm_mirror import outbox
from crm_mirror.models import Company, Employee, OutboxCall, Status
from tests.cast import BORIS, IVAN, MARINA, OLGA, PAVEL, STRANGER, mirrored_company, value_of

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
    told = answer.json()
    assert datetime.fromisoformat(told.pop("since")) == CompanyStatus.objects.get().accepted_at
    assert told == {
        "company": romashka.portal_id,
        "status": {"id": value, "name": "В обработке"},
        "state": "pending",
        "refusal": None,
    }
    call = OutboxCall.objects.get()
    assert call.params["fields"] == {settings.BITRIX_STATUS_FIELD: value}
    assert CompanyStatus.objects.get().sent == call
    line = history.of(About.STATUS, romashka.portal_id).get()
    assert (line.before, line.after, line.actor_id, line.origin) == (value_of("В работе"), value, MARINA.id, Origin.API)


def test_setting_what_it_has_sends_nothing(status_set):
    assert status_set("В работе").json()["state"] == "accepted"
    assert not OutboxCall.objects.exists()


# --- What became of it -----------------------------------------------------------------------------------------------
@pytest.fixture
def standing(romashka, card):
    """standing(by=…): the answer of GET."""

    def ask(*, by=MARINA, company=romashka.portal_id, language="en"):
        return card(by, language=language).get(path_of(company))

    return ask


def ended(state, error=""):
    OutboxCall.objects.update(state=state, error=error)


def test_who_never_had_it_changed_hears_what_the_portal_shows(standing, romashka):
    answer = standing().json()
    assert (answer["status"]["name"], answer["state"], answer["since"]) == ("В работе", "accepted", None)


def test_a_company_without_a_status_has_none(standing, romashka):
    Company.objects.update(status_id=None)
    assert standing().json()["status"] is None


def test_pending_becomes_accepted_when_the_portal_has_taken_it(status_set, standing):
    status_set()
    assert standing().json()["state"] == "pending"
    ended("done")
    assert standing().json() | {"since": None} == {
        "company": standing().json()["company"],
        "status": {"id": value_of("В обработке"), "name": "В обработке"},
        "state": "accepted",
        "since": None,
        "refusal": None,
    }


@pytest.mark.parametrize("is_settled", [False, True])
def test_refused_comes_with_why_and_with_the_portals_own_words_until_it_is_set_again(status_set, standing, is_settled):
    status_set()
    ended("refused", "crm.company.update: Access denied.")
    if is_settled:
        settle(at=timezone.now())
    told = standing().json()
    assert (told["state"], told["status"]["name"]) == ("refused", "В работе")
    assert told["refusal"]["status"]["name"] == "В обработке"
    assert told["refusal"]["portal_said"] == "Access denied."
    assert "does not let Call Guard change" in told["refusal"]["message"]
    assert "не даёт Call Guard" in standing(language="ru").json()["refusal"]["message"]
    assert status_set().json()["state"] == "pending"
    assert standing().json()["refusal"] is None


def test_what_an_administrator_sends_again_is_pending_once_more(status_set, standing):
    status_set()
    ended("dead", "crm.company.update: HTTP 502")
    settle(at=timezone.now())
    assert "could not be reached" in standing().json()["refusal"]["message"]
    outbox.send_again(OutboxCall.objects.all(), at=timezone.now())
    assert standing().json()["state"] == "pending"


def test_what_was_changed_in_the_portal_by_nobody_knows_whom_is_flagged(standing, romashka):
    CompanyStatus.objects.create(
        company_id=romashka.portal_id,
        accepted=value_of("В ожидании"),
        accepted_at=timezone.now(),
        flagged_at=timezone.now(),
    )
    told = standing().json()
    assert (told["state"], told["status"]["name"]) == ("flagged", "В работе")


@pytest.mark.parametrize(("person", "status"), [(OLGA, 200), (MARINA, 200), (IVAN, 404), (BORIS, 404)])
def test_only_who_may_see_the_company_is_told(standing, person, status):
    assert standing(by=person).status_code == status


@pytest.mark.parametrize("person", [IVAN, MARINA])
def test_a_company_that_he_may_not_see_reads_like_one_that_is_not_there(standing, romashka, person):
    foreign = mirrored_company("Чужая", responsible=BORIS)
    answers = [standing(by=person, company=one) for one in (foreign.portal_id, UNKNOWN)]
    assert [one.status_code for one in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()


def test_a_deleted_company_is_not_there(standing, romashka):
    Company.objects.update(deleted_at=timezone.now())
    assert standing().status_code == 404


# --- Who may ---------------------------------------------------------------------------------------------------------
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
