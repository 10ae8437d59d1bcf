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
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from callguard import administrators
from callguard.access.actors import NOBODY
from callguard.models import AdministratorList, Call
from crm_mirror.models import Employee, PortalConnection
from crm_mirror.sandbox import custom_fields
from tests import living
from tests.browser.clients import mirrored
from tests.browser.setup_walk import APP_ID, APP_SECRET, NUMBER, Office, env_written, fresh_office, nothing_set
from tests.browser.signing_in import let_in
from tests.cast import MARINA

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
    let_in(context, site)
    page = context.new_page()
    page.set_default_timeout(15_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: "Content Security Policy" in said.text and errors.append(said.text))
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
    expect(page.locator("#content")).to_be_visible()  # unfold shows nothing before its scripts have begun
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


def test_a_person_connects_a_local_application_whose_events_come_by_themselves(
    page, site, office, settings, monkeypatch, pictures
):
    portal = office.portal
    env_written(
        settings, monkeypatch, origin=portal.url, PUBLIC_URL=site, BITRIX_PORTAL_URL=portal.url,
        BITRIX_OAUTH_SERVER=portal.url, BITRIX_APP_ID=APP_ID, BITRIX_APP_SECRET=APP_SECRET,
    )  # fmt: skip
    go(page, site)
    press(page, "Проверить подключение")
    expect(page.locator(STANDING)).to_contain_text("Приложение ещё не подключено к порталу")
    opened_in_the_portal(page, portal.url)
    assert PortalConnection.objects.get().user_id == 1
    go(page, site, "connection")
    press(page, "Проверить снова")
    expect(page.locator(STANDING)).to_contain_text("Готово. Подключено к")
    expect(page.locator(".setup-way[open]")).to_contain_text("Открыто")
    go(page, site, "provisioning")
    press(page, "Показать, чего не хватает")
    expect(page.locator(".setup-line-todo details summary")).to_contain_text("Обработчики событий")
    take(page, pictures, "3-application")
    press(page, "Создать недостающее")
    expect(page.locator(STANDING)).to_contain_text("Готово", timeout=SYNC_PATIENCE)
    bound = {handler.event for handler in portal.portal.events.handlers}
    assert {"ONCRMCOMPANYUPDATE", "ONVOXIMPLANTCALLEND"} <= bound
    assert "Исходящий вебхук" not in page.locator(".setup-body").inner_text()
    office.client_in_work()
    go(page, site, "sync")
    press(page, "Начать")
    expect(page.locator("#progress [data-headline]")).to_contain_text("Готово", timeout=SYNC_PATIENCE)
    go(page, site, "card")
    page.get_by_label("Кто звонит").select_option(label="Иван Сидоров")
    press(page, "Получить вердикт")
    expect(page.locator(f"#verdict {CARD}")).to_contain_text("Ольга Петрова")


def opened_in_the_portal(page: Page, portal: str) -> None:
    """The portal's page with our installation in its frame, opened by its administrator, and its end.

    The vendor's library is away here, so the portal's own button stands for BX24.installFinish().
    """
    page.route("https://api.bitrix24.com/**", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.goto(f"{portal}/marketplace/app/?user_id=1")
    expect(page.frame_locator("iframe").get_by_role("heading")).to_have_text("Call Guard подключён к порталу.")
    page.get_by_role("button", name="BX24.installFinish()").click()


def test_the_way_is_the_same_in_english(page, site, office, settings, monkeypatch):
    english = {"name": django_settings.LANGUAGE_COOKIE_NAME, "value": "en", "url": site}
    page.context.add_cookies([english])
    env_written(settings, monkeypatch, origin=office.portal.url, BITRIX_WEBHOOK_URL=office.portal.webhook)
    go(page, site)
    press(page, "Check the connection")
    expect(page.locator(STANDING)).to_contain_text("Done. Connected to")
    go(page, site)
    expect(page.locator(".setup-body h2")).to_have_text("3. Status field and events")
    press(page, "Show what is missing")
    press(page, "Create what is missing")
    expect(page.get_by_role("heading", name="Has just been created")).to_be_visible()


def test_what_is_to_be_copied_is_copied_by_keyboard_and_said(page, site):
    go(page, site, "connection")
    button = page.get_by_role("button", name="Копировать").first
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-said]")).to_have_text("Скопировано")
    assert page.evaluate("navigator.clipboard.readText()").startswith("BITRIX_WEBHOOK_URL=")


def test_while_the_portal_is_asked_the_button_says_so_and_cannot_be_pressed_twice(page, site, settings, monkeypatch):
    env_written(settings, monkeypatch, origin="https://portal.example", BITRIX_WEBHOOK_URL="https://portal.example/")
    go(page, site, "connection")
    page.evaluate("document.addEventListener('submit', (event) => event.preventDefault())")  # it is on its way for ever
    press(page, "Проверить подключение")
    expect(page.get_by_role("button", name="Спрашиваем портал…")).to_be_disabled()
    expect(page.locator("[data-said]")).to_have_text("Спрашиваем портал…")


def said_by_axe(page: Page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [f"{found['id']}: {node['html'][:200]}" for found in violations for node in found["nodes"]]


@pytest.fixture
def half_way(page, site, office, settings, monkeypatch):
    """Some steps done, one failed, some open: every sign is on the pages."""
    env_written(settings, monkeypatch, origin=office.portal.url, BITRIX_WEBHOOK_URL=office.portal.webhook)
    mirrored()
    living.ran(ok=False, error="crm.lead.list: INTERNAL_SERVER_ERROR")
    administrator = Employee.objects.get(portal_id=MARINA.id)
    administrators.add(administrator, by=NOBODY, at=timezone.now())
    go(page, site, "provisioning")
    press(page, "Показать, чего не хватает")
    expect(page.get_by_role("heading", name="Будет создано")).to_be_visible()
    go(page, site, "connection")
    press(page, "Проверить подключение")
    expect(page.get_by_role("button", name="Проверить снова")).to_be_visible()
    return page


PAGES = ("connection", "checks", "provisioning", "sync", "administrators", "card")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_say_about_any_step(half_way, site, scheme):
    half_way.emulate_media(color_scheme=scheme)
    for code in PAGES:
        go(half_way, site, code)
        for closed in half_way.locator(".setup-body details:not([open]) > summary").all():
            closed.click()
        assert said_by_axe(half_way) == [], code
    half_way.goto(site + reverse("setup:administrators"))
    assert said_by_axe(half_way) == []
    half_way.goto(site + reverse("admin:index"))
    assert said_by_axe(half_way) == []


def test_on_a_phone_nothing_sticks_out_and_axe_has_nothing_to_say(half_way, site, pictures):
    half_way.set_viewport_size({"width": 390, "height": 844})
    for code in PAGES:
        go(half_way, site, code)
        for closed in half_way.locator(".setup-body details:not([open]) > summary").all():
            closed.click()
        assert half_way.evaluate("document.documentElement.scrollWidth <= innerWidth"), code
        assert said_by_axe(half_way) == [], code
    go(half_way, site, "connection")
    take(half_way, pictures, "phone")
