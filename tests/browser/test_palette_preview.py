"""The editor's frames in a real browser: the portal's card in both layouts, painted by the card script as one picks."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Frame, Locator, Page, expect

from callguard.models import Call
from tests.browser.portal_page import CARD, rgb
from tests.browser.test_palette_editor import editor
from tests.browser.test_policy import LISTEN, broken_by

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
__all__ = ["editor"]
LAYOUTS = ("simple", "crm")
TOO_BIG = """() => {
  const root = document.documentElement;
  return [root.scrollWidth - root.clientWidth, root.scrollHeight - root.clientHeight];
}"""
RED, DARK_RED = "#c62828", "#b71c1c"


def frame_of(page: Page, layout: str) -> Frame:
    """The frame, once its card is painted."""
    frame = page.locator(f"iframe[data-layout={layout}]").element_handle().content_frame()
    assert frame
    expect(frame.locator(CARD)).to_have_attribute("data-callguard", "preview")
    return frame


def part(page: Page, layout: str, selector: str) -> Locator:
    return frame_of(page, layout).locator(f"{CARD} {selector}").first


def expect_background(found: Locator, colour: str) -> None:
    expect(found).to_have_css("background-color", rgb(colour))


def play(page: Page, scene: str, *, pressed: bool = False) -> None:
    page.locator("[data-callguard-scene]").select_option(scene)
    page.locator("[data-callguard-pressed]").set_checked(pressed)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_picked_colour_repaints_the_card(editor, layout):
    expect_background(part(editor, layout, ".im-phone-call-wrapper"), RED)
    editor.locator("#id_base").fill(DARK_RED)
    expect_background(part(editor, layout, ".im-phone-call-wrapper"), DARK_RED)
    assert not Call.objects.exists()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_picked_colours_repaint_the_buttons(editor, layout):
    editor.locator("#id_answer_background").fill("#004d40")
    editor.locator("#id_hangup_background").fill("#102030")
    editor.locator("#id_other_background").fill("#203040")
    expect_background(part(editor, layout, ".im-phone-call-btn-green"), "#004d40")
    expect_background(part(editor, layout, ".im-phone-call-btn-red"), "#102030")
    play(editor, "transferring")
    expect_background(part(editor, layout, ".im-phone-call-btn-blue"), "#203040")


def test_a_new_label_and_icon_are_on_the_card(editor):
    badge = part(editor, "crm", ".callguard-badge")
    expect(badge).to_contain_text("Чужой клиент")
    stop = badge.locator("path").get_attribute("d")
    editor.locator("#id_label_ru").fill("Не ваш клиент")
    editor.locator("#id_icon").select_option("info")
    expect(badge.locator("b")).to_have_text("Не ваш клиент")
    assert badge.locator("path").get_attribute("d") != stop
    assert frame_of(editor, "crm").locator("[role=status]").count() == 0


@pytest.mark.parametrize("layout", LAYOUTS)
def test_pressed_buttons_stand_beside_those_that_are_not(editor, layout):
    play(editor, "talking", pressed=True)
    editor.locator("#id_other_background").fill("#203040")
    expect_background(part(editor, layout, ".im-phone-call-btn-hold"), "#203040")
    expect(part(editor, layout, ".im-phone-call-btn-mute")).to_have_css("background-color", "rgba(0, 0, 0, 0)")
    if layout == "crm":
        expect_background(part(editor, layout, ".im-phone-call-crm-button-active span"), "#203040")
    play(editor, "talking")
    expect(part(editor, layout, ".im-phone-call-btn-hold")).to_have_css("background-color", "rgba(0, 0, 0, 0)")


def test_a_button_under_the_pointer_has_the_look_of_hovering(editor):
    button = part(editor, "simple", ".im-phone-call-btn-green")
    expect(button).to_have_css("box-shadow", "none")
    button.hover()
    expect(button).to_have_css("box-shadow", "rgb(255, 255, 255) 0px 0px 0px 2px")


def test_the_folded_card_is_painted_as_well(editor):
    play(editor, "folded")
    mini = frame_of(editor, "crm").locator(".im-phone-call-panel-mini")
    expect(mini).to_have_css("background-color", "rgba(198, 40, 40, 0.92)")
    play(editor, "talking")
    expect(mini).to_have_count(0)
    expect_background(part(editor, "crm", ".im-phone-call-wrapper"), RED)


def test_a_card_that_is_closed_comes_again_in_the_same_colours(editor):
    editor.locator("#id_base").fill(DARK_RED)
    part(editor, "simple", ".im-phone-call-btn-red").click()  # declined
    expect_background(part(editor, "simple", ".im-phone-call-wrapper"), DARK_RED)


def test_the_call_is_played_by_keyboard_alone(editor):
    editor.locator("[data-callguard-scene]").focus()
    editor.keyboard.press("ArrowDown")
    expect(part(editor, "simple", ".im-phone-call-btn-mute")).to_be_visible()
    editor.keyboard.press("Tab")
    editor.keyboard.press("Space")
    expect(part(editor, "simple", ".im-phone-call-btn-hold.active")).to_be_visible()


def test_a_page_of_elsewhere_paints_nothing(editor, site):
    """What was not sent by the page around it is not heard, be it of the same origin."""
    frame = frame_of(editor, "simple")
    frame.evaluate("window.postMessage({ look: { base: '#000000' }, scene: 'over', pressed: true }, location.origin)")
    frame.evaluate("new Promise((done) => setTimeout(done))")
    expect(part(editor, "simple", ".im-phone-call-btn-green")).to_be_visible()


def test_on_a_phone_every_button_is_within_its_bar(editor):
    editor.set_viewport_size({"width": 390, "height": 844})
    for scene, buttons in {"ringing": ("green", "red"), "transferring": ("blue", "red"), "talking": ("red",)}.items():
        play(editor, scene)
        bar = part(editor, "crm", ".im-phone-call-buttons-container").bounding_box()
        for name in buttons:
            box = part(editor, "crm", f".im-phone-call-btn-{name}").bounding_box()
            assert bar["x"] <= box["x"], name
            assert box["x"] + box["width"] <= bar["x"] + bar["width"], name
            assert box["y"] + box["height"] <= bar["y"] + bar["height"], name


@pytest.mark.parametrize("width", [1500, 390])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_axe_finds_nothing_in_a_frame_and_nothing_sticks_out(editor, layout, width):
    editor.set_viewport_size({"width": width, "height": 900})
    play(editor, "talking", pressed=True)
    frame = frame_of(editor, layout)
    expect(frame.locator(".im-phone-call-btn-hold.active")).to_be_visible()
    editor.wait_for_timeout(400)  # the portal's buttons fade into their colours
    found = Axe().run(frame).response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []
    assert frame.evaluate(TOO_BIG) == [0, 0]


def test_neither_the_page_nor_its_frames_break_a_policy(page, editor):
    page.add_init_script(LISTEN)
    words: list[str] = []
    page.on("console", lambda message: words.append(message.text))
    page.reload()
    for layout in LAYOUTS:
        play(page, "transferring", pressed=True)
        assert frame_of(page, layout).evaluate("window.violations || []") == []
    assert broken_by(page) == []
    assert words == []


def test_a_picture_for_the_docs(editor, tmp_path):
    """`PICTURES=docs/img pytest <this file>` renews it."""
    editor.set_viewport_size({"width": 1500, "height": 2600})  # the bar with the buttons stays below what is taken
    play(editor, "talking", pressed=True)
    expect(part(editor, "crm", ".im-phone-call-btn-hold.active")).to_be_visible()
    editor.wait_for_timeout(400)  # the portal's buttons fade into their colours
    file = Path(os.environ.get("PICTURES") or tmp_path) / "palette-editor.png"
    editor.locator(".callguard-editor").screenshot(path=file)
    assert file.stat().st_size > 15_000  # bytes: an empty page makes less
