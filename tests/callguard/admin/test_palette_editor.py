"""The palette's editor: proposes, measures, drafts, publishes, goes back, exports and imports."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from callguard.models import Palette, PaletteDraft
from callguard.palette_files import exported
from callguard.palettes import COLOURS, problems_of, values_of
from tests.callguard.admin.test_palettes import change, sent

pytestmark = pytest.mark.django_db
LIST = reverse("admin:callguard_palette_changelist")


@pytest.fixture
def red():
    return Palette.objects.get(code="red")


def address(name, *args):
    return reverse(f"admin:callguard_palette_{name}", args=args)


def look(palette, **edited):
    return {name: getattr(palette, name) for name in COLOURS} | {"code": palette.code} | edited


def test_one_colour_is_answered_with_a_whole_palette(pages):
    answer = pages.get(address("proposal"), {"colour": "#6a3fa0"})
    assert set(answer.json()) == set(COLOURS)
    assert answer.json()["base"] == "#6a3fa0"


@pytest.mark.parametrize("colour", ["", "red", "#12345", "#1234567", "#GGGGGG"])
def test_what_is_no_colour_is_refused(pages, colour):
    assert pages.get(address("proposal"), {"colour": colour}).status_code == 400


def test_the_check_names_each_pair_and_the_nearest_colour_for_the_failing_ones(pages, red):
    pairs = pages.get(address("check"), look(red, text="#e57373")).json()["pairs"]
    failing = [pair for pair in pairs if pair["nearest"]]
    assert len(pairs) == 15
    assert {pair["field"] for pair in failing} == {"text"}
    mended = pages.get(address("check"), look(red, text=failing[0]["nearest"])).json()["pairs"]
    assert not [pair for pair in mended if pair["nearest"]]


def test_the_check_warns_of_twins_and_of_what_the_portal_draws_itself(pages, red):
    english = {"accept-language": "en"}
    assert any(
        "shades of grey" in one for one in pages.get(address("check"), look(red), headers=english).json()["warnings"]
    )
    twin = pages.get(address("check"), look(red, base="#1565c0"), headers=english).json()["warnings"]
    assert sum("“A known lead”" in one for one in twin) == 5
    green = pages.get(address("check"), look(red, base="#29ad49"), headers=english).json()["warnings"]
    assert any("green disc" in one for one in green)


def test_the_check_shows_every_palette_to_every_eye(pages, red):
    told = pages.get(address("check"), look(red, base="#b71c1c")).json()
    assert {len(cards) for cards in told["looks"].values()} == {3}
    assert told["looks"]["full"]["red"]["base"] == "#b71c1c"
    assert told["looks"]["protan"]["red"]["base"] != "#b71c1c"
    assert told["labels"]["red"] == "Чужой клиент"


def test_a_draft_paints_nothing_until_it_is_published(pages, superuser, red):
    answer = pages.post(change(red), sent(red, base="#b71c1c", _draft="1"), follow=True)
    assert answer.redirect_chain[-1][0].endswith("?draft=1")
    assert 'name="base" value="#b71c1c"' in answer.text
    red.refresh_from_db()
    assert (red.base, red.version, red.draft.saved_by) == ("#c62828", 1, superuser)
    pages.post(f"{change(red)}?draft=1", sent(red, base="#b71c1c"))
    red.refresh_from_db()
    assert (red.base, red.version) == ("#b71c1c", 2)
    assert not PaletteDraft.objects.exists()


def test_an_illegible_draft_is_refused_as_well(pages, red):
    assert pages.post(change(red), sent(red, text="#e57373", _draft="1")).status_code == 200
    assert not PaletteDraft.objects.exists()


def test_a_draft_is_announced_and_can_be_discarded(pages, red):
    pages.post(change(red), sent(red, base="#b71c1c", _draft="1"))
    assert 'href="?draft=1"' in pages.get(change(red)).text
    pages.post(address("discard", red.pk))
    assert 'href="?draft=1"' not in pages.get(change(red)).text


def test_an_earlier_version_comes_back_as_the_next_one(pages, superuser, red):
    pages.post(change(red), sent(red, base="#b71c1c"))
    pages.post(address("restore", red.versions.get(version=1).pk))
    red.refresh_from_db()
    assert (red.base, red.version) == ("#c62828", 3)
    assert red.versions.get(version=3).published_by == superuser


def test_the_versions_say_what_changed(pages, red):
    pages.post(change(red), sent(red, base="#b71c1c"))
    assert "#c62828 → #b71c1c" in pages.get(change(red)).text


def test_a_file_goes_out_and_comes_in_as_a_draft(pages, red):
    answer = pages.get(address("export", red.pk))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="palette-red.json"'
    changed = json.dumps(json.loads(answer.content) | {"base": "#b71c1c"}).encode()
    back = pages.post(address("import"), {"file": SimpleUploadedFile("red.json", changed)})
    assert back.url == f"{change(red)}?draft=1"
    assert red.draft.values["base"] == "#b71c1c"


def test_a_file_of_an_unknown_palette_fills_in_the_form_of_a_new_one(pages, red):
    told = json.loads(exported(red)) | {"code": "violet", "severity": 77}
    file = SimpleUploadedFile("violet.json", json.dumps(told).encode())
    page = pages.post(address("import"), {"file": file}, follow=True)
    assert 'name="code" value="violet"' in page.text
    assert 'name="base" value="#c62828"' in page.text


@pytest.mark.parametrize("files", [{}, {"file": SimpleUploadedFile("cat.png", b"\x89PNG")}])
def test_what_cannot_come_in_is_said_on_the_list(pages, files):
    page = pages.post(address("import"), files, follow=True)
    assert page.redirect_chain[-1][0] == LIST
    assert list(page.context["messages"])
    assert not PaletteDraft.objects.exists()


def test_a_new_palette_opens_in_colours_that_can_be_read(pages):
    form = pages.get(address("add")).context["adminform"].form
    assert problems_of(Palette(**{name: form.initial[name] for name in COLOURS})) == {}


def test_the_gallery_offers_what_is_not_there_yet(pages):
    page = pages.get(LIST)
    links = [preset["link"] for preset in page.context["gallery"] if not preset["known"]]
    assert len(links) == 6
    form = pages.get(links[0])
    assert 'name="code" value="orange"' in form.text
    filled = form.context["adminform"].form.initial
    values = values_of(Palette(**{name: value for name, value in filled.items() if name != "id"}, severity=50))
    posted = {name: str(value) for name, value in values.items()} | {
        "code": "orange",
        "versions-TOTAL_FORMS": "0",
        "versions-INITIAL_FORMS": "0",
    }
    assert pages.post(address("add"), posted).status_code == 302
    assert Palette.objects.get(code="orange").version == 1


@pytest.mark.parametrize("name", ["proposal", "check", "preview"])
def test_who_may_not_edit_palettes_asks_in_vain(client, db, name):
    assert client.get(address(name), {"colour": "#6a3fa0"}).status_code == 302
