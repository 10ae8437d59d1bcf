"""The figures bonuses are paid by and the cleaning queue, in a real browser: roles, languages, sizes, keyboard."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from callguard.cleaning.looking import look
from callguard.models import Tier
from crm_mirror.models import UnreadablePhone
from tests.browser.signing_in import let_in
from tests.browser.test_dashboard import DESKTOP, PHONE, account_of, go, said_by_axe
from tests.callguard.kpi.world import called, converted_lead, took_over
from tests.cast import IVAN, MARINA, OLGA, mirrored_company, mirrored_contact, mirrored_deal, mirrored_lead

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
KPI, CLEANING = reverse("dashboard:kpi"), reverse("dashboard:cleaning")
ADDRESSES = (
    KPI,
    reverse("dashboard:kpi-rows", args=["won"]),
    CLEANING,
    f"{CLEANING}?flaw=apart",
    f"{KPI}?from=2001-01-01&to=2001-01-02",
)
ROLES = {"administrator": None, "supervisor": MARINA, "employee": IVAN}


@pytest.fixture
def earned(site, settings):
    """A month in which something was earned, and things to clean up, looked for on two days."""
    settings.PORTAL_ORIGIN = "https://portal.example"
    now = timezone.now()
    romashka = mirrored_company("ООО «Ромашка» с длинным названием", phone="+79160000001", responsible=IVAN)
    mirrored_company("ООО «Лютик»", phone="+79160000001", responsible=OLGA, status="В работе")
    mirrored_contact("Вера Одинцова", responsible=OLGA, companies=[romashka])
    mirrored_lead("Заявка с сайта", phone="+79160000001", responsible=IVAN)
    UnreadablePhone.objects.create(
        entity_type="company", entity_id=romashka.portal_id, value="спросить у Марии", kind="unreadable"
    )
    took_over(IVAN, OLGA, romashka, now - timedelta(days=2))
    for person, company, amount, currency in (
        (IVAN, romashka, "1250000.50", "RUB"),
        (IVAN, None, "980", "EUR"),
        (OLGA, None, "64500", "RUB"),
    ):
        mirrored_deal(
            "Проект цеха", responsible=person, company=company, outcome="S", amount=amount, currency=currency, moved=now
        )
        called(person, now - timedelta(days=1), tier=Tier.LEAD, number="+79160000001")
    converted_lead("Сконвертирован", IVAN, now)
    look(at=now - timedelta(days=1))
    look(at=now)


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("role", ROLES)
def test_axe_finds_nothing_to_say_and_nothing_sticks_out(page, site, earned, role, language):
    let_in(page.context, site, account_of(ROLES[role]), language=language)
    said = {}
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        for address in ADDRESSES:
            go(page, site + address)
            page.evaluate("document.querySelectorAll('.dash details').forEach((one) => (one.open = true))")
            said[address, size["width"]] = said_by_axe(page)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (address, size)
    assert {where: found for where, found in said.items() if found} == {}


@pytest.mark.parametrize("address", [KPI, CLEANING])
def test_axe_finds_nothing_to_say_in_the_dark(page, site, earned, address):
    let_in(page.context, site, account_of(MARINA))
    page.emulate_media(color_scheme="dark")
    go(page, site + address)
    assert said_by_axe(page) == []


def test_a_number_leads_to_its_deals_by_keyboard(page, site, earned):
    let_in(page.context, site, account_of(MARINA), language="en")
    go(page, site + KPI)
    row = page.locator("tbody tr").filter(has_text=IVAN.name)
    row.locator("a[href*='/kpi/won/']").press("Enter")
    expect(page.get_by_role("heading", name=f"{IVAN.name}: 2")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_role("link", name="Back to the figures").press("Enter")
    expect(page.get_by_role("heading", name="Figures of people")).to_be_visible()


def test_kinds_of_things_to_clean_are_a_click_apart(page, site, earned):
    let_in(page.context, site, account_of(MARINA), language="en")
    go(page, site + CLEANING)
    page.get_by_role("link", name="Unreadable phones: 1").click()
    expect(page.get_by_role("cell", name="спросить у Марии")).to_be_visible()
    expect(page.locator("nav [aria-current=page]").last).to_have_text("Unreadable phones: 1")
    assert page.locator("canvas.chart").evaluate("canvas => Chart.getChart(canvas).data.labels.length") == 2
