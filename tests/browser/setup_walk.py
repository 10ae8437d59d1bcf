"""A portal that knows nothing of us, with a client in it; and the settings as if somebody had filled in .env."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from pytest_django import Settings

from crm_mirror.sandbox.access import App
from crm_mirror.sandbox.server import running
from tests.portal import Employee, PortalDriver
from tests.process import environment

NUMBER = "8 (916) 123-45-67"
SECRET = "a-card-secret-of-the-walk-with-more-than-32-characters"
APP_ID, APP_SECRET = "local.callguard.walk", "the-key-of-the-application"
NAMES = ("BITRIX_WEBHOOK_URL", "BITRIX_PORTAL_URL", "BITRIX_APP_ID", "BITRIX_APP_SECRET", "BITRIX_APPLICATION_TOKEN")


@dataclass
class Office:
    """The portal's people, and their client whose status comes with the field."""

    portal: PortalDriver
    olga: Employee
    ivan: Employee
    company: int

    def client_in_work(self) -> None:
        self.portal.update_company(self.company, status="В работе")


@contextmanager
def fresh_office(site: str) -> Iterator[Office]:
    """Cloud, with our application added there and not yet opened; no field of ours."""
    address = f"{site}/bitrix/install/"
    apps = {APP_ID: App(secret=APP_SECRET, redirect=address, installer=address, installed=False)}
    with running("empty", limits_on=False, apps=apps) as server:
        portal = PortalDriver(server)
        olga, ivan = portal.add_employee("Ольга Петрова"), portal.add_employee("Иван Сидоров")
        portal.add_employee("Анна Админова", admin=True)
        company = portal.add_company("ООО «Ромашка»", phone=NUMBER, responsible=olga)
        portal.add_contact("Пётр Иванов", phone="+7 903 111-22-33", responsible=olga, companies=[company])
        portal.add_lead("Проект коттеджа", phone="+7 905 333-44-55", responsible=olga)
        yield Office(portal, olga, ivan, company)


def nothing_set(settings: Settings) -> None:
    for name in (*NAMES, "PORTAL_ORIGIN", "PUBLIC_URL", "CARD_TOKEN_SECRET"):
        setattr(settings, name, "")
    settings.BITRIX_ADMIN_IDS, settings.CARD_ORIGINS = [], []
    settings.BITRIX_RATE_PER_SECOND, settings.DEMO = 0.0, False


def env_written(settings: Settings, patch: pytest.MonkeyPatch, *, origin: str, **values: Any) -> None:
    """What a person writes into .env, and the restart after it: for this server and for the processes it starts."""
    values |= {"CARD_TOKEN_SECRET": SECRET}
    for name, value in values.items():
        setattr(settings, name, value)
    settings.PORTAL_ORIGIN, settings.CARD_ORIGINS = origin, [origin]
    for name, value in environment(**values, SECRET_KEY=settings.SECRET_KEY, BITRIX_RATE_PER_SECOND=0).items():
        patch.setenv(name, value)
