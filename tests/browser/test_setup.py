"""The whole way from an unconnected server to a painted verdict, in a real browser; with pictures for docs/setup.md.

`PICTURES=docs/img pytest <this file>` renews them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from callguard.models import Account, AdministratorList, Call, History
from crm_mirror.models import Employee, PortalConnection
from crm_mirror.sandbox import custom_fields
from tests.browser.setup_walk import APP_ID, APP_SECRET, NUMBER, Office, env_written, fresh_office, nothing_set

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
STANDING = ".setup-body > .setup-standing"
CARD = "[data-callguard-card]"
SYNC_PATIENCE = 60_000  # ms: a process of its own begins


@pytest.fixture
def site(live_server: LiveServer, settings) -> str:
    """A server that nobody has connected to anything."""
    nothing_set(settings)
    return live_server.url


@pytest.fixture
def office(site: str) -> Iterator[Office]:
    with fresh_office(site) as office:
        yield office


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    context = browser.new_context(locale="ru-RU", viewport={"width": 1280, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site)
    client = Client()
    client.force_login(Account.objects.create(username="root", is_staff=True, is_superuser=True))
    cookie = client.cookies[django_settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": django_settings.SESSION_COOKIE_NAME, "value": cookie, "url": site}])
    page = context.new_page()
    page.set_default_timeout(15_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def pictures(tmp_path) -> Path:
    return Path(os.environ.get("PICTURES") or tmp_path)


def go(page: Page, site: str, code: str = "") -> None:
    page.goto(site + (reverse("setup:step", args=[code]) if code else reverse("setup:page")))


def press(page: Page, name: str) -> None:
    """By keyboard alone: a button is reached by Tab and pressed by Enter."""
    button = page.get_by_role("button", name=name, exact=True)
    button.wait_for()
    for _ in range(150):
        if button.evaluate("it => it === document.activeElement"):
            break
        page.keyboard.press("Tab")
    else:
        raise AssertionError(f"Tab never reaches {name}")
    page.keyboard.press("Enter")


def take(page: Page, pictures: Path, name: str) -> None:
    page.mouse.move(0, 0)
    page.evaluate("scrollTo(0, 0)")
    file = pictures / f"setup-{name}.png"
    page.screenshot(path=file, full_page=True)
    assert file.stat().st_size > 15_000


def test_a_person_connects_a_portal_by_webhook_from_nothing_to_a_red_verdict(
    page, site, office, settings, monkeypatch, pictures
):
    # 0 the overview leads there
    page.goto(site + reverse("admin:index"))
    take(page, pictures, "0-overview")
    page.get_by_role("link", name="Подключить портал").click()
    # 1 connection
    expect(page.locator(STANDING)).to_contain_text("В настройках ещё не указан портал")
    take(page, pictures, "1-connection")
    env_written(
        settings, monkeypatch, origin=office.portal.url,
        BITRIX_WEBHOOK_URL=office.portal.webhook, PUBLIC_URL=site,
    )  # fmt: skip
    go(page, site)
    press(page, "Проверить подключение")
    expect(page.locator(STANDING)).to_contain_text("Готово. Подключено к")
    token = office.portal.webhook.rstrip("/").rsplit("/", 1)[1]
    assert token not in page.content()
    take(page, pictures, "1-connected")
    # 2 checks
    page.get_by_role("link", name="Дальше: Проверки").click()
    expect(page.locator(".setup-line-failed")).to_contain_text(["Поле статуса", "Значения статуса"])
    take(page, pictures, "2-checks")
    # 3 the field
    page.get_by_role("link", name="Дальше: Поле статуса и события").click()
    press(page, "Показать, чего не хватает")
    expect(page.get_by_role("heading", name="Будет создано")).to_be_visible()
    assert custom_fields.find(office.portal.store, settings.BITRIX_STATUS_FIELD) is None
    take(page, pictures, "3-preview")
    press(page, "Создать недостающее")
    expect(page.get_by_role("heading", name="Только что создано")).to_be_visible()
    expect(page.locator(STANDING)).to_contain_text("Готово")
    take(page, pictures, "3-created")
    office.client_in_work()
    # 4 first synchronisation
    page.get_by_role("link", name="Дальше: Первая синхронизация").click()
    press(page, "Начать")
    expect(page.locator("#progress [data-headline]")).to_contain_text("Готово", timeout=SYNC_PATIENCE)
    page.get_by_role("link", name="Посмотреть, что получилось").click()
    expect(page.locator(STANDING)).to_contain_text("Зеркало полное")
    take(page, pictures, "4-synchronised")
    # 5 administrators
    page.get_by_role("link", name="Дальше: Администраторы").click()
    expect(page.locator(".setup-people")).to_contain_text("от этого имени работает подключение")
    page.get_by_role("combobox").click()
    page.locator(".select2-search__field").fill("Админова")
    page.get_by_role("option", name="Анна Админова").click()
    press(page, "Добавить в список")
    expect(page.locator(".setup-people")).to_contain_text("добавлено вручную: root")
    press(page, "Все на месте: подтвердить список")
    expect(page.locator(".setup-history")).to_contain_text("список подтверждён")
    assert AdministratorList.objects.exists()
    take(page, pictures, "5-administrators")
    # 6 the card
    page.get_by_role("link", name="Дальше: Карточка звонка").click()
    expect(page.locator("#script-tag")).to_contain_text(f'data-api="{site}"')
    page.get_by_label("Номер телефона").fill(NUMBER)
    page.get_by_label("Кто звонит").select_option(label="Иван Сидоров")
    press(page, "Получить вердикт")
    expect(page.locator(f"#verdict {CARD}")).to_contain_text("Ольга Петрова")
    expect(page.locator(f"#verdict {CARD} .callguard-card-base")).to_have_css("background-color", "rgb(198, 40, 40)")
    take(page, pictures, "6-card")
    assert not Call.objects.exists(), "a trial is not recorded"
