"""Sessions and card tokens end with a dismissal, at once and for good; whoever returns signs in anew."""

from __future__ import annotations

import pytest
from django.contrib.auth import authenticate
from django.test import Client, RequestFactory
from django.utils import timezone

from callguard.access.people import may_stay
from callguard.feed import read_all
from callguard.models import Account
from crm_mirror.models import Change, Employee
from tests.callguard.api.conftest import Card
from tests.cast import IVAN, OLGA, PAVEL, STRANGER, mirror_synced, mirrored_people

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(db):
    mirrored_people()
    mirror_synced()
    read_all()


def account_of(person, **fields) -> Account:
    return Account.objects.create_user(
        f"account{person.id}", "x@example.com", "pass-word", employee_id=person.id, **fields
    )


def browser_of(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def is_in(client: Client) -> bool:
    return client.get("/admin/password_change/").status_code == 200


def told(person, **columns) -> None:
    """The portal tells of a change, as a sync would write it."""
    Employee.objects.filter(portal_id=person.id).update(**columns)
    facts = {name: [None, value] for name, value in columns.items()}
    Change.objects.create(
        at=timezone.now(), kind="employee", portal_id=str(person.id), what="updated", facts=facts, source="delta"
    )


def test_a_session_is_refused_from_the_dismissal_on_without_any_round(people):
    client = browser_of(account_of(IVAN, is_staff=True))
    assert is_in(client)
    Employee.objects.filter(portal_id=IVAN.id).update(active=False)
    assert not is_in(client)


@pytest.mark.parametrize("why", [{"active": False}, {"deleted_at": timezone.now()}, {"user_type": "extranet"}])
def test_whoever_is_no_employee_any_more_is_out(people, why):
    client = browser_of(account_of(IVAN, is_staff=True))
    Employee.objects.filter(portal_id=IVAN.id).update(**why)
    assert not is_in(client)


def test_a_session_does_not_come_back_with_the_person(people):
    client, other = browser_of(account_of(IVAN, is_staff=True)), browser_of(account_of(OLGA, is_staff=True))
    told(IVAN, active=False)
    read_all()
    told(IVAN, active=True)
    read_all()
    assert (is_in(client), is_in(other)) == (False, True)
    assert is_in(browser_of(Account.objects.get(employee_id=IVAN.id)))  # nothing of the account was switched off


def test_a_superuser_is_nobodys_employee(people):
    client = browser_of(account_of(IVAN, is_staff=True, is_superuser=True))
    told(IVAN, active=False)
    read_all()
    assert is_in(client)


def test_a_superuser_without_an_employee_stays(people):
    client = browser_of(Account.objects.create_superuser("root"))
    told(IVAN, active=False)
    read_all()
    assert is_in(client)


def test_a_change_of_somebody_at_work_ends_nothing(people):
    client = browser_of(account_of(IVAN, is_staff=True))
    told(IVAN, name="Иван Новый")
    read_all()
    assert is_in(client)


def test_a_password_is_of_no_use_to_a_dismissed_one(people):
    account_of(IVAN), account_of(PAVEL)
    asked = [
        authenticate(RequestFactory().post("/"), username=f"account{person.id}", password="pass-word")
        for person in (IVAN, PAVEL)
    ]
    assert [one is not None for one in asked] == [True, False]


def test_one_whom_the_mirror_does_not_know_stays_out(people):
    assert not may_stay(account_of(STRANGER))


def test_it_costs_one_query_a_request(people, django_assert_num_queries):
    account = account_of(IVAN)
    with django_assert_num_queries(1):
        assert may_stay(account)


def test_a_new_password_ends_the_other_sessions_as_ever(people):
    account = account_of(IVAN, is_staff=True)
    client = browser_of(account)
    account.set_password("another")
    account.save()
    assert not is_in(client)


def test_a_card_token_ends_with_the_dismissal_too(people):
    card = Card(IVAN)
    assert card.verdict().status_code == 200
    told(IVAN, active=False)
    read_all()
    assert card.verdict().status_code == 403
