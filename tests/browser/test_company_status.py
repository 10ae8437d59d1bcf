"""A supervisor at her phone changes the status of a company, and of several; the page tells what the portal said."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page, expect

from callguard.models import Account, CompanyStatus
from crm_mirror.models import Company, OutboxCall, Status
from crm_mirror.rounds import deliver_outbox, read_changes
from tests.browser.signing_in import let_in
from tests.cast import MARINA
from tests.portal import PortalDriver

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
PHONE = {"width": 390, "height": 844}
PANEL = ".callguard-status [data-part=panel]"
HANDLED = "В обработке"


@pytest.fixture
def crm(portal_with_the_same_rows: PortalDriver) -> PortalDriver:
    return portal_with_the_same_rows


@pytest.fixture
def portal_with_the_same_rows(site: str, settings) -> PortalDriver:
    """A sandbox portal whose companies and statuses bear the IDs of the mirror's."""
    from crm_mirror.sandbox.server import running

    with running("empty", limits_on=False) as server:
        settings.BITRIX_WEBHOOK_URL = server.webhook
        settings.BITRIX_RATE_PER_SECOND = 0.0
        driver = PortalDriver(server)
        for status in Status.objects.all():
            Company.objects.filter(status_id=status.value).update(status_id=driver.status_value(status.name))
            Status.objects.filter(pk=status.pk).update(value=driver.status_value(status.name), in_portal=True)
        for company in Company.objects.select_related("status"):
            made = driver.add_company(company.title, status=company.status.name, responsible=company.responsible_id)
            Company.objects.filter(pk=company.pk).update(portal_id=made)
        yield driver


@pytest.fixture
def marina(page: Page, site: str, crm: PortalDriver) -> Page:
    """Her phone: she heads Olga, who is responsible for «Ромашка»."""
    account = Account.objects.create(username="marina", is_staff=True, employee_id=MARINA.id)
    let_in(page.context, site, account)
    page.set_viewport_size(PHONE)
    return page


def romashka() -> Company:
    return Company.objects.select_related("status").get(title="ООО «Ромашка»")


def speak(page: Page, site: str, language: str) -> None:
    page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": site}])


def go(page: Page, site: str, name: str, *args: object) -> None:
    page.goto(site + reverse(f"admin:{name}", args=args))
    page.wait_for_load_state("load")


def open_romashka(page: Page, site: str) -> None:
    go(page, site, "crm_mirror_company_change", romashka().pk)


def delivered() -> None:
    """What a worker does every few seconds."""
    deliver_outbox()
    read_changes()


def said_by_axe(page: Page) -> list[str]:
    expect(page.locator("[role=main]")).to_be_visible()
    violations = Axe().run(page).response["violations"]
    return [f"{found['id']}: {node['html'][:200]}" for found in violations for node in found["nodes"]]


def test_she_changes_it_by_keyboard_and_sees_it_accepted_without_reloading(marina, site, crm):
    open_romashka(marina, site)
    marina.get_by_label("Новый статус").select_option(label=HANDLED)
    marina.get_by_role("button", name="Изменить статус").focus()
    marina.keyboard.press("Enter")
    expect(marina.locator(PANEL)).to_have_attribute("data-state", "pending")
    expect(marina.locator(PANEL)).to_contain_text("В работе → В обработке")
    assert marina.evaluate("document.documentElement.scrollWidth <= innerWidth")
    marina.evaluate("window.neverReloaded = true")
    delivered()
    expect(marina.locator(PANEL)).to_have_attribute("data-state", "accepted")
    expect(marina.locator(PANEL)).to_contain_text("Марина Кузнецова")
    assert marina.evaluate("window.neverReloaded")
    assert crm.status_of(romashka().portal_id) == str(crm.status_value(HANDLED))
    expect(marina.locator("#history")).to_contain_text("В работе → В обработке")


def test_she_reads_why_the_portal_refused_and_sets_it_again(marina, site, crm):
    crm.fails_with("scope", method="crm.company.update")
    open_romashka(marina, site)
    marina.get_by_label("Новый статус").select_option(label=HANDLED)
    marina.get_by_role("button", name="Изменить статус").click()
    expect(marina.locator(PANEL)).to_have_attribute("data-state", "pending")
    delivered()
    expect(marina.locator(PANEL)).to_have_attribute("data-state", "refused")
    words = OutboxCall.objects.get().error.removeprefix("crm.company.update: ")
    expect(marina.locator(PANEL)).to_contain_text(words)
    expect(marina.locator(PANEL)).to_contain_text("Портал не даёт Call Guard менять эту компанию")
    for language in ("ru", "en"):
        speak(marina, site, language)
        open_romashka(marina, site)
        assert said_by_axe(marina) == []
    crm.heal()
    marina.get_by_label("New status").select_option(label=HANDLED)
    marina.get_by_role("button", name="Change the status").click()
    delivered()
    expect(marina.locator(PANEL)).to_have_attribute("data-state", "accepted")
    assert CompanyStatus.objects.get().refused is None


@pytest.mark.parametrize("language", ["ru", "en"])
def test_she_changes_several_after_a_preview_and_the_list_follows(marina, site, crm, language):
    speak(marina, site, language)
    go(marina, site, "crm_mirror_company_changelist")
    for title in ("ООО «Ромашка»", "ООО «Парус»", "АО «Вектор»"):
        marina.locator("tr", has_text=title).locator("input.action-select").check()
    marina.locator("select[name=action]").select_option("change_statuses")
    marina.locator("#changelist-actions button[type=submit]").click()
    assert said_by_axe(marina) == []
    marina.locator("select[name=status]").select_option(label=HANDLED)
    marina.get_by_role("button", name={"ru": "Предпросмотр", "en": "Preview"}[language]).click()
    expect(marina.locator("details").first).to_contain_text("В работе → В обработке")
    expect(marina.locator("details").nth(1)).to_contain_text("(1)")
    assert said_by_axe(marina) == []
    assert marina.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not OutboxCall.objects.exists()
    named = {"ru": "Установить «В обработке» для 2 компаний", "en": "Set “В обработке” for 2 companies"}[language]
    marina.get_by_role("button", name=named).focus()
    marina.keyboard.press("Enter")
    expect(marina.locator("[data-part=badge][data-state=pending]")).to_have_count(2)
    assert said_by_axe(marina) == []
    delivered()
    expect(marina.locator("[data-part=badge][data-state=pending]")).to_have_count(0)
    assert {crm.status_of(row.portal_id) for row in Company.objects.exclude(responsible_id=8)} == {
        str(crm.status_value(HANDLED))
    }


def test_axe_finds_nothing_to_say_about_the_history_of_a_company(marina, site, crm):
    open_romashka(marina, site)
    marina.get_by_label("Новый статус").select_option(label=HANDLED)
    marina.get_by_role("button", name="Изменить статус").click()
    go(marina, site, "crm_mirror_company_history", romashka().pk)
    expect(marina.locator(".callguard-timeline")).to_contain_text("В работе → В обработке")
    for scheme in ("light", "dark"):
        marina.emulate_media(color_scheme=scheme)
        assert said_by_axe(marina) == []
