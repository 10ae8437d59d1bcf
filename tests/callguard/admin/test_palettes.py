"""Palettes in the admin: a legible one becomes a version, an illegible one is refused with a colour that would do."""

from __future__ import annotations

import pytest
from django.urls import reverse

from callguard.models import Palette
from callguard.palettes import LOOK, values_of

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}
NO_INLINES = {"versions-TOTAL_FORMS": "0", "versions-INITIAL_FORMS": "0"}


@pytest.fixture
def red():
    return Palette.objects.get(code="red")


def sent(palette, **edited):
    return {name: str(value) for name, value in values_of(palette).items()} | NO_INLINES | edited


def change(palette):
    return reverse("admin:callguard_palette_change", args=[palette.pk])


def test_saving_makes_a_version_in_the_name_of_who_saved(pages, superuser, red):
    assert pages.post(change(red), sent(red, base="#B71C1C")).status_code == 302
    newest = red.versions.order_by("-version")[0]
    assert (newest.version, newest.published_by, newest.values["base"]) == (2, superuser, "#b71c1c")


def test_saving_what_was_there_makes_no_version(pages, red):
    assert pages.post(change(red), sent(red)).status_code == 302
    assert red.versions.count() == 1


def test_an_illegible_palette_is_refused_with_the_pair_and_a_colour_that_passes(pages, red):
    page = pages.post(change(red), sent(red, hangup_background="#212121", hangup_text="#ffffff"), headers=ENGLISH)
    assert page.status_code == 200
    errors = page.context["adminform"].form.errors
    assert set(errors) == {"hangup_background"}
    assert "“hang-up button” #212121 on “buttons bar” #8e1515: contrast 1.73 : 1" in errors["hangup_background"][2]
    assert red.versions.count() == 1
    nearest = errors["hangup_background"][0].removesuffix(".").split()[-1]
    again = pages.post(change(red), sent(red, hangup_background=nearest, hangup_text="#000000"))
    assert again.status_code == 302


def test_the_refused_colours_stay_in_the_form(pages, red):
    page = pages.post(change(red), sent(red, text="#e57373"))
    assert 'type="color" name="text" value="#e57373"' in page.text


def test_a_new_palette_is_added_as_its_first_version(pages, red):
    add = reverse("admin:callguard_palette_add")
    assert pages.post(add, sent(red, code="violet", severity="40")).status_code == 302
    assert Palette.objects.get(code="violet").versions.get().version == 1


def test_the_code_of_a_palette_stays(pages, red):
    pages.post(change(red), sent(red, code="crimson", base="#b71c1c"))
    red.refresh_from_db()
    assert (red.code, red.version) == ("red", 2)


def test_a_palette_that_a_rule_paints_with_cannot_be_removed(pages, red):
    assert pages.post(reverse("admin:callguard_palette_delete", args=[red.pk]), {"post": "yes"}).status_code == 403
    action = {"action": "delete_selected", "_selected_action": [str(red.pk)], "post": "yes"}
    pages.post(reverse("admin:callguard_palette_changelist"), action)
    assert Palette.objects.filter(code="red").exists()


def test_an_unused_palette_can_be_removed(pages, red):
    spare = Palette.objects.create(code="spare", **(values_of(red) | {"severity": 99}))
    assert pages.post(reverse("admin:callguard_palette_delete", args=[spare.pk]), {"post": "yes"}).status_code == 302
    assert not Palette.objects.filter(code="spare").exists()


def test_the_page_shows_the_card_and_every_version(pages, red):
    pages.post(change(red), sent(red, base="#b71c1c"))
    text = pages.get(change(red)).text
    assert "data-callguard-card" in text
    assert "--base:#b71c1c" in text
    assert text.count('title="base: ') + text.count('title="основа: ') == 2


def test_the_form_edits_everything_that_a_version_keeps(pages, red):
    assert set(LOOK) <= set(pages.get(change(red)).context["adminform"].form.fields)
