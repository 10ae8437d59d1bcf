"""A mirror that is out of date: the card says so beside its label, and of when its data are."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from crm_mirror.models import SyncCursor
from tests.browser.clients import RED
from tests.browser.portal_page import BADGE, CARD
from tests.cast import IVAN, mirror_synced

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
STALE = f"{BADGE} small"


def told_in_the_browser(page, at, language="ru"):
    options = {"dateStyle": "medium", "timeStyle": "short"}
    return page.evaluate(
        "([at, language, options]) => new Intl.DateTimeFormat(language, options).format(new Date(at))",
        [at.isoformat(), language, options],
    )


def test_a_fresh_mirror_says_nothing_of_its_age(portal):
    portal.open()
    portal.ring(RED)
    portal.expect_colour("red")
    expect(portal.page.locator(BADGE)).to_contain_text("Ольга Петрова")
    expect(portal.page.locator(STALE)).to_have_count(0)


def test_the_card_says_since_when_the_mirror_is_out_of_date(portal):
    long_ago = timezone.now() - timedelta(days=2)
    mirror_synced(long_ago)
    portal.open()
    portal.ring(RED)
    portal.expect_colour("red")
    day = told_in_the_browser(portal.page, long_ago)
    expect(portal.page.locator(STALE)).to_have_text(f"данные CRM от {day}")


def test_in_english_for_those_who_read_it(portal):
    long_ago = timezone.now() - timedelta(days=2)
    mirror_synced(long_ago)
    portal.open()
    portal.do("BX.message = (code) => code === 'LANGUAGE_ID' && 'en'")
    portal.ring(RED)
    day = told_in_the_browser(portal.page, long_ago, "en")
    expect(portal.page.locator(STALE)).to_have_text(f"CRM data as of {day}")


def test_a_mirror_that_was_never_read_through_is_said_to_be_incomplete(portal):
    SyncCursor.objects.filter(kind="lead").delete()
    portal.open()
    portal.ring(RED)
    portal.expect_colour("red")
    expect(portal.page.locator(STALE)).to_have_text("данные CRM ещё не полны")


def test_axe_finds_nothing_to_say_about_the_demonstrations_card(page, site):
    mirror_synced(ago=timedelta(days=2))
    page.goto(f"{site}/demo/")
    page.select_option("#employee", str(IVAN.id))
    page.locator(f"body[data-ready='{IVAN.id}']").wait_for()
    page.fill("#phone", RED)
    page.click("#dial [type=submit]")
    expect(page.locator(STALE)).to_contain_text("данные CRM от")
    page.locator("#record a").wait_for()
    page.click("[data-act=connect]")
    expect(page.locator(f"{CARD} .im-phone-call-btn-hold")).to_be_visible()
    page.wait_for_timeout(400)  # the portal's buttons fade into their colours
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
