"""The demonstration, end to end: choose, dial, see the colour and why."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.clients import BLUE, RED, RED_BY_CONTACT, UNKNOWN, YELLOW
from tests.browser.portal_page import CARD
from tests.cast import IVAN, OLGA

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def demo(page: Page, site: str) -> Page:
    """The page with Ivan at the phone and his phone book read. A word of the browser about it fails the test."""
    words: list[str] = []
    page.on("console", lambda message: words.append(message.text))
    page.goto(f"{site}/demo/")
    page.select_option("#employee", str(IVAN.id))
    page.locator(f"body[data-ready='{IVAN.id}']").wait_for()
    yield page
    assert words == []


def dial(demo: Page, number: str) -> None:
    demo.fill("#phone", number)
    demo.click("#dial [type=submit]")


def expect_colour(demo: Page, colour: str) -> None:
    expect(demo.locator(CARD)).to_have_attribute("data-callguard", colour)


def test_a_number_dialled_by_hand_turns_the_card_red_and_the_page_says_why(demo):
    dial(demo, RED)
    expect_colour(demo, "red")
    decided = demo.locator("#why .decided")
    expect(decided).to_contain_text("ООО «Ромашка»")
    expect(decided).to_contain_text(OLGA.name)
    expect(demo.locator("#why .skipped")).to_have_count(3)
    expect(demo.locator("#record a")).to_have_attribute("href", re.compile("/admin/callguard/call/"))


def test_a_line_of_the_phone_book_is_dialled_at_a_click(demo):
    demo.locator(".entry", has_text="Пётр Иванов").click()
    expect_colour(demo, "red")
    expect(demo.locator(f"{CARD} .crm-card-show-user-name-link")).to_have_text("Пётр Иванов")


def test_for_the_responsible_the_same_number_has_no_colour(demo):
    demo.select_option("#employee", str(OLGA.id))
    demo.locator(f"body[data-ready='{OLGA.id}']").wait_for()
    dial(demo, RED_BY_CONTACT)
    expect(demo.locator("#why .outcome")).to_contain_text("ООО «Ромашка»")
    expect(demo.locator(CARD)).not_to_have_attribute("data-callguard", re.compile("."))


def test_a_client_whom_the_portal_hides_is_painted_all_the_same(demo):
    demo.check("#blind")
    dial(demo, RED)
    expect_colour(demo, "red")
    expect(demo.locator(f"{CARD} .im-phone-calling-progress-section")).to_be_visible()


def test_a_call_is_answered_folded_unfolded_ended_and_closed_by_keyboard_alone(demo):
    demo.focus("#phone")
    demo.keyboard.type(BLUE)
    demo.keyboard.press("Enter")
    expect_colour(demo, "blue")
    for act in ("connect", "fold", "unfold", "hangup", "close"):
        demo.locator(f"[data-act={act}]").focus()
        demo.keyboard.press("Enter")
    expect(demo.locator(CARD)).to_have_count(0)


def test_an_incoming_call_is_answered_on_the_card(demo):
    demo.check("[name=direction][value=incoming]")
    dial(demo, YELLOW)
    expect_colour(demo, "yellow")
    demo.locator(f"{CARD} .im-phone-call-btn-green").click()
    expect(demo.locator(f"{CARD} .im-phone-call-btn-hold")).to_be_visible()


def test_the_page_speaks_english_when_asked(demo):
    demo.click("[name=language][value=en]")
    expect(demo.get_by_role("heading", level=1)).to_have_text("Whose client is on the line?")
    expect(demo.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize("number", [RED, YELLOW, BLUE, UNKNOWN], ids=["red", "yellow", "blue", "none"])
def test_axe_finds_nothing_to_say_about_the_page(demo, number):
    dial(demo, number)
    demo.locator("#record a").wait_for()
    demo.click("[data-act=connect]")
    expect(demo.locator(f"{CARD} .im-phone-call-btn-hold")).to_be_visible()
    demo.wait_for_timeout(400)  # the portal's buttons fade into their colours
    found = Axe().run(demo)
    assert found.violations_count == 0, found.generate_report()


def test_on_a_phone_nothing_sticks_out(demo):
    demo.set_viewport_size({"width": 390, "height": 844})
    dial(demo, RED)
    expect_colour(demo, "red")
    expect(demo.locator(f"{CARD} .crm-card-show-main")).to_be_visible()
    demo.locator("[data-act=connect]").click()
    assert demo.evaluate("document.documentElement.scrollWidth <= innerWidth")
    card, hangup = demo.locator(CARD).bounding_box(), demo.locator(f"{CARD} .im-phone-call-btn-red").bounding_box()
    assert card["x"] >= 0
    assert card["x"] + card["width"] <= 390
    assert hangup["x"] + hangup["width"] <= card["x"] + card["width"]
