"""A real browser, our real server with rows in its mirror, and a page of the portal on an origin of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connections
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.browser import urls  # now, while DEMO is off: config.urls reads it once
from tests.browser.chromium import ARGUMENTS, program
from tests.browser.clients import mirrored
from tests.browser.portal_page import ORIGIN, PortalPage


@pytest.fixture(scope="module")
def browser(django_db_setup: None) -> Iterator[Browser]:
    """One per module, no longer: while Playwright runs, the thread has an event loop that other tests must not meet."""
    chromium = program()
    if not chromium:
        pytest.fail("No Chromium: apt-get install chromium, or name one in the environment variable CHROMIUM.")
    outside = connections["default"]
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        connections["default"] = outside  # beside an event loop Django would open one that does not know the seeds
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def site(live_server: LiveServer, settings: Settings) -> str:
    """The address of a running server whose mirror holds tests.browser.clients."""
    settings.ROOT_URLCONF = urls.__name__
    settings.DEMO = True
    settings.CORS_ALLOWED_ORIGINS = [ORIGIN]
    settings.PORTAL_ORIGIN = ORIGIN
    mirrored()
    cache.clear()  # nobody has asked yet, says the throttle
    return live_server.url


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """A fresh page of a fresh profile, in Russian. An error of any script fails the test."""
    context = browser.new_context(locale="ru-RU", viewport={"width": 1500, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(10_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def portal(page: Page, site: str) -> PortalPage:
    return PortalPage(page, site)
