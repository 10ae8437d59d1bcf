"""One call per colour and tier, asked from the real API by the unmodified script."""

import pytest
from playwright.sync_api import expect

from callguard.models import Call
from tests.browser import clients
from tests.browser.portal_page import BADGE, CARD, STRIPES, rgb

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

PAINTED = [
    pytest.param(clients.RED, "red", "company", id="red company"),
    pytest.param(clients.RED_BY_CONTACT, "red", "company_contact", id="red company of a contact"),
    pytest.param(clients.YELLOW, "yellow", "company", id="yellow company"),
    pytest.param(clients.YELLOW_CONTACT, "yellow", "contact", id="yellow contact"),
    pytest.param(clients.BLUE, "blue", "lead", id="blue lead"),
]


@pytest.mark.parametrize(("number", "colour", "tier"), PAINTED)
def test_the_card_takes_the_colour_of_its_verdict_and_shows_icon_label_and_responsible(portal, number, colour, tier):
    portal.open()
    verdict = portal.verdict_of(lambda: portal.dial(number))
    assert (verdict["colour"], verdict["tier"]) == (colour, tier)
    portal.expect_colour(colour)
    portal.expect_crm_layout()
    for selector, stripe in zip(STRIPES, verdict["palette"]["stripes"], strict=True):
        portal.expect_background(selector, stripe)
    portal.expect_background(".im-phone-call-btn-red", verdict["palette"]["buttons"]["hangup"]["background"])
    title = portal.page.locator(f"{CARD} .im-phone-call-title-text")
    expect(title).to_have_css("color", rgb(verdict["palette"]["text"]))
    badge = portal.page.locator(BADGE)
    expect(badge).to_contain_text(verdict["palette"]["label"])
    expect(badge).to_contain_text("Ольга Петрова")
    expect(badge.locator("svg")).to_be_visible()
    assert portal.said == []


@pytest.mark.parametrize("number", [clients.OWN, clients.WAITING, clients.UNKNOWN, "101"])
def test_a_card_without_a_verdict_against_it_keeps_every_colour(portal, number):
    portal.open(script="")
    portal.ring(number)
    portal.expect_crm_layout()
    stock = portal.colours()
    portal.open()
    assert portal.verdict_of(lambda: portal.ring(number))["colour"] == "none"
    portal.expect_crm_layout()
    assert portal.colours() == stock
    assert portal.said == []


def test_the_card_asks_once_and_leaves_one_record(portal):
    portal.open()
    portal.ring(clients.RED)
    portal.expect_crm_layout()
    portal.expect_colour("red")
    portal.do("portalStandIn.connect()")
    [(method, path, body)] = portal.asked
    assert (method, path, body["direction"]) == ("POST", "calls/", "incoming")
    assert Call.objects.get(call_id=body["call_id"]).colour == "red"


def test_a_callback_is_asked_as_a_callback(portal):
    portal.open()
    portal.ring(clients.BLUE, direction="callback")
    portal.expect_colour("blue")
    assert portal.asked[0][2]["direction"] == "callback"


def test_the_round_buttons_pressed_or_not_are_dark_on_yellow(portal):
    portal.open()
    verdict = portal.verdict_of(lambda: portal.dial(clients.YELLOW))
    portal.expect_crm_layout()
    portal.do("portalStandIn.connect()")
    mute = portal.page.locator(f"{CARD} .im-phone-call-btn-mute")
    expect(mute).to_have_css("border-top-color", rgb(verdict["palette"]["text"]))
    mute.click()
    expect(mute).to_have_css("background-color", rgb(verdict["palette"]["buttons"]["other"]["background"]))
