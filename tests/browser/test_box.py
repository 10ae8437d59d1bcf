"""Boxed portals in a real browser: from the package's own head and token to a red card; the page that hands it out."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from callguard.models import Call
from tests.browser.clients import RED
from tests.browser.portal_page import ORIGIN
from tests.browser.signing_in import let_in
from tests.browser.test_policy import LISTEN, broken_by
from tests.callguard.bitrix_box.conftest import Box, php  # noqa: F401 -- a fixture
from tests.cast import IVAN

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

TOKEN = "/local/callguard/token.php"
# The least that is a call card of G1 (call-card.md, 1a and 3.1).
RINGS = """(number) => {
  window.heard = [];
  document.addEventListener("callguard:verdict", (event) => heard.push(event.detail));
  const view = { id: "im-phone-call-view", phoneNumber: number, callId: "externalCall.box.1", direction: "incoming",
                 callState: "connecting" };
  window.BXIM = { webrtc: { phoneCallView: view } };
  document.body.insertAdjacentHTML("beforeend", `<div id="im-phone-call-view" class="popup-window"><div
    class="popup-window-content"><div class="im-phone-call-wrapper"><div class="im-phone-call-container"><div
    class="im-phone-calling-section"><div class="im-phone-calling-text">${number}</div></div><div
    class="im-phone-call-buttons-container"></div></div></div></div></div>`);
}"""


@pytest.fixture
def box(php, tmp_path, site):  # noqa: F811
    """The stub portal, its package made for our running server."""
    box = Box(tmp_path / "portal", php)
    box.install(site)
    return box


def opened(page, box, site, url):
    """A page of the portal: its head is what the package puts there, its token address what PHP answers."""
    (head,) = box.page(user=(IVAN.id, False))
    policy = f"default-src 'none'; script-src {site}; connect-src 'self' {site}; style-src 'self' {site}"
    html = f'<!doctype html><html lang="ru"><head><meta charset="utf-8">{head}</head><body></body></html>'
    fetched = []

    def token(route):
        facts = json.dumps(box.facts((IVAN.id, False)))
        answer = requests.get(url + TOKEN, headers={"Cookie": "facts=" + quote(facts)}, timeout=10)
        fetched.append(answer.status_code)
        route.fulfill(status=answer.status_code, body=answer.text, content_type=answer.headers["Content-Type"])

    page.route(
        f"{ORIGIN}/", lambda route: route.fulfill(
            body=html, headers={"Content-Security-Policy": policy}, content_type="text/html; charset=utf-8"
        )
    )  # fmt: skip
    page.route(f"{ORIGIN}{TOKEN}", token)
    page.goto(f"{ORIGIN}/")
    return fetched


def test_the_packages_tag_and_token_paint_the_card_of_a_colleagues_client_red(page, box, site):
    with box.served() as url:
        fetched = opened(page, box, site, url)
        page.evaluate(RINGS, RED)
        page.wait_for_function("() => heard.length")
        verdict = page.evaluate("() => heard[0]")
    assert verdict["colour"] == "red"
    assert fetched == [200]
    assert Call.objects.get().caller_id == IVAN.id


# --- The page --------------------------------------------------------------------------------------------------------
@pytest.fixture
def admin(page, site, settings):
    settings.PUBLIC_URL = "https://callguard.example"
    let_in(page.context, site)
    return page


@pytest.mark.parametrize("address", ["https://callguard.example", ""], ids=["ready", "not set"])
@pytest.mark.parametrize("width", [1500, 390])
def test_axe_and_the_policy_have_nothing_to_say_and_a_phone_shows_it_whole(admin, site, settings, address, width):
    settings.PUBLIC_URL = address
    admin.set_viewport_size({"width": width, "height": 900})
    admin.add_init_script(LISTEN)
    admin.goto(site + "/admin/box/")
    expect(admin.locator("[role=main]")).to_be_visible()
    violations = Axe().run(admin).response["violations"]
    assert [f"{found['id']}: {node['html'][:200]}" for found in violations for node in found["nodes"]] == []
    assert broken_by(admin) == []
    assert admin.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_the_package_is_taken_with_the_keyboard(admin, site, tmp_path):
    admin.goto(site + "/admin/box/")
    button = admin.get_by_role("button", name="Скачать пакет")
    button.focus()
    with admin.expect_download() as started:
        admin.keyboard.press("Enter")
    assert started.value.suggested_filename == "callguard-box.zip"
    started.value.save_as(tmp_path / "box.zip")
    assert (tmp_path / "box.zip").read_bytes()[:2] == b"PK"
