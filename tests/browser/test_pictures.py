"""The README's pictures, taken of the real page; `PICTURES=docs/img pytest <this file>` renews them."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.clients import BLUE, RED, YELLOW
from tests.browser.portal_page import CARD

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
SIGNATURE = b"\x89PNG"
ENOUGH = 15_000  # bytes: an empty page makes less


@pytest.fixture
def pictures(tmp_path):
    return Path(os.environ.get("PICTURES") or tmp_path)


def take(page, number):
    page.fill("#phone", number)
    page.click("#dial [type=submit]")
    expect(page.locator(f"{CARD} .crm-card-show-main")).to_be_visible()
    page.click("[data-act=connect]")
    page.locator("#record a").wait_for()
    page.locator("h1").hover()
    page.wait_for_timeout(400)  # the portal's buttons fade into their colours


def is_picture(file):
    return file.read_bytes().startswith(SIGNATURE) and file.stat().st_size > ENOUGH


@pytest.mark.parametrize(("number", "colour"), [(RED, "red"), (YELLOW, "yellow"), (BLUE, "blue")])
def test_a_picture_of_the_card_in_each_colour(page, site, pictures, number, colour):
    page.goto(f"{site}/demo/")
    page.locator("body[data-ready]").wait_for()
    page.select_option("#employee", "8")
    page.locator("body[data-ready='8']").wait_for()
    take(page, number)
    file = pictures / f"card-{colour}.png"
    page.locator(CARD).screenshot(path=file)
    assert is_picture(file)


def test_a_picture_of_the_whole_demonstration(page, site, pictures):
    page.set_viewport_size({"width": 1440, "height": 1010})
    page.goto(f"{site}/demo/")
    page.select_option("#employee", "8")
    page.locator("body[data-ready='8']").wait_for()
    take(page, RED)
    file = pictures / "demo.png"
    page.screenshot(path=file)
    assert is_picture(file)
