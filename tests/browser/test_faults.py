"""Whatever goes wrong, the card stays as the portal drew it, the console gets one line, and the call goes on."""

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import expect

from callguard.access.tokens import CardToken, issued
from callguard.models import Call
from tests.browser.clients import RED
from tests.browser.portal_page import CARD, ORIGIN
from tests.card import token_of
from tests.cast import IVAN

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

API = "**/api/v1/calls/"
HTML = "<html>502 Bad Gateway</html>"
NO_PALETTE = json.dumps({"colour": "red", "message": "Чужой клиент", "palette": None})
BAD_COLOUR = json.dumps(
    {
        "colour": "red",
        "message": "Чужой клиент",
        "palette": {
            "label": "Чужой клиент",
            "text": "#ffffff",
            "stripes": ["red;} body{display:none", "#b71c1c", "#8e1515"],
            "buttons": {k: {"background": "#ffffff", "text": "#000000"} for k in ("answer", "hangup", "other")},
        },
    }
)
CORS = {"Access-Control-Allow-Origin": ORIGIN}


def answer(**given):
    return lambda route: route.fulfill(headers=CORS, **given)


FAULTS = {
    "down": (lambda route: route.abort("connectionrefused"), "fetch"),
    "slow": (lambda route: None, "no answer in 1.5 s"),
    "500": (answer(status=500, body="{}"), "HTTP 500"),
    "401": (answer(status=401, body="{}"), "HTTP 401"),
    "HTML": (answer(status=200, body=HTML), "JSON"),
    "cut off": (answer(status=200, body='{"colour": "re'), "JSON"),
    "no verdict": (answer(status=200, body="null"), "no verdict"),
    "no palette": (answer(status=201, body=NO_PALETTE), ""),
    "bad colour": (answer(status=201, body=BAD_COLOUR), "palette"),
}


def stock_card(portal):
    portal.open(script="")
    portal.ring(RED)
    portal.expect_crm_layout()
    return portal.colours()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_service_leaves_the_card_alone_and_one_line_in_the_console(portal, fault):
    handler, words = FAULTS[fault]
    stock = stock_card(portal)
    portal.page.route(API, lambda route: route.fallback() if route.request.method == "OPTIONS" else handler(route))
    portal.open()
    with portal.page.expect_console_message(lambda message: "callguard" in message.text):
        portal.ring(RED)
    portal.expect_crm_layout()
    assert portal.colours() == stock
    portal.do("portalStandIn.connect()")
    expect(portal.page.locator(f"{CARD} .im-phone-call-btn-hold")).to_be_visible()
    portal.close()
    assert len(portal.said) == 1
    assert words in portal.said[0]


def test_a_token_that_proves_nothing_leaves_the_card_alone(portal):
    stock = stock_card(portal)
    portal.open(token="no.such.token")
    with portal.page.expect_console_message(lambda message: "HTTP 401" in message.text):
        portal.ring(RED)
    portal.expect_crm_layout()
    assert portal.colours() == stock
    assert len(portal.said) == 1


def token_for(seconds):
    lasts = timedelta(seconds=seconds)
    return issued(CardToken(IVAN.id), secret=settings.CARD_TOKEN_SECRET, ttl=lasts, at=timezone.now())


def tokens_from(portal, *texts):
    """The portal's address hands these out in turn, the last one for ever. Returns the list of what was handed out."""
    handed = []

    def hand_out(route):
        handed.append(texts[min(len(handed), len(texts) - 1)])
        route.fulfill(body=handed[-1], content_type="text/plain")

    portal.page.route(f"{ORIGIN}/token", hand_out)
    return handed


def test_a_refused_token_is_fetched_again_once(portal):
    handed = tokens_from(portal, "no.such.token", token_of(IVAN))
    portal.open(token_url="/token")
    portal.ring(RED)
    portal.expect_colour("red")
    assert len(handed) == 2
    assert portal.said == []


def test_a_token_that_never_comes_leaves_the_card_alone(portal):
    portal.page.route(f"{ORIGIN}/token", lambda route: None)
    portal.open(token_url="/token")
    with portal.page.expect_console_message(lambda message: "no answer in 1.5 s" in message.text):
        portal.ring(RED)
    portal.expect_crm_layout()
    portal.expect_background(".im-phone-call-wrapper", "#29303a")
    assert (portal.asked, len(portal.said)) == ([], 1)


def test_the_token_is_there_before_the_phone_rings_and_so_is_the_connection(portal):
    handed = tokens_from(portal, token_of(IVAN))
    with portal.page.expect_response("**/token"):
        portal.open(token_url="/token")
    connected = portal.page.locator("link[rel=preconnect]")
    expect(connected).to_have_attribute("href", portal.site)
    for _call in range(2):
        portal.ring(RED)
        portal.expect_colour("red")
        portal.close()
    assert len(handed) == 1


def test_a_page_that_is_offline_keeps_its_card(portal):
    portal.open()
    portal.page.context.set_offline(True)
    with portal.page.expect_console_message(lambda message: "callguard" in message.text):
        portal.ring(RED)
    portal.expect_crm_layout()
    portal.expect_background(".im-phone-call-wrapper", "#29303a")
    assert len(portal.said) == 1


def test_a_token_refused_again_leaves_the_card_alone(portal):
    handed = tokens_from(portal, "no.such.token")
    portal.open(token_url="/token")
    with portal.page.expect_console_message(lambda message: "HTTP 401" in message.text):
        portal.ring(RED)
    portal.expect_crm_layout()
    portal.expect_background(".im-phone-call-wrapper", "#29303a")
    assert len(handed) == 2


def test_a_token_about_to_run_out_is_fetched_again_before_it_is_used(portal):
    handed = tokens_from(portal, token_for(30), json.dumps({"token": token_of(IVAN)}))
    portal.open(token_url="/token")
    for _call in range(3):
        portal.ring(RED)
        portal.expect_colour("red")
        with portal.page.expect_response("**/end/"):
            portal.close()
    assert len(handed) == 2
    assert portal.said == []


def test_a_card_of_an_unknown_make_is_left_alone_with_one_line_in_the_console(portal):
    portal.open()
    with portal.page.expect_console_message(lambda message: "unknown make" in message.text):
        portal.do("""
          const card = document.createElement("div");
          document.body.append(Object.assign(card, {id: "im-phone-call-view", textContent: "?"}));
          portalStandIn.reach({phoneNumber: "+79161234567", callId: "changed.1", direction: "incoming"});
          BX.onCustomEvent(window, "onPopupShow", [{uniquePopupId: "im-phone-call-view"}])""")
    expect(portal.page.locator(CARD)).to_have_text("?")
    expect(portal.page.locator("[data-callguard]")).to_have_count(0)
    assert (portal.asked, len(portal.said)) == ([], 1)


def test_it_says_so_once_however_often_the_portal_touches_the_card(portal):
    portal.open()
    with portal.page.expect_console_message(lambda message: "unknown make" in message.text):
        portal.do("""
          document.body.append(Object.assign(document.createElement("div"), {id: "im-phone-call-view"}));
          portalStandIn.reach({phoneNumber: "+79161234567", callId: "changed.1", direction: "incoming"})""")
    portal.do("setInterval(() => document.body.append('.'), 100)")
    portal.page.wait_for_timeout(1500)
    assert len(portal.said) == 1


def test_a_portal_without_its_own_script_core_is_not_harmed(portal):
    portal.open()
    portal.do("""
      delete window.BX; delete window.BXIM; delete window.PCW;
      const card = document.createElement("div");
      card.id = "im-phone-call-view";
      card.innerHTML = `<div class="im-phone-call-wrapper"><div class="im-phone-call-container">
        <div class="im-phone-calling-section"><div class="im-phone-calling-text">Звонок +7 (916) 123-45-67</div></div>
        </div></div>`;
      document.body.append(card)""")
    portal.expect_colour("red")
    assert portal.said == []


def test_a_call_recorded_too_late_for_its_colour_still_gets_its_end(portal):
    portal.page.route(API, lambda route: route.fallback() if route.request.method == "OPTIONS" else route.fetch())
    portal.open()
    with portal.page.expect_console_message(lambda message: "no answer in 1.5 s" in message.text):
        portal.ring(RED)
    portal.do("portalStandIn.connect()")
    with portal.page.expect_response("**/end/") as ended:
        portal.close()
    assert ended.value.status == 204
    assert Call.objects.get().answered is True


def test_a_call_that_is_on_record_for_a_colleague_is_looked_up_and_painted(portal):
    conflict = answer(status=409, body="{}")
    portal.page.route(API, lambda route: conflict(route) if route.request.method == "POST" else route.fallback())
    portal.open()
    portal.ring(RED)
    portal.expect_colour("red")
    portal.do("portalStandIn.connect()")
    portal.close()
    assert [method for method, _path, _body in portal.asked] == ["POST", "GET"]
    assert portal.said == []
