"""A palette from one colour: whatever the colour, the card is legible and looks like it was asked to."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from callguard import contrast
from callguard.palettes import COLOURS
from callguard.presets import PRESETS, looks
from callguard.proposal import proposal_for
from tests.callguard.test_contrast import COLOUR


@given(COLOUR)
@example("#000000")
@example("#ffffff")
@example("#777777")  # neither black nor white has much room on it
@example("#767676")
@example("#0000ff")
@example("#ffff00")
def test_every_colour_makes_a_legible_palette(colour):
    found = proposal_for(colour)
    assert set(found) == set(COLOURS)
    assert contrast.failures(found) == []


@given(COLOUR)
def test_the_base_is_the_colour_that_was_picked(colour):
    assert proposal_for(colour)["base"] == colour


@pytest.mark.parametrize("colour", ["#c62828", "#1565c0", "#00695c"])
def test_on_a_dark_base_the_stripes_grow_darker_and_the_words_are_white(colour):
    found = proposal_for(colour)
    light = [contrast.luminance(found[name]) for name in contrast.STRIPES]
    assert light == sorted(light, reverse=True)
    assert len(set(light)) == 3
    assert found["text"] == "#ffffff"


def test_on_a_light_base_words_are_dark_and_buttons_deep():
    found = proposal_for("#fdd835")
    assert contrast.luminance(found["text"]) < 0.03
    assert all(contrast.luminance(found[f"{button}_background"]) < 0.2 for button in contrast.BUTTONS)


def test_answering_is_green_and_hanging_up_red_whatever_the_palette():
    for colour in ("#c62828", "#fdd835", "#1565c0"):
        found = proposal_for(colour)
        deep = "text" if colour != "#fdd835" else "background"
        red, green, _blue = contrast.rgb(found[f"answer_{deep}"])
        assert green > red
        red, green, _blue = contrast.rgb(found[f"hangup_{deep}"])
        assert red > green


def test_a_grey_palette_has_grey_buttons_but_for_the_two_that_mean_something():
    channels = contrast.rgb(proposal_for("#444444")["other_text"])
    assert max(channels) - min(channels) <= 2


@given(st.sampled_from(PRESETS))
def test_the_gallery_is_legible(preset):
    assert contrast.failures(looks()[preset.code]) == []


def test_the_gallery_begins_with_the_articles_three():
    assert [preset.code for preset in PRESETS[:3]] == ["red", "yellow", "blue"]
    assert len({preset.code for preset in PRESETS}) == len(PRESETS)
