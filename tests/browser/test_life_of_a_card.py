"""What the portal does to its card during a call, and the paint stays right."""

import re

import pytest
from playwright.sync_api import expect

from callguard.models import Call
from tests.browser.clients import BLUE, OWN, RED, YELLOW
from tests.browser.portal_page import BADGE, CARD

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

MINI = "body > .im-phone-call-panel-mini"
REDS = "#c62828"
UNPAINTED = re.compile(".")


@pytest.mark.parametrize("generation", ["im", "messenger", "private", "desktop", "none"])
@pytest.mark.parametrize("way", ["dial", "ring"])
def test_in_every_generation_of_the_portal_the_card_is_found(portal, generation, way):
    portal.open(generation=generation)
    getattr(portal, way)(RED)
    portal.expect_colour("red")
    portal.expect_crm_layout()
    portal.expect_background(".im-phone-call-wrapper", REDS)
    [(_method, _path, body)] = portal.asked
    assert body["call_id"].startswith("demo.")
    assert body["direction"] == {"dial": "outgoing", "ring": "incoming"}[way]


def test_the_first_layout_is_painted_already_and_the_second_takes_it_over(portal):
    portal.open()
    portal.ring(RED, crm=None)
    portal.expect_colour("red")
    portal.expect_background(".im-phone-call-wrapper", REDS)
    expect(portal.page.locator(f"{CARD} .im-phone-calling-progress-section")).to_be_visible()
    portal.do("portalStandIn.open.crmData = {name: 'ООО «Ромашка»'}; portalStandIn.open.loadCrmCard('COMPANY', 1)")
    portal.expect_crm_layout()
    portal.expect_background(".im-phone-call-wrapper", REDS)
    expect(portal.page.locator(BADGE)).to_have_count(1)
    expect(portal.page.locator(BADGE)).to_contain_text("Ольга Петрова")
    assert len(portal.asked) == 1


def test_a_client_hidden_by_the_portals_rights_is_painted_in_the_first_layout(portal):
    portal.open()
    portal.dial(RED, crm=None)
    portal.expect_colour("red")
    badge, stripe = portal.page.locator(BADGE), portal.page.locator(f"{CARD} .im-phone-call-buttons-container")
    expect(badge).to_contain_text("Ольга Петрова")
    status = portal.page.locator(f"{CARD} .im-phone-calling-process-status").bounding_box()
    assert badge.bounding_box()["y"] < status["y"] < stripe.bounding_box()["y"] - status["height"]


def test_new_buttons_and_a_reloaded_client_are_painted_too(portal):
    portal.open()
    verdict = portal.verdict_of(lambda: portal.ring(RED))
    portal.do("portalStandIn.connect(); portalStandIn.open.loadCrmCard('COMPANY', 1)")
    portal.expect_background(".im-phone-call-btn-red", verdict["palette"]["buttons"]["hangup"]["background"])
    portal.expect_background(".crm-card-show-main", verdict["palette"]["stripes"][1])
    portal.do("portalStandIn.hangup()")
    portal.expect_background(".im-phone-call-btn-red", verdict["palette"]["buttons"]["hangup"]["background"])


def test_folded_the_panel_keeps_colour_and_label_and_unfolded_the_card_has_them_again(portal):
    portal.open()
    portal.ring(YELLOW)
    portal.expect_colour("yellow")
    portal.do("portalStandIn.connect(); portalStandIn.open.fold()")
    mini = portal.page.locator(MINI)
    expect(mini).to_have_attribute("data-callguard", "yellow")
    expect(mini).to_have_css("background-color", re.compile(r"rgba\(253, 216, 53, 0\.92"))
    expect(mini.locator(".callguard-badge")).to_have_text("Уточните ответственного")
    portal.do("portalStandIn.open.unfold()")
    expect(portal.page.locator(MINI)).to_have_count(0)
    portal.expect_background(".im-phone-call-wrapper", "#fdd835")
    expect(portal.page.locator(BADGE)).to_be_visible()


def test_a_number_that_changes_in_the_call_is_looked_up_and_repainted_without_a_second_record(portal):
    portal.open()
    portal.ring(RED)
    portal.expect_colour("red")
    portal.do(f"portalStandIn.replaceNumber({BLUE!r})")
    portal.expect_colour("blue")
    portal.do(f"portalStandIn.replaceNumber({OWN!r})")
    expect(portal.page.locator(CARD)).not_to_have_attribute("data-callguard", UNPAINTED)
    expect(portal.page.locator(BADGE)).to_have_count(0)
    portal.expect_asked(3)
    assert [(method, path.split("?")[0]) for method, path, _body in portal.asked] == [
        ("POST", "calls/"),
        ("GET", "verdict/"),
        ("GET", "verdict/"),
    ]


def test_a_call_to_a_colleague_is_nothing_to_judge(portal):
    portal.open()
    portal.dial(RED, portalCall=True, crm=None)
    portal.page.wait_for_function("() => portalStandIn.open.callId")
    portal.close()
    portal.ring(YELLOW)  # had the first call been asked about, it would have been before this one
    portal.expect_colour("yellow")
    assert [body["phone"] for _method, _path, body in portal.asked] == [YELLOW]


def test_a_call_list_shows_the_colour_before_it_dials_and_records_the_call_when_it_does(portal):
    portal.open()
    portal.do(f"""
      const item = {{ phoneNumber: {RED!r}, direction: "outgoing", callListId: 5, _uiState: "outgoing" }};
      portalStandIn.reach(new BX.PhoneCallView(item));
      portalStandIn.open.show()""")
    portal.expect_colour("red")
    assert portal.asked[0][:1] == ("GET",)
    portal.do("portalStandIn.redial()")
    portal.page.wait_for_function("() => portalStandIn.open.callId")
    with portal.page.expect_response("**/api/v1/calls/"):
        pass
    assert [method for method, _path, _body in portal.asked] == ["GET", "POST"]


def test_a_call_that_the_portal_never_names_is_recorded_under_a_name_of_our_own(portal):
    portal.open()
    portal.do("portalStandIn.name = () => {}")
    portal.dial(RED, crm=None)
    portal.expect_colour("red")
    assert re.fullmatch(r"local\..{8,}", portal.asked[0][2]["call_id"])


def test_calling_again_from_the_same_card_is_another_call(portal):
    portal.open()
    portal.dial(RED)
    portal.expect_colour("red")
    portal.do("portalStandIn.hangup()")
    with portal.page.expect_response("**/api/v1/calls/"):
        portal.do("portalStandIn.redial()")
    rings = [body["call_id"] for _method, path, body in portal.asked if path == "calls/"]
    assert len(set(rings)) == 2


def test_the_end_of_an_answered_call_is_told(portal):
    portal.open()
    portal.ring(RED)
    portal.expect_colour("red")
    portal.do("portalStandIn.connect()")
    with portal.page.expect_response("**/end/") as answer:
        portal.close()
    assert answer.value.status == 204
    call = Call.objects.get(call_id=portal.asked[0][2]["call_id"])
    assert (call.answered, call.ended_at is not None) == (True, True)


def test_a_call_given_up_before_an_answer_is_told_once(portal):
    portal.open()
    portal.dial(RED)
    portal.expect_colour("red")
    with portal.page.expect_response("**/end/"):
        portal.do("portalStandIn.hangup()")
    portal.close()
    ends = [body for _method, path, body in portal.asked if path.endswith("/end/")]
    assert ends == [{"answered": False, "duration_s": 0}]


def test_the_next_card_starts_with_the_portals_own_colours(portal):
    portal.open()
    portal.ring(RED)
    portal.expect_colour("red")
    portal.close()
    assert portal.verdict_of(lambda: portal.ring(OWN))["colour"] == "none"
    portal.expect_background(".im-phone-call-wrapper", "#29303a")
    expect(portal.page.locator("[data-callguard], .callguard-badge")).to_have_count(0)


def test_a_card_that_was_open_before_the_script_came_is_painted(portal):
    portal.open(script="")
    portal.ring(RED)
    portal.expect_crm_layout()
    portal.add_script()
    portal.expect_colour("red")
    portal.expect_background(".im-phone-call-wrapper", REDS)


def test_in_the_desktop_applications_window_the_body_is_what_lasts(portal):
    portal.open()
    portal.do(f"""
      const call = {{ phoneNumber: {RED!r}, callId: "desktop.1", crmData: {{ name: "Ромашка" }} }};
      window.PCW = new BX.PhoneCallView(call);
      PCW.popup = {{ popupContainer: document.createElement("div") }};
      document.body.className = "im-desktop-popup";
      document.body.replaceChildren(PCW.createSimpleLayout())""")
    body, wrapper = portal.page.locator("body"), portal.page.locator(".im-phone-call-wrapper")
    expect(body).to_have_attribute("data-callguard", "red")
    portal.do("const before = PCW.elements.main; before.replaceWith(PCW.createCrmLayout())")
    expect(portal.page.locator(".crm-card-show-main")).to_be_visible()
    expect(wrapper).to_have_css("background-color", "rgb(198, 40, 40)")
    expect(portal.page.locator("body .callguard-badge")).to_have_count(1)
    portal.do("window.PCW = null; BX.onCustomEvent(window, 'CallCard::AfterClose')")
    expect(body).not_to_have_attribute("data-callguard", UNPAINTED)
    assert len([path for _method, path, _body in portal.asked if path == "calls/"]) == 1
