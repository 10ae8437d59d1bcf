"""People with accounts, and Ivan's call to Olga's client."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from callguard.models import Account
from tests.callguard.fairness.court import PHONE
from tests.cast import OLGA, Person, mirror_synced, mirrored_company, mirrored_people


@pytest.fixture
def romashka(db):
    mirrored_people()
    mirror_synced()
    return mirrored_company("ООО «Ромашка»", phone=PHONE, responsible=OLGA, status="В работе", id=5)


@pytest.fixture
def browser(db) -> Callable[..., Client]:
    """browser(person, language): a client signed in with his portal account; English unless told otherwise."""

    def signed_in(person: Person, language: str = "en") -> Client:
        client = Client(headers={"accept-language": language})
        account, _new = Account.objects.get_or_create(
            username=f"p{person.id}", defaults={"is_staff": True, "employee_id": person.id}
        )
        client.force_login(account)
        return client

    return signed_in


@pytest.fixture
def superuser(db) -> Client:
    """Without a person in the portal."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(Account.objects.create(username="root", is_staff=True, is_superuser=True))
    return client
