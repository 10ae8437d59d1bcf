"""A portal that is reached as a local application."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from crm_mirror.sandbox import installation
from crm_mirror.sandbox.access import App
from crm_mirror.sandbox.server import running
from tests.crm_mirror.provisioning import CARD, TAB
from tests.portal import ADMINISTRATOR, PortalDriver

APP_ID, APP_SECRET = "local.callguard.1", "the-application's-secret-key"
PUBLIC_URL = "https://callguard.example"


@pytest.fixture
def app_portal(settings: Settings) -> Iterator[PortalDriver]:
    """An empty portal with our application added and not yet opened; the settings know no webhook."""
    page, installer = f"{PUBLIC_URL}/signin/return/", f"{PUBLIC_URL}/bitrix/install/"
    apps = {APP_ID: App(secret=APP_SECRET, redirect=page, installer=installer, installed=False)}
    with running("empty", limits_on=False, apps=apps) as server:
        reach_by_application(settings, server.url)
        cache.clear()
        yield PortalDriver(server)


def reach_by_application(settings: Settings, url: str) -> None:
    settings.BITRIX_WEBHOOK_URL = ""
    settings.BITRIX_APP_ID, settings.BITRIX_APP_SECRET = APP_ID, APP_SECRET
    settings.BITRIX_OAUTH_SERVER = settings.BITRIX_PORTAL_URL = settings.PORTAL_ORIGIN = url
    settings.BITRIX_RATE_PER_SECOND = 0.0
    settings.PUBLIC_URL = PUBLIC_URL


@pytest.fixture
def opened(app_portal: PortalDriver, client: Client, db: None) -> Callable[..., Any]:
    """opened(by=…, AUTH_ID=…): somebody opens the application in the portal; what the form brings may be forged."""

    def post(*, by: int = ADMINISTRATOR, **forged: str) -> Any:
        address, form = installation.opening(app_portal.portal, APP_ID, by)
        parts = urlsplit(address)
        return client.post(f"{parts.path}?{parts.query}", form | forged)

    return post


@pytest.fixture
def connected(app_portal: PortalDriver, opened: Callable[..., Any]) -> PortalDriver:
    """The portal after an administrator has opened the application there."""
    assert opened().status_code == 200
    installation.finish(app_portal.portal, APP_ID, ADMINISTRATOR)
    return app_portal


@pytest.fixture
def placed(settings: Settings) -> None:
    settings.PORTAL_PLACEMENTS = [CARD, TAB]
