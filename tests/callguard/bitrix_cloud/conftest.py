"""The sandbox portal as an application's, with people; and what it posts when it opens a place of ours for one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from crm_mirror.sandbox import installation
from tests.callguard.signin.conftest import Office, nobody_has_knocked_yet, office, sync
from tests.crm_mirror.conftest import APP_ID, app_portal, connected, opened
from tests.portal import Employee

__all__ = ["app_portal", "connected", "nobody_has_knocked_yet", "office", "opened", "sync"]
SECRET = "the-secret-with-which-card-tokens-are-signed"
Opening = Callable[..., Any]


@pytest.fixture(autouse=True)
def card_secret(settings: Settings) -> None:
    settings.CARD_TOKEN_SECRET = SECRET


@pytest.fixture
def open_place(office: Office) -> Opening:
    """open_place("card", ivan, AUTH_ID=…): the portal's frame posts for this person; what it brings may be forged."""
    client = Client(headers={"accept-language": "en"})

    def post(place: str, person: Employee | int, **forged: str) -> Any:
        person_id = person if isinstance(person, int) else person.id
        _address, form = installation.opening(office.portal.portal, APP_ID, person_id)
        return client.post(f"/bitrix/cloud/{place}/", form | forged)

    return post
