"""Every layout and state of the portal's card (call-card.md §1, §3.5): painted where it should be, and nowhere else."""

import re

import pytest
from playwright.sync_api import expect

from callguard.models import Call
from tests.browser.clients import BLUE, RED, YELLOW
from tests.browser.portal_page import BADGE, CARD, CLIENT, PortalPage

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
WHITE, BASE, STOCK = "rgb(255, 255, 255)", "#c62828", "#29303a"
ANY = re.compile(".")


def css(portal, selector, name, value):
    expect(portal.page.locator(selector).first).to_have_css(name, value)


def test_a_sidebar_stays_white_and_the_card_beside_it_is_painted(portal):
    portal.open(generation="messenger")
    portal.ring(RED)
    portal.expect_colour("red")
    portal.expect_crm_layout()
    portal.do("portalStandIn.openSidebar()")
    css(portal, ".im-phone-sidebar-wrap", "background-color", WHITE)
    css(portal, ".im-phone-sidebar-tab", "color", "rgb(16, 88, 208)")
    portal.expect_background(".im-phone-call-wrapper", BASE)
    expect(portal.page.locator(BADGE)).to_be_visible()


def test_the_detailed_client_keeps_its_shade_and_gets_readable_words(portal):
    portal.open()
    verdict = portal.verdict_of(lambda: portal.ring(YELLOW))
    portal.expect_crm_layout()
    portal.do("portalStandIn.showDetailedCard()")
    css(portal, ".crm-card-show-detail-info-inner", "background-color", "rgba(0, 0, 0, 0.15)")
    css(portal, ".crm-card-show-detail-header-user-name", "color", "rgb(33, 33, 33)")
    assert verdict["palette"]["text"] == "#212121"


def test_the_patch_behind_the_fold_arrow_of_newer_portals_takes_the_colour(portal):
    portal.open(generation="messenger")
    portal.ring(RED)
    portal.expect_crm_layout()
    css(portal, f"{CARD} .im-phone-btn-arrow", "background-color", "rgba(0, 0, 0, 0)")


@pytest.mark.parametrize("generation", ["im", "messenger", "none"])
def test_the_next_item_of_a_call_list_is_looked_up_and_only_what_is_dialled_is_recorded(portal, generation):
    portal.open(generation=generation)
    portal.page.evaluate("([n, crm]) => portalStandIn.openCallList([n], crm)", [RED, CLIENT])
    portal.expect_colour("red")
    portal.do(f"portalStandIn.selectItem({BLUE!r})")
    portal.expect_colour("blue")
    if generation != "none":  # without the view object nobody can tell a list from a call
        assert not Call.objects.exists()
        with portal.page.expect_response("**/api/v1/calls/"):
            portal.do("portalStandIn.redial()")
        assert [body["phone"] for _method, path, body in portal.asked if path == "calls/"] == [BLUE]


def test_a_call_list_put_aside_leaves_a_panel_in_the_portals_colours(portal):
    portal.open()
    portal.page.evaluate("([n, crm]) => portalStandIn.openCallList([n], crm)", [RED, CLIENT])
    portal.expect_colour("red")
    portal.do("portalStandIn.foldCallList()")
    expect(portal.page.locator("[data-callguard], .callguard-badge")).to_have_count(0)
    css(portal, "#im-phone-folded-call-view", "background-color", "rgb(41, 48, 58)")
    css(portal, "#im-phone-folded-call-view .im-phone-call-btn-green", "background-color", "rgb(128, 160, 42)")


def test_a_transferred_call_is_asked_as_one_and_stays_painted_through_its_states(portal):
    portal.open()
    verdict = portal.verdict_of(lambda: portal.ring(RED, transfer=True))
    portal.expect_crm_layout()
    assert portal.asked[0][2]["direction"] == "incomingTransfer"
    hangup, other = (verdict["palette"]["buttons"][kind]["background"] for kind in ("hangup", "other"))
    for state, button, colour in (
        ("transferring", "blue", other),
        ("transferFailed", "red", hangup),
        ("transferConnected", "red", hangup),
        ("moneyError", "blue", other),
        ("externalCard", "red", hangup),
    ):
        portal.do(f"portalStandIn.open.setUiState('{state}')")
        portal.expect_background(f".im-phone-call-btn-{button}", colour)
    assert len(portal.asked) == 1


def test_the_desktop_applications_window_is_painted_in_both_layouts_and_lets_go_at_the_end(portal):
    portal.open()
    portal.page.evaluate(
        "([phoneNumber, crmData]) => portalStandIn.openDesktopWindow({ phoneNumber, crmData })", [RED, CLIENT]
    )
    body = portal.page.locator("body")
    expect(body).to_have_attribute("data-callguard", "red")
    css(portal, ".im-phone-call-wrapper", "background-color", "rgb(198, 40, 40)")
    portal.do("portalStandIn.desktopCrmAnswer()")
    css(portal, ".crm-card-show-main", "background-color", "rgb(183, 28, 28)")
    expect(portal.page.locator("body .callguard-badge")).to_have_count(1)
    portal.do("portalStandIn.reach(null); portalStandIn.fireClosed()")
    expect(body).not_to_have_attribute("data-callguard", ANY)
    assert [path for _method, path, _body in portal.asked] == ["calls/", "calls/desktop.1/end/"]


def test_of_two_tabs_only_the_one_that_shows_the_card_asks(portal, site):
    portal.open()
    other = PortalPage(portal.page.context.new_page(), site)
    other.open()
    other.do("portalStandIn.hearPush('demo.first', '79161234567')")
    portal.ring(YELLOW)
    portal.expect_colour("yellow")
    other.page.wait_for_timeout(200)
    assert (other.asked, other.said, len(portal.asked)) == ([], [], 1)


def test_a_push_of_a_call_that_is_shown_elsewhere_does_not_stick_to_the_next_one_here(portal):
    portal.open(generation="none")
    portal.do("portalStandIn.hearPush('elsewhere.1', '79161234567')")
    portal.dial(YELLOW)
    portal.expect_colour("yellow")
    [(_method, _path, body)] = portal.asked
    assert (body["phone"], body["direction"]) == (YELLOW, "outgoing")
    assert body["call_id"] != "elsewhere.1"


def test_a_second_call_that_knocks_while_one_is_talking_changes_nothing(portal):
    portal.open(generation="none")
    portal.ring(RED)
    portal.expect_colour("red")
    portal.do("portalStandIn.connect(); portalStandIn.hearPush('knocking.1', '79053334455')")
    portal.page.wait_for_timeout(200)
    portal.expect_colour("red")
    assert len(portal.asked) == 1


@pytest.mark.parametrize("number", ["hidden", "unknown"])
@pytest.mark.parametrize("generation", ["im", "none"])
def test_a_call_without_a_number_is_asked_about_by_nobody(portal, number, generation):
    portal.open(generation=generation)
    portal.ring(number)
    portal.expect_crm_layout()
    portal.page.wait_for_timeout(200)
    assert portal.asked == portal.said == []


def test_where_only_the_title_tells_the_number_the_companys_own_line_is_not_taken_for_it(portal):
    portal.open(generation="none")
    portal.do("""
      const card = new BX.PhoneCallView({});
      card.show();
      card.setTitle("Входящий звонок с 8 (916) 123-45-67, на номер +7 (495) 200-10-20")""")
    portal.expect_colour("red")
    assert portal.asked[0][2]["phone"] == "8 (916) 123-45-67"


def test_a_card_that_never_shows_a_number_gets_one_line_in_the_console(portal):
    portal.open(generation="none")
    with portal.page.expect_console_message(lambda message: "without a number" in message.text):
        portal.do("""
          const card = new BX.PhoneCallView({});
          card.show();
          card.setTitle("Скрытый номер, на номер +7 (495) 200-10-20")""")
    assert (portal.asked, len(portal.said)) == ([], 1)


def test_folded_unfolded_and_folded_again_the_call_is_one_and_painted(portal):
    portal.open(generation="private")
    portal.ring(RED)
    portal.expect_colour("red")
    for _time in range(2):
        portal.do("portalStandIn.open.fold()")
        expect(portal.page.locator(".im-phone-call-panel-mini[data-callguard=red] .callguard-badge")).to_have_count(1)
        portal.do("portalStandIn.open.unfold()")
        portal.expect_colour("red")
    assert len(portal.asked) == 1


def test_closed_while_folded_nothing_of_ours_stays(portal):
    portal.open()
    portal.ring(RED)
    portal.expect_colour("red")
    portal.do("portalStandIn.open.fold()")
    portal.close()
    expect(portal.page.locator("[data-callguard], .callguard-badge, .callguard-said")).to_have_count(0)


def test_the_portals_own_colours_are_back_when_the_paint_goes(portal):
    portal.open()
    portal.ring(RED)
    portal.expect_colour("red")
    portal.do("portalStandIn.replaceNumber('101')")
    portal.expect_background(".im-phone-call-wrapper", STOCK)


def test_the_script_never_listens_to_a_whole_tree(portal):
    portal.page.add_init_script("""
      window.watched = [];
      const { observe } = MutationObserver.prototype;
      MutationObserver.prototype.observe = function (node, how) {
        watched.push(how);
        return observe.call(this, node, how);
      }""")
    portal.open()
    portal.ring(RED)
    portal.expect_colour("red")
    watched = portal.page.evaluate("watched")
    assert watched
    assert all(how == {"childList": True} for how in watched)


def test_a_page_that_replaces_its_style_sheets_is_painted_at_the_next_call(portal):
    portal.open()
    portal.ring(RED)
    portal.expect_colour("red")
    portal.close()
    portal.do("document.adoptedStyleSheets = []")
    portal.ring(YELLOW)
    portal.expect_background(".im-phone-call-wrapper", "#fdd835")
