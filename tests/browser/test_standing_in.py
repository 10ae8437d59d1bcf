"""Who stands in for an absent colleague sees so beside the call, and the card keeps the portal's colours."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.clients import RED
from tests.browser.portal_page import BADGE, CARD, ORIGIN
from tests.cast import IVAN, OLGA, substitution

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.mark.parametrize("script", ["card.js", "card.min.js"])
def test_a_badge_of_no_colour_says_for_whom_one_stands_in(portal, script):
    substitution(IVAN, of=OLGA)
    portal.open(script=script)
    portal.ring(RED)
    badge = portal.page.locator(BADGE)
    expect(badge).to_contain_text("Замещение")
    expect(badge).to_contain_text(f"Вы замещаете: {OLGA.name}. Клиент: ООО «Ромашка».")
    link = badge.get_by_role("link", name=OLGA.name)
    expect(link).to_have_attribute("href", f"{ORIGIN}/company/personal/user/{OLGA.id}/")
    expect(badge.locator("form")).to_have_count(0)
    expect(badge).to_have_css("background-color", "rgb(238, 238, 238)")
    expect(badge).to_have_css("color", "rgb(51, 51, 51)")


def test_the_card_around_it_keeps_the_portals_colours(portal):
    substitution(IVAN, of=OLGA)
    portal.open(script="")
    portal.ring(RED)
    portal.expect_crm_layout()
    portal.page.wait_for_timeout(400)  # it fades in
    plain = portal.colours()
    portal.open()
    portal.ring(RED)
    portal.expect_crm_layout()
    expect(portal.page.locator(BADGE)).to_be_visible()
    expect(portal.page.locator(CARD)).not_to_have_attribute("data-callguard", "none")
    portal.page.wait_for_timeout(400)
    portal.do("document.querySelectorAll('.callguard-badge, .callguard-said').forEach((one) => one.remove())")
    assert portal.colours() == plain


def test_it_stays_with_a_card_that_is_rebuilt_and_with_a_folded_one(portal):
    substitution(IVAN, of=OLGA)
    portal.open()
    portal.ring(RED)
    portal.expect_crm_layout()
    expect(portal.page.locator(BADGE)).to_have_count(1)
    portal.do("portalStandIn.connect(); portalStandIn.open.fold()")
    mini = portal.page.locator("body>.im-phone-call-panel-mini")
    expect(mini.locator(".callguard-badge")).to_contain_text("Замещение")
    expect(mini).to_have_css("background-color", "rgba(55, 64, 75, 0.92)")
    portal.do("portalStandIn.open.unfold()")
    expect(portal.page.locator(BADGE)).to_be_visible()


def test_it_is_announced_and_gone_with_the_next_call(portal):
    substitution(IVAN, of=OLGA)
    portal.open()
    portal.ring(RED)
    expect(portal.page.locator(f"{CARD} .callguard-said")).to_contain_text(f"Замещение. Вы замещаете: {OLGA.name}")
    portal.close()
    expect(portal.page.locator(".callguard-badge, .callguard-said")).to_have_count(0)


def test_while_colours_are_not_shown_yet_nothing_is_said(portal, settings):
    settings.COLOURS_SINCE = timezone.localdate() + timedelta(days=3)
    substitution(IVAN, of=OLGA)
    portal.open()
    assert portal.verdict_of(lambda: portal.ring(RED))["colour"] == "none"
    expect(portal.page.locator(BADGE)).to_have_count(0)


def test_axe_finds_nothing_to_say(portal):
    substitution(IVAN, of=OLGA)
    portal.open()
    portal.ring(RED)
    expect(portal.page.locator(BADGE)).to_be_visible()
    portal.page.wait_for_timeout(400)
    found = Axe().run(portal.page, context=BADGE)
    assert found.violations_count == 0, found.generate_report()
