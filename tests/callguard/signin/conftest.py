"""The sandbox portal, connected as an application, with people of each kind in the mirror; and a browser of theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.core.cache import cache
from django.test import Client

from tests.crm_mirror.conftest import app_portal, connected, opened
from tests.portal import Employee, PortalDriver

__all__ = ["app_portal", "connected", "opened"]


@pytest.fixture(autouse=True)
def nobody_has_knocked_yet():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def sync(connected: PortalDriver) -> Callable[..., Any]:
    from crm_mirror.sync.run import sync

    return sync


@dataclass
class Office:
    portal: PortalDriver
    ivan: Employee
    marina: Employee
    pavel: Employee
    sales: int


@pytest.fixture
def office(connected: PortalDriver, sync: Callable[..., Any]) -> Office:
    """Ivan works for Marina, who heads the sales; Pavel has left. All mirrored."""
    marina = connected.add_employee("Марина Кузнецова")
    sales = connected.add_department("Продажи", head=marina)
    connected.move_employee(marina, sales)
    ivan = connected.add_employee("Иван Сидоров", department=sales)
    pavel = connected.add_employee("Павел Ушедший", department=sales, active=False)
    sync()
    return Office(connected, ivan, marina, pavel, sales)


class Browser:
    """A person's browser on our pages, and what the portal's page answers it. In English unless told otherwise."""

    def __init__(self, portal: PortalDriver, language: str = "en") -> None:
        self.portal = portal
        self.client = Client(headers={"accept-language": language})

    def leave(self, wanted: str = "") -> str:
        """To the portal; returns its address."""
        answer = self.client.get("/signin/", {"next": wanted} if wanted else {})
        assert answer.status_code == 302, answer.text
        return str(answer["Location"])

    def agree(self, door: str, person: Employee | int) -> dict[str, str]:
        """The person says on the portal's page who he is; what the portal sends back with him."""
        person_id = person if isinstance(person, int) else person.id
        page = requests.get(f"{door}&user_id={person_id}", allow_redirects=False, timeout=5)
        assert page.status_code == 302, page.text
        address = urlsplit(page.headers["Location"])
        assert address.path == "/signin/return/"
        return {name: values[0] for name, values in parse_qs(address.query).items()}

    def come_back(self, told: dict[str, str]) -> Any:
        return self.client.get("/signin/return/", told)

    def sign_in(self, person: Employee | int, wanted: str = "", **forged: str) -> Any:
        return self.come_back(self.agree(self.leave(wanted), person) | forged)

    @property
    def account(self) -> str | None:
        """Primary key of the account that is signed in."""
        return self.client.session.get("_auth_user_id")


@pytest.fixture
def browser(connected: PortalDriver) -> Browser:
    return Browser(connected)
