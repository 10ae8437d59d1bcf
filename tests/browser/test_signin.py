"""Signing in through the portal in a real browser: the button, the portal's page, and back; and who is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.conf import settings as configured
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django import Settings

from callguard.models import Account
from crm_mirror.models import Employee
from crm_mirror.sandbox import installation
from crm_mirror.sandbox.access import App
from crm_mirror.sandbox.server import running
from tests.browser.test_admin_pages import said_by_axe
from tests.crm_mirror.conftest import APP_ID, APP_SECRET, reach_by_application
from tests.portal import ADMINISTRATOR, PortalDriver

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
BUTTON = {"ru": "Войти через Битрикс24", "en": "Sign in with Bitrix24"}
NAME = "Иван Браузерный"


@pytest.fixture
def office(site: str, settings: Settings) -> Iterator[PortalDriver]:
    """A portal to which this very server is connected as an application."""
    installer = f"{site}/bitrix/install/"
    apps = {APP_ID: App(secret=APP_SECRET, redirect=f"{site}/signin/return/", installer=installer, installed=False)}
    with running("empty", limits_on=False, apps=apps) as server:
        reach_by_application(settings, server.url)
        address, form = installation.opening(server.portal, APP_ID, ADMINISTRATOR)
        assert Client().post(address.removeprefix(site), form).status_code == 200
        installation.finish(server.portal, APP_ID, ADMINISTRATOR)
        driver = PortalDriver(server)
        ivan = driver.add_employee(NAME)
        Employee.objects.filter(portal_id=ivan.id).delete()
        Employee.objects.create(portal_id=ivan.id, name=NAME, user_type="employee")
        yield driver


def read_in(page: Page, site: str, language: str) -> None:
    page.context.add_cookies([{"name": configured.LANGUAGE_COOKIE_NAME, "value": language, "url": site}])


def to_the_portal(page: Page, site: str, wanted: str = "") -> None:
    page.goto(site + (wanted or reverse("admin:login")))
    page.get_by_role("link", name=BUTTON["ru"]).click()
    page.wait_for_url("**/oauth/authorize/**")


def test_a_person_signs_in_with_two_clicks_and_reaches_the_page_that_was_wanted(page, site, office):
    wanted = reverse("admin:password_change")
    to_the_portal(page, site, wanted)
    page.get_by_role("link", name=NAME).click()
    page.wait_for_url(site + wanted)
    expect(page.locator("body")).to_contain_text("Браузерный")
    account = Account.objects.get()
    assert (account.get_full_name(), account.is_superuser) == (NAME, False)


def test_the_dismissed_is_told_so_and_finds_the_way_back(page, site, office):
    Employee.objects.filter(name=NAME).update(active=False)
    to_the_portal(page, site)
    page.get_by_role("link", name=NAME).click()
    expect(page.get_by_role("alert")).to_contain_text("вы здесь больше не работаете")
    assert said_by_axe(page) == []
    page.get_by_role("link", name="На страницу входа").click()
    expect(page.get_by_role("link", name=BUTTON["ru"])).to_be_visible()
    assert not Account.objects.exists()


def test_the_button_is_the_first_thing_for_the_keyboard(page, site, office):
    page.goto(site + reverse("admin:login"))
    for _ in range(6):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").strip() == BUTTON["ru"]:
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/oauth/authorize/**")


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("width", [1500, 360])
def test_axe_finds_nothing_to_say_about_the_page_and_a_phone_shows_it_whole(page, site, office, language, width):
    read_in(page, site, language)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(site + reverse("admin:login"))
    expect(page.get_by_role("link", name=BUTTON[language])).to_be_visible()
    assert said_by_axe(page) == []
    page.goto(f"{site}/signin/return/?state=forged&code=1")
    expect(page.get_by_role("alert")).to_be_visible()
    assert said_by_axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_application_opened_in_the_portal_leads_here_in_a_window_of_its_own(page, site, office):
    page.goto(f"{office.url}/marketplace/app/?user_id={ADMINISTRATOR}")
    frame = page.frame_locator("iframe[name=app]")
    with page.context.expect_page() as opened:
        frame.get_by_role("link", name="Открыть Call Guard").click()
    expect(opened.value).to_have_url(re.compile(r"/oauth/authorize/"))
