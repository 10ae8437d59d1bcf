"""The palette editor in a real browser: one colour becomes a card, failing pairs are named and mended by a click."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, expect

from callguard.models import Palette
from tests.browser.signing_in import let_in

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
CARD = "[data-callguard-card]"


@pytest.fixture
def editor(page: Page, site: str) -> Page:
    """The page of the red palette, measured once."""
    let_in(page.context, site)
    page.goto(site + reverse("admin:callguard_palette_change", args=[Palette.objects.get(code="red").pk]))
    expect(page.locator("[data-callguard-verdict]")).to_have_text("всё читается")
    return page


def picked(page: Page, field: str) -> str:
    return page.locator(f"input[name={field}]").input_value()


def test_one_colour_becomes_a_whole_palette_that_can_be_saved(editor):
    editor.locator("[data-callguard-seed]").fill("#6a3fa0")
    editor.get_by_role("button", name="Подобрать по нему всю палитру").click()
    expect(editor.locator(f"{CARD} .callguard-card-base")).to_have_css("background-color", "rgb(106, 63, 160)")
    expect(editor.locator("[data-callguard-verdict]")).to_have_text("всё читается")
    editor.get_by_role("button", name="Сохранить", exact=True).click()
    expect(editor.locator("body")).to_contain_text("успешно")
    assert Palette.objects.get(code="red").base == "#6a3fa0"


def test_a_failing_pair_is_named_and_mended_by_the_colour_that_is_offered(editor):
    editor.locator("input[name=text]").fill("#e57373")
    expect(editor.locator("[data-callguard-verdict]")).to_have_text("не читается: 3")
    row = editor.locator('[data-callguard-pairs] tr[data-passes="false"]').first
    expect(row).to_contain_text("4.5 : 1")
    row.get_by_role("button").press("Enter")
    expect(editor.locator("[data-callguard-verdict]")).to_have_text("всё читается")
    assert picked(editor, "text") != "#e57373"


def test_palettes_stand_side_by_side_as_other_eyes_see_them(editor):
    beside = editor.locator("[data-callguard-beside] .callguard-card")
    expect(beside).to_have_count(3)
    editor.locator("[data-callguard-vision]").select_option("grayscale")
    expect(beside.first.locator(".callguard-card-base")).not_to_have_css("background-color", "rgb(198, 40, 40)")
    expect(editor.locator("[data-callguard-warnings]")).to_contain_text("Известный лид")


def test_a_draft_is_saved_opened_and_published(editor):
    editor.locator("input[name=base]").fill("#b71c1c")
    editor.get_by_role("button", name="Сохранить как черновик").click()
    expect(editor.locator(".callguard-note")).to_contain_text("Это черновик")
    assert Palette.objects.get(code="red").version == 1
    editor.get_by_role("button", name="Сохранить", exact=True).click()
    expect(editor.locator("body")).to_contain_text("успешно")
    assert Palette.objects.get(code="red").base == "#b71c1c"


@pytest.mark.parametrize("width", [1500, 390])
@pytest.mark.parametrize("name", ["change", "changelist"])
def test_axe_finds_nothing_and_a_phone_is_wide_enough(editor, site, name, width):
    editor.set_viewport_size({"width": width, "height": 900})
    if name == "changelist":
        editor.goto(site + reverse("admin:callguard_palette_changelist"))
        editor.locator(".callguard-gallery summary").click()
    found = Axe().run(editor).response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []
    wide = editor.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
