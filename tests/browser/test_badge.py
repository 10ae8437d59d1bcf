"""What stands beside the colour: words for everybody, a link, and the button "this is my client"."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from callguard.models import Dispute
from crm_mirror.models import OutboxCall
from tests.browser.clients import BLUE, OWN, RED, RED_BY_CONTACT, YELLOW, YELLOW_CONTACT
from tests.browser.portal_page import BADGE, CARD, CLIENT, ORIGIN
from tests.card import token_of
from tests.cast import IVAN, MARINA, OLGA

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
SAID = f"{CARD} .callguard-said"
FORM = f"{BADGE} form"


def rung(portal, number=RED, **params):
    portal.open()
    portal.ring(number, **params)
    expect(portal.page.locator(BADGE)).to_be_visible()
    return portal.page.locator(BADGE)


def test_the_responsibles_name_leads_to_his_page_in_the_portal_in_a_tab_of_its_own(portal):
    link = rung(portal).get_by_role("link", name=OLGA.name)
    expect(link).to_have_attribute("href", f"{ORIGIN}/company/personal/user/{OLGA.id}/")
    expect(link).to_have_attribute("target", "_blank")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (RED, ["Чужой клиент", "ООО «Ромашка»", "В работе", OLGA.name]),
        (RED_BY_CONTACT, ["ООО «Ромашка»", "контакт Пётр Иванов", "В работе", OLGA.name]),
        (YELLOW, ["Уточните ответственного", "АО «Вектор»", "В обработке"]),
        (YELLOW_CONTACT, ["Вера Одинцова", OLGA.name]),
        (BLUE, ["Известный лид", "Проект коттеджа", OLGA.name]),
    ],
    ids=["company", "company of a contact", "status", "contact", "lead"],
)
def test_client_contact_status_and_responsible_stand_in_words(portal, number, words):
    badge = rung(portal, number)
    for word in words:
        expect(badge).to_contain_text(word)


def test_it_is_announced_once_however_often_the_card_is_rebuilt(portal):
    portal.open()
    portal.do("""
      window.announced = [];
      new MutationObserver((all) => all.forEach((one) => {
        const status = one.target.closest && one.target.closest("[role=status]");
        if (status && one.addedNodes.length) announced.push(status.textContent);
      })).observe(document.body, { childList: true, subtree: true })""")
    portal.ring(RED)
    portal.expect_crm_layout()
    portal.do("portalStandIn.connect(); portalStandIn.open.fold(); portalStandIn.open.unfold()")
    portal.page.wait_for_timeout(200)
    [words] = portal.page.evaluate("announced")
    assert OLGA.name in words
    expect(portal.page.locator(f"{CARD} [role=status]")).to_have_count(1)


def test_this_is_my_client_is_said_by_keyboard_alone_and_heard_by_the_supervisor(portal):
    badge = rung(portal)
    badge.get_by_role("link").focus()
    portal.page.keyboard.press("Tab")
    portal.page.keyboard.type("Веду его с мая")
    portal.page.keyboard.press("Tab")
    expect(badge.get_by_role("button", name="Это мой клиент")).to_be_focused()
    portal.page.keyboard.press("Enter")
    expect(portal.page.locator(FORM)).to_have_text(f"Передано: {MARINA.name}")
    expect(portal.page.locator(SAID)).to_have_text(f"Передано: {MARINA.name}")
    said = Dispute.objects.get()
    assert (said.comment, said.by_id) == ("Веду его с мая", IVAN.id)
    assert OutboxCall.objects.get().params["USER_ID"] == MARINA.id


def test_who_types_while_the_layout_changes_goes_on_typing(portal):
    badge = rung(portal, crm=None)
    badge.locator("input").press_sequentially("Веду")
    portal.page.evaluate("(crm) => { portalStandIn.open.crmData = crm; portalStandIn.open.onCrmAnswer() }", CLIENT)
    portal.expect_crm_layout()
    expect(badge.locator("input")).to_be_focused()
    portal.page.keyboard.type(" с мая")
    expect(badge.locator("input")).to_have_value("Веду с мая")


def test_what_was_not_sent_can_be_sent_again(portal):
    badge = rung(portal)
    portal.page.route("**/dispute/", lambda route: route.abort("connectionrefused"), times=2)
    badge.get_by_role("button").click()
    expect(badge.get_by_role("button")).to_have_text("Не отправлено, ещё раз")
    assert len(portal.said) == 1
    portal.page.unroute("**/dispute/")
    badge.get_by_role("button").click()
    expect(portal.page.locator(FORM)).to_have_text(f"Передано: {MARINA.name}")


def test_keys_and_double_clicks_on_it_are_not_heard_by_the_portal(portal):
    badge = rung(portal)
    portal.expect_crm_layout()
    portal.do("window.heard = 0; document.addEventListener('keydown', () => { heard += 1; })")
    badge.dblclick(position={"x": 5, "y": 5})
    badge.locator("input").press_sequentially("123")
    assert portal.page.evaluate("heard") == 0
    assert portal.page.evaluate("portalStandIn.open.folded") is False


@pytest.mark.parametrize("why", ["own contact", "on record for a colleague", "not dialled yet"])
def test_who_has_nothing_to_dispute_is_not_asked(portal, why):
    if why == "own contact":
        portal.open(token=token_of(OLGA))
        portal.ring(YELLOW_CONTACT)
    elif why == "on record for a colleague":
        portal.page.route(
            "**/api/v1/calls/",
            lambda route: (
                route.fulfill(status=409, body="{}", headers={"Access-Control-Allow-Origin": ORIGIN})
                if route.request.method == "POST"
                else route.fallback()
            ),
        )
        portal.open()
        portal.ring(RED)
    else:
        portal.open()
        portal.page.evaluate("(number) => portalStandIn.openCallList([number], { name: 'Ромашка' })", RED)
    expect(portal.page.locator(BADGE)).to_be_visible()
    expect(portal.page.locator(FORM)).to_have_count(0)


def test_in_english_for_those_who_read_it(portal):
    portal.open()
    portal.do("BX.message = (code) => code === 'LANGUAGE_ID' && 'en'")
    portal.ring(RED)
    expect(portal.page.locator(FORM).get_by_role("button")).to_have_text("This is my client")


@pytest.mark.parametrize("crm", [True, False], ids=["CRM layout", "simple layout"])
def test_in_the_worst_case_nothing_of_the_card_is_pushed_out(portal, settings, crm):
    settings.MIRROR_STALE_AFTER = -1  # the longest words: a contact's company, and an old mirror
    badge = rung(portal, RED_BY_CONTACT, **({} if crm else {"crm": None}))
    if crm:
        portal.expect_crm_layout()
    last = ".im-phone-call-crm-buttons" if crm else ".im-phone-calling-process-status"
    box, stripe = portal.page.locator(f"{CARD} {last}").bounding_box(), f"{CARD} .im-phone-call-buttons-container"
    assert box["y"] + box["height"] <= portal.page.locator(stripe).bounding_box()["y"]
    assert badge.bounding_box()["y"] < box["y"]


def test_who_wants_no_motion_gets_none(portal):
    portal.page.emulate_media(reduced_motion="reduce")
    rung(portal)
    button = portal.page.locator(f"{CARD} .im-phone-call-btn-green")
    expect(button).to_have_css("transition-duration", "0s")


def test_with_the_systems_own_colours_icons_are_not_blackened_and_the_badge_has_a_border(portal):
    portal.page.emulate_media(forced_colors="active")
    badge = rung(portal, YELLOW)
    expect(badge).to_have_css("border-top-width", "1px")
    portal.do("portalStandIn.connect()")
    hold = f"{CARD} .im-phone-call-btn-hold"
    expect(portal.page.locator(hold)).to_be_visible()
    # read anew each time: the card's buttons may just be replaced
    portal.page.wait_for_function(
        "(one) => getComputedStyle(document.querySelector(one), '::after').filter === 'none'", arg=hold
    )
    expect(badge.locator("svg")).to_be_visible()


@pytest.mark.parametrize("generation", ["im", "messenger"])
@pytest.mark.parametrize("number", [RED, YELLOW, BLUE], ids=["red", "yellow", "blue"])
def test_axe_finds_nothing_to_say_about_the_painted_card(portal, number, generation):
    portal.open(generation=generation)
    portal.ring(number)
    portal.expect_crm_layout()
    expect(portal.page.locator(BADGE)).to_be_visible()
    portal.do("portalStandIn.connect()")
    portal.page.wait_for_timeout(400)  # the portal's buttons fade into their colours
    found = Axe().run(portal.page, context=f"{CARD} .im-phone-call-container")
    assert found.violations_count == 0, found.generate_report()


def test_a_portal_whose_policy_forbids_everything_foreign_has_nothing_to_complain_of(portal):
    portal.open()
    portal.do("""
      window.complaints = [];
      document.addEventListener("securitypolicyviolation", (event) => complaints.push(event.violatedDirective))""")
    portal.ring(RED)
    portal.expect_crm_layout()
    portal.expect_background(".im-phone-call-wrapper", "#c62828")
    portal.do("portalStandIn.open.fold()")
    assert portal.page.evaluate("complaints") == []
    assert portal.page.evaluate("document.querySelectorAll('style, [style*=cg-]').length") == 0


def test_an_own_client_gets_neither_badge_nor_words(portal):
    portal.open()
    assert portal.verdict_of(lambda: portal.ring(OWN))["colour"] == "none"
    expect(portal.page.locator(f"{BADGE}, {SAID}")).to_have_count(0)
