"""The dashboard in a real browser: every page, for each role, in both languages, on a desktop and on a phone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from callguard.models import Account, Excuse, Ground
from tests.browser.signing_in import let_in
from tests.callguard.reports.made import made_call
from tests.cast import BORIS, IVAN, MARINA, OLGA, Person

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
OVERVIEW = reverse("dashboard:overview")
PHONE, DESKTOP = {"width": 360, "height": 780}, {"width": 1400, "height": 900}
CALLS = reverse("dashboard:calls") + "?figure=conflicts&period=all"
SEVERAL = (
    OVERVIEW,
    f"{OVERVIEW}?period=90&person={IVAN.id}&excused=no",
    CALLS,
    reverse("dashboard:whole", args=["people"]),
)
OWN = (reverse("dashboard:me"), CALLS)
PAGES: dict[str, tuple[Person | None, tuple[str, ...]]] = {
    "administrator": (None, SEVERAL),
    "supervisor": (MARINA, (*SEVERAL, reverse("dashboard:person", args=[IVAN.id]))),
    "employee": (IVAN, OWN),
}


def a_months_life() -> None:
    """Conflicts of every state and outcome among other calls, in each of eight weeks, fewer since the colours."""
    now = timezone.now()
    verdict = {
        "entity": {"id": 5, "title": "ООО «Ромашка»"},
        "responsible": {"id": OLGA.id, "name": OLGA.name},
        "status": {"id": "1", "name": "В работе"},
    }
    for week in range(8):
        at = now - timedelta(days=7 * week, hours=1)
        facts = {"verdict": verdict, "entity_type": "company", "entity_id": 5, "shown": week < 4}
        for number in range(3 + week):
            made_call(**facts, rung_at=at - timedelta(hours=number), judged_at=now, answered=number % 2 == 0)
        one = made_call(**facts, rung_at=at, judged_at=now, answered=True, excused=True, contested=True)
        Excuse.objects.create(call=one, ground=Ground.CONTESTED, noted_at=now)
        made_call(**facts, rung_at=at, judged_at=now, answered=True, taken_over=True, duration=61)
        made_call(**facts | {"caller_id": BORIS.id}, rung_at=at)
        for number in range(9 - week):
            made_call(rung_at=at - timedelta(hours=number), conflict=False, colour="none", reason="own_client")


def account_of(person: Person | None) -> Account:
    return Account.objects.create(
        username=person.name if person else "root",
        is_staff=True,
        is_superuser=person is None,
        employee_id=person and person.id,
    )


def said_by_axe(page: Page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [f"{found['id']}: {node['html'][:200]}" for found in violations for node in found["nodes"]]


def go(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_load_state("load")
    expect(page.locator("[role=main]")).to_be_visible()


@pytest.fixture
def dashboard(page: Page, site: str) -> Page:
    """The page of a superuser who reads English, amid two months of conflicts."""
    a_months_life()
    let_in(page.context, site, language="en")
    go(page, site + OVERVIEW)
    return page


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("role", PAGES)
def test_axe_finds_nothing_to_say_and_nothing_sticks_out(page, site, role, language):
    a_months_life()
    person, addresses = PAGES[role]
    let_in(page.context, site, account_of(person), language=language)
    said = {}
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        for address in addresses:
            go(page, site + address)
            page.evaluate("document.querySelectorAll('.dash details').forEach((one) => (one.open = true))")
            said[address, size["width"]] = said_by_axe(page)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (address, size)
    assert {where: found for where, found in said.items() if found} == {}


@pytest.mark.parametrize("address", [OVERVIEW, CALLS, reverse("dashboard:me")])
def test_axe_finds_nothing_to_say_in_the_dark(page, site, address):
    a_months_life()
    let_in(page.context, site, account_of(MARINA))
    page.emulate_media(color_scheme="dark")
    go(page, site + address)
    assert said_by_axe(page) == []


def test_an_empty_dashboard_says_what_to_do_on_a_phone(page, site):
    let_in(page.context, site, language="en")
    page.set_viewport_size(PHONE)
    go(page, site + OVERVIEW)
    expect(page.get_by_role("heading", name="No calls yet")).to_be_visible()
    assert said_by_axe(page) == []


def test_charts_are_drawn_with_patterns_and_open_their_tables_by_keyboard(dashboard):
    drawn = "canvas => Chart.getChart(canvas).data.datasets.map((set) => typeof set.backgroundColor)"
    kinds = dashboard.locator("canvas.chart").first.evaluate(drawn)
    assert kinds.count("object") >= 2  # canvas patterns
    summary = dashboard.locator(".dash-panel summary").first
    summary.focus()
    dashboard.keyboard.press("Enter")
    expect(dashboard.locator(".dash-panel table").first).to_be_visible()


def test_the_day_of_the_colours_is_marked(page, site, settings):
    settings.COLOURS_SINCE = timezone.localdate() - timedelta(days=28)
    a_months_life()
    let_in(page.context, site, language="en")
    go(page, site + OVERVIEW)
    mark = page.locator("canvas.chart").first.evaluate(
        "canvas => Chart.getChart(canvas).options.plugins.callguard.mark"
    )
    assert "colours introduced" in mark["words"]
    assert "%" in page.locator(".dash-story").inner_text()


def test_filters_leave_a_short_address(dashboard, site):
    dashboard.get_by_label("Employee", exact=True).select_option(str(IVAN.id))
    dashboard.get_by_role("button", name="Show").press("Enter")
    dashboard.wait_for_url(f"{site}{OVERVIEW}?person={IVAN.id}")
    expect(dashboard.get_by_label("Employee", exact=True)).to_have_value(str(IVAN.id))


def test_a_number_leads_to_its_calls(dashboard):
    figure = dashboard.locator(".dash-tile-figure a").first
    count = figure.inner_text()
    figure.click()
    expect(dashboard.get_by_role("heading", name=f"Calls behind the figure: {count}")).to_be_visible()
    assert dashboard.locator(".dash-calls tbody tr").count() == int(count)


def test_on_paper_tables_are_open_and_nothing_to_press_is_left(dashboard):
    dashboard.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    dashboard.emulate_media(media="print")
    expect(dashboard.locator(".dash-panel table").first).to_be_visible()
    expect(dashboard.locator(".dash-filters")).to_be_hidden()
    expect(dashboard.locator("#nav-sidebar")).to_be_hidden()
    dashboard.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert dashboard.locator(".dash details[open]").count() == 0


def test_files_are_taken_by_a_click(dashboard):
    with dashboard.expect_download() as taken:
        dashboard.get_by_role("link", name="Who calls colleagues' clients: download as XLSX").click()
    assert taken.value.suggested_filename.endswith(".xlsx")
