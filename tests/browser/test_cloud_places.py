"""Our pages in the cloud's frames, in a real browser, with the vendor's own SDK and the portal's own protocol."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from callguard.models import Call
from crm_mirror.models import Employee
from crm_mirror.sandbox import installation
from tests.browser.clients import RED, RED_BY_CONTACT, UNKNOWN, YELLOW
from tests.browser.placement_host import PlacementHost
from tests.crm_mirror.conftest import APP_ID, app_portal  # noqa: F401 -- a fixture
from tests.portal import ADMINISTRATOR, PortalDriver

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
TITLE, STATUS = "CallCardSetCardTitle", "CallCardSetStatusText"
CARD = {"CALL_ID": "call-1", "CALL_DIRECTION": "outgoing", "LINE_NUMBER": "undefined", "CALL_LIST_MODE": "false"}


@pytest.fixture
def ivan(site, app_portal: PortalDriver) -> int:  # noqa: F811
    """An employee at the phone whom portal and mirror both know."""
    installation.finish(app_portal.portal, APP_ID, ADMINISTRATOR)  # until then nobody else's token is good
    one = app_portal.add_employee("Иван Звонящий")
    Employee.objects.create(portal_id=one.id, name=one.name, active=True, user_type="employee", department_ids=[1])
    return one.id


@pytest.fixture
def host(page, site, ivan, app_portal: PortalDriver, settings):  # noqa: F811
    settings.CARD_TOKEN_SECRET = "the-secret-with-which-card-tokens-are-signed"
    return PlacementHost(page, site, app_portal, settings.PORTAL_ORIGIN)


@pytest.fixture
def card(host, ivan):
    """card(number, CALL_ID=…): the tab of a call card, opened for Ivan."""
    return lambda number, **facts: host.open("card", "CALL_CARD", {**CARD, "PHONE_NUMBER": number, **facts}, by=ivan)


def background(frame):
    return frame.locator("main").evaluate("element => getComputedStyle(element).backgroundColor")


def test_the_tab_is_painted_with_the_palette_and_says_whose_client_it_is(host, card, ivan):
    frame = card(RED)
    expect(frame.locator("h1")).to_have_text("Чужой клиент")
    assert background(frame) == "rgb(198, 40, 40)"
    expect(frame.get_by_role("status")).to_contain_text("Ольга Петрова")
    expect(frame.get_by_role("link", name="Ольга Петрова")).to_have_attribute(
        "href", f"{host.origin}/company/personal/user/7/"
    )
    expect(frame.locator("[data-row=status]")).to_contain_text("В работе")
    call = Call.objects.get()
    assert (call.call_id, call.caller_id) == ("call-1", ivan)
    assert [line for line in host.said if "Content Security Policy" in line] == []


def test_the_contact_that_led_to_the_company_is_named(card):
    frame = card(RED_BY_CONTACT)
    expect(frame.locator("[data-row=contact]")).to_contain_text("Пётр Иванов")


def test_nobodys_client_is_said_so_without_a_colour(card):
    frame = card(UNKNOWN)
    expect(frame.locator("h1")).to_have_text("Звонить можно")
    assert background(frame) == "rgb(245, 247, 248)"


@pytest.mark.parametrize("number", ["hidden", "undefined", ""])
def test_a_hidden_number_asks_nothing(card, number):
    frame = card(number)
    expect(frame.locator("[data-message]")).to_contain_text("скрыт")
    assert not Call.objects.exists()


def test_a_call_without_an_id_is_looked_up_and_not_recorded(card):
    expect(card(YELLOW, CALL_ID="undefined").locator("h1")).to_have_text("Уточните ответственного")
    assert not Call.objects.exists()


def test_the_next_client_of_a_call_list_repaints_the_tab(host, card):
    frame = card(RED)
    expect(frame.locator("h1")).to_have_text("Чужой клиент")
    host.fire("CallCard::EntityChanged", {"CRM_ENTITY_TYPE": "COMPANY", "CRM_ENTITY_ID": 2, "PHONE_NUMBER": YELLOW})
    expect(frame.locator("h1")).to_have_text("Уточните ответственного")
    assert background(frame) == "rgb(253, 216, 53)"


def test_a_token_that_ran_out_is_renewed_by_the_portals_own(host, card, settings, page, site):
    page.route("**/static/callguard/cloud/card.js", lambda route: (_break_token(page), route.continue_())[1])
    with page.expect_response("**/bitrix/cloud/token/") as renewed:
        frame = card(RED)
    assert renewed.value.status == 200
    expect(frame.locator("h1")).to_have_text("Чужой клиент")


def _break_token(page):
    """What the page was given stops being a token before the script that asks is run."""
    page.frames[-1].evaluate("document.querySelector('script[data-token]').dataset.token = 'old'")


def test_no_answer_leaves_words_and_no_colour(card, page):
    page.route("**/api/v1/calls/", lambda route: route.fulfill(status=500))
    frame = card(RED)
    expect(frame.locator("[data-message]")).to_contain_text("Звонок продолжается")
    assert background(frame) == "rgb(245, 247, 248)"


def test_outside_of_the_portal_the_page_says_so(host, page):
    with page.expect_response("**/bitrix/cloud/card/") as answer:
        page.goto(f"{host.site}/")
        page.evaluate(
            "site => { const form = document.createElement('form'); form.method = 'post';"
            " form.action = site + '/bitrix/cloud/card/'; document.body.append(form); form.submit(); }",
            host.site,
        )
    assert answer.value.status == 403


@pytest.mark.parametrize("number", [RED, YELLOW, UNKNOWN])
def test_axe_finds_nothing_in_the_tab(host, card, page, number):
    frame = card(number)
    expect(frame.locator("[data-message]")).not_to_have_text("Минуту.")
    found = Axe().run(page.frames[-1]).response["violations"]  # of the page around it nothing is ours
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []


# --- The worker ------------------------------------------------------------------------------------------------------
@pytest.fixture
def worker(host, ivan):
    def opened(answer):
        return host.open("worker", "PAGE_BACKGROUND_WORKER", {}, by=ivan, answers={TITLE: answer, STATUS: answer})

    return opened


def test_a_call_of_other_telephony_gets_title_status_and_a_line_in_the_messenger(host, worker, ivan, page):
    worker({"result": "success"})
    page.wait_for_timeout(1000)  # until then an event would be taken for the answer to the subscription
    host.fire("BackgroundCallCard::initialized", {**CARD, "PHONE_NUMBER": RED})
    page.wait_for_function("() => window.heard.some(([name]) => name === 'CallCardSetStatusText')")
    assert [facts["title"] for facts in host.heard(TITLE)] == ["🔴 Чужой клиент"]
    assert "Ольга Петрова" in host.heard(STATUS)[0]["statusText"]
    notices = _notices(host)
    assert [(one["user_id"], "Ольга Петрова" in one["message"]) for one in notices] == [(ivan, True)]
    assert Call.objects.get().caller_id == ivan


def test_an_event_that_comes_at_once_is_not_lost(host, worker, page):
    worker({"result": "success"})
    host.fire("BackgroundCallCard::initialized", {**CARD, "PHONE_NUMBER": YELLOW})
    page.wait_for_function("() => window.heard.some(([name]) => name === 'CallCardSetStatusText')")
    assert [facts["title"] for facts in host.heard(TITLE)] == ["🟡 Уточните ответственного"]


def test_a_card_that_cannot_be_written_on_is_one_line_in_the_console(host, worker, page):
    worker({"result": "error", "errorCode": "Call card is undefined"})
    host.fire("BackgroundCallCard::initialized", {**CARD, "PHONE_NUMBER": RED})
    _notices(host)  # the line in the messenger comes all the same
    assert [line for line in host.said if "callguard" in line] == [
        "callguard: the card cannot be written on: Call card is undefined"
    ]


def test_nobodys_client_changes_nothing(host, worker, page):
    worker({"result": "success"})
    with page.expect_response("**/api/v1/calls/"):
        host.fire("BackgroundCallCard::initialized", {**CARD, "PHONE_NUMBER": UNKNOWN})
    page.wait_for_timeout(300)
    assert host.heard(TITLE) == []


def _notices(host):
    for _ in range(50):
        if found := host.portal.portal.memory.get("notifications", []):
            return found
        host.page.wait_for_timeout(100)
    return []
