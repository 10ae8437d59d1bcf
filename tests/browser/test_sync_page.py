"""The sync page in a real browser: charts drawn, buttons pressed by keyboard, progress told live, axe content."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from crm_mirror.models import DeltaCursor, SyncCursor, SyncLease, SyncRun
from crm_mirror.sandbox.server import running
from tests import living
from tests.browser.signing_in import let_in
from tests.cast import mirror_synced
from tests.process import environment

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
BAR = "#progress [role=progressbar]"
STATUS = "#progress [role=status]"


@pytest.fixture
def admin(page: Page, site: str) -> Page:
    """The page, with a superuser signed in who reads English."""
    let_in(page.context, site, language="en")
    return page


def go(page: Page, site: str) -> None:
    page.goto(site + reverse("admin:crm_mirror_syncrun_page"))
    page.wait_for_load_state("load")


def a_days_life() -> None:
    for number in range(40):
        living.changed(lag=float(number), source="event", ago=number * 2000)
        living.told("done", ago=(40 - number) * 2000, done_after=9)
        living.requested("delta", sent=number % 5, refused=number % 2, minutes_ago=number)
        living.requested("event", sent=number % 7, minutes_ago=number)
    living.allowance(level=14.0)
    living.compared()


def everything_wrong() -> None:
    mirror_synced(ago=timedelta(hours=2))
    living.ran("reconciliation", ok=False, error="crm.lead.list: INTERNAL_SERVER_ERROR")
    living.told("failed")
    living.to_deliver("dead")
    living.compared("lead", left=4)
    DeltaCursor.objects.create(kind="contact", backlog_since=timezone.now() - timedelta(minutes=40))
    living.allowance(blocked_until=timezone.now().timestamp() + 200, halted_because="OVERLOAD_LIMIT")


def a_full_sync_under_way() -> SyncRun:
    SyncLease.objects.create(name="full sync", holder="elsewhere:1:x", until=timezone.now() + timedelta(minutes=5))
    SyncCursor.objects.filter(kind="company").update(pass_started_at=timezone.now(), seen=4200, expected=10_000)
    return living.ran("full sync", ok=None)


def said_by_axe(page: Page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [f"{found['id']}: {node['html'][:200]}" for found in violations for node in found["nodes"]]


def test_charts_are_drawn_and_each_opens_its_table_by_keyboard(admin, site):
    a_days_life()
    go(admin, site)
    expect(admin.locator("canvas.chart")).to_have_count(3)
    drawn = "canvas => Chart.getChart(canvas).data.datasets.length"
    assert [admin.locator("canvas.chart").nth(number).evaluate(drawn) for number in range(3)] == [2, 3, 1]
    summary = admin.locator(".sync-chart summary").first
    summary.focus()
    admin.keyboard.press("Enter")
    expect(admin.locator(".sync-chart table").first).to_be_visible()


def test_words_of_charts_follow_the_theme(admin, site):
    a_days_life()
    admin.emulate_media(color_scheme="dark")
    go(admin, site)
    assert admin.evaluate("Chart.defaults.color") == "#d4d4d8"
    admin.emulate_media(color_scheme="light")
    admin.evaluate("document.documentElement.classList.remove('dark')")
    admin.wait_for_function("Chart.defaults.color === '#3f3f46'")


def test_progress_is_told_while_it_goes_on_and_ends_with_the_run(admin, site):
    run = a_full_sync_under_way()
    go(admin, site)
    expect(admin.locator(STATUS)).to_have_text("Under way: full sync.")
    expect(admin.locator(BAR)).to_have_attribute("aria-valuenow", "42")
    SyncCursor.objects.filter(kind="company").update(seen=9000)
    expect(admin.locator(BAR)).to_have_attribute("aria-valuenow", "90")
    expect(admin.locator(BAR)).to_have_attribute("aria-valuetext", "9,000 of 10,000 rows read")
    SyncRun.objects.filter(pk=run.pk).update(ok=True, report={"requests": 7, "seconds": 2})
    expect(admin.locator(STATUS)).to_have_text("Done: full sync.")
    admin.get_by_role("link", name="Show the new figures").click()
    expect(admin.locator("#progress")).to_be_hidden()


def test_while_the_server_is_away_the_page_goes_on_asking(admin, site):
    a_full_sync_under_way()
    go(admin, site)
    admin.route("**/progress/**", lambda route: route.abort())
    expect(admin.locator("#progress [data-detail]")).to_have_text("The server does not answer; we go on asking.")
    admin.unroute("**/progress/**")
    expect(admin.locator("#progress [data-detail]")).to_have_text("4,200 of 10,000 rows read")


def test_a_sync_is_begun_and_followed_by_keyboard_alone(admin, site, monkeypatch):
    with running("empty", limits_on=False) as server:
        for name, value in environment(BITRIX_WEBHOOK_URL=server.webhook, SECRET_KEY="x" * 50).items():
            monkeypatch.setenv(name, value)
        go(admin, site)
        admin.get_by_role("button", name="Sync now").focus()
        admin.keyboard.press("Enter")
        expect(admin.locator("#progress")).to_be_visible()
        expect(admin.locator(STATUS)).to_contain_text("Done", timeout=45_000)
    assert SyncRun.objects.filter(ok=True).exists()


def test_on_a_phone_nothing_sticks_out(admin, site):
    a_days_life()
    everything_wrong()
    admin.set_viewport_size({"width": 390, "height": 844})
    go(admin, site)
    assert admin.evaluate("document.documentElement.scrollWidth <= innerWidth")
    row = admin.locator(".sync-stacked tbody tr").first.bounding_box()
    assert row["x"] >= 0
    assert row["x"] + row["width"] <= 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_say_about_a_calm_day(admin, site, scheme):
    a_days_life()
    admin.emulate_media(color_scheme=scheme)
    go(admin, site)
    for summary in admin.locator(".sync-chart summary").all():
        summary.click()
    assert said_by_axe(admin) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_say_about_a_bad_one(admin, site, scheme):
    a_days_life()
    everything_wrong()
    a_full_sync_under_way()
    admin.emulate_media(color_scheme=scheme)
    go(admin, site)
    assert said_by_axe(admin) == []


def test_axe_finds_nothing_to_say_about_an_empty_mirror_on_a_phone(admin, site):
    SyncCursor.objects.all().delete()
    admin.set_viewport_size({"width": 390, "height": 844})
    go(admin, site)
    assert said_by_axe(admin) == []
