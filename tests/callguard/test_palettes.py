"""Palettes as shipped and as published: legible or refused, and every version kept."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override

from callguard import history, palettes
from callguard.models import About, Palette, PaletteVersion

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)


@pytest.fixture
def red():
    return Palette.objects.get(code="red")


def test_red_yellow_and_blue_are_shipped_and_legible():
    shipped = {palette.code: palettes.problems_of(palette) for palette in Palette.objects.all()}
    assert shipped == {"red": {}, "yellow": {}, "blue": {}}


def test_each_shipped_palette_has_its_first_version_kept():
    for palette in Palette.objects.all():
        assert palette.versions.get(version=1).values == palettes.values_of(palette)


def test_publishing_makes_the_next_version_and_keeps_the_old_one(red, django_user_model):
    root = django_user_model.objects.create(username="root")
    red.base = "#b71c1c"
    made = palettes.publish(red, by=root, at=NOON)
    assert (made.version, made.published_by, made.published_at) == (2, root, NOON)
    assert [row.values["base"] for row in red.versions.order_by("version")] == ["#c62828", "#b71c1c"]
    red.refresh_from_db()
    assert (red.version, red.base) == (2, "#b71c1c")


def test_publishing_is_in_the_history_with_who_did_it(red, django_user_model):
    root = django_user_model.objects.create_superuser("root")
    red.base = "#b71c1c"
    palettes.publish(red, by=root, at=NOON)
    line = history.of(About.PALETTE, "red").get()
    assert (line.before["base"], line.after["base"], line.actor_name) == ("#c62828", "#b71c1c", "root")


def test_a_stale_copy_of_the_row_does_not_take_a_version_twice(red):
    stale = Palette.objects.get(code="red")
    palettes.publish(red, by=None, at=NOON)
    assert palettes.publish(stale, by=None, at=NOON).version == 3


def test_a_new_palette_begins_with_version_one(red):
    violet = Palette(code="violet", **(palettes.values_of(red) | {"severity": 40}))
    assert palettes.publish(violet, by=None, at=NOON).version == 1


def test_an_illegible_palette_is_refused_and_nothing_is_written(red):
    red.text = "#e57373"
    with pytest.raises(ValidationError) as refusal:
        palettes.publish(red, by=None, at=NOON)
    assert set(refusal.value.message_dict) == {"text"}
    assert Palette.objects.get(code="red").text == "#ffffff"
    assert PaletteVersion.objects.filter(palette=red).count() == 1


def test_the_refusal_names_the_pair_the_ratio_and_a_colour_that_passes(red):
    red.hangup_background, red.hangup_text = "#212121", "#ffffff"
    with override("en"):
        first = palettes.problems_of(red)["hangup_background"][0]
    assert first.startswith("“hang-up button” #212121 on “base” #c62828: contrast 2.86 : 1, at least 3 : 1 is needed.")
    red.hangup_background = first.removesuffix(".").split()[-1]
    assert "hangup_background" not in palettes.problems_of(red)


def test_a_ratio_that_fails_is_never_rounded_up_to_one_that_passes(red):
    red.base = red.client_block = red.buttons_bar = "#ffffff"
    red.text = "#777777"  # 4.478
    with override("en"):
        assert "contrast 4.47 : 1, at least 4.5 : 1" in palettes.problems_of(red)["text"][0]


def test_a_malformed_colour_is_refused(red):
    red.base = "red"
    with pytest.raises(ValidationError) as refusal:
        palettes.publish(red, by=None, at=NOON)
    assert "base" in refusal.value.message_dict


def test_the_answer_speaks_the_contracts_words(red):
    answer = palettes.palette_json(palettes.values_of(red), code="red", version=3, language="en")
    assert list(answer) == ["code", "version", "label", "icon", "background", "stripes", "text", "buttons"]
    assert (answer["code"], answer["version"], answer["label"]) == ("red", 3, "A colleague's client")
    assert answer["stripes"] == ["#c62828", "#b71c1c", "#8e1515"]
    assert answer["buttons"]["hangup"] == {"background": "#ffcdd2", "text": "#7f0000"}
