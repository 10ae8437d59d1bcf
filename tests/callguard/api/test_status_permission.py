"""GET /api/v1/companies/{id}/status/permission/: whether a change made in the portal would stay, told beforehand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings as product
from django.utils import timezone

from callguard import history
from callguard.access.tokens import CardToken, issued
from callguard.models import About, CompanyStatus
from crm_mirror.models import Company, Employee, OutboxCall
from tests.cast import BORIS, IVAN, MARINA, OLGA, PAVEL, STRANGER

UNKNOWN = 99_999
DENIED = "urn:callguard:problem:permission-denied"


@pytest.fixture
def ask(romashka, card):
    """ask(by=…, company=…, responsible=[…]): the answer. `admin`: what the token says of its bearer."""

    def asked(*, by=MARINA, company=romashka.portal_id, responsible=(), admin=None):
        asking = card(by)
        if admin is not None:
            asking.headers["Authorization"] = f"Bearer {token(by, admin)}"
        named = {"responsible": [getattr(one, "id", one) for one in responsible]} if responsible else None
        return asking.get(f"/api/v1/companies/{company}/status/permission/", named)

    return asked


def token(person, admin):
    claims = CardToken(person.id, admin)
    return issued(claims, secret=product.CARD_TOKEN_SECRET, ttl=timedelta(hours=1), at=timezone.now())


def test_the_responsibles_manager_is_welcome(ask):
    answer = ask()
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("person", [OLGA, IVAN, BORIS], ids=["responsible", "colleague", "another head"])
def test_others_hear_no_and_nothing_else(ask, romashka, person):
    answer = ask(by=person)
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
    assert answer.json()["type"] == DENIED
    assert romashka.title not in answer.content.decode()


def test_asking_changes_nothing(ask, romashka):
    for person in (MARINA, IVAN):
        ask(by=person)
    assert not OutboxCall.objects.exists()
    assert not CompanyStatus.objects.exists()
    assert not history.of(About.STATUS, romashka.portal_id).exists()


def test_an_administrator_by_token_or_setting_is_welcome(ask, settings):
    assert ask(by=IVAN, admin=True).status_code == 204
    assert Employee.objects.get(portal_id=IVAN.id).is_portal_admin is True
    assert ask(by=IVAN, admin=False).status_code == 403
    settings.BITRIX_ADMIN_IDS = [BORIS.id]
    assert ask(by=BORIS).status_code == 204


@pytest.mark.parametrize("mode", ["flag", "off"])
def test_a_guard_that_puts_nothing_back_forbids_nothing(ask, settings, mode):
    settings.STATUS_GUARD = mode
    assert ask(by=IVAN).status_code == 204


# --- The portal knows more than the mirror ---------------------------------------------------------------------------
def test_of_a_company_not_mirrored_yet_the_named_responsible_decides(ask):
    assert ask(company=UNKNOWN, responsible=[OLGA]).status_code == 204
    assert ask(company=UNKNOWN, responsible=[OLGA, STRANGER], by=BORIS).status_code == 403
    assert ask(company=UNKNOWN, by=IVAN, responsible=[OLGA]).status_code == 403
    assert ask(company=UNKNOWN).status_code == 403


def test_managers_before_and_after_a_handover_are_both_welcome(ask, romashka):
    Company.objects.filter(pk=romashka.pk).update(responsible_id=BORIS.id)
    assert ask(responsible=[BORIS]).status_code == 403
    assert ask(responsible=[BORIS, OLGA]).status_code == 204


def test_known_and_unknown_companies_read_the_same_to_who_may_not(ask):
    assert ask(by=IVAN).json() == ask(by=IVAN, company=UNKNOWN).json()


@pytest.mark.parametrize("named", [["me"], ["0"], ["7\n"], ["7"] * 3, ["9" * 30]])
def test_what_is_no_employee_is_a_400(ask, named):
    answer = ask(responsible=named)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["responsible"])


# --- Who asks --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("person", "status", "kind"),
    [(None, 401, "not-authenticated"), (PAVEL, 403, "employee-dismissed"), (STRANGER, 403, "employee-unknown")],
    ids=["nobody", "dismissed", "unknown"],
)
def test_who_proves_nothing_gets_another_kind_of_no(ask, person, status, kind):
    answer = ask(by=person)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:callguard:problem:{kind}")
