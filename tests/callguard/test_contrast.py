"""WCAG's arithmetic and the rule of contract.md: legible text, visible buttons, a colour that would pass."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callguard import contrast

COLOUR = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
LEGIBLE = {
    **dict.fromkeys(contrast.STRIPES, "#c62828"),
    "text": "#ffffff",
    **{f"{button}_background": "#ffffff" for button in contrast.BUTTONS},
    **{f"{button}_text": "#8e1515" for button in contrast.BUTTONS},
}


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.48),  # the grey that famously just fails
        ("#767676", "#ffffff", 4.54),  # and the one that just passes
        ("#ff0000", "#ffffff", 4.00),
        ("#0000ff", "#ffffff", 8.59),
        ("#00ff00", "#000000", 15.30),
        ("#212121", "#8e1515", 1.74),  # contract.md's own example of a red palette, refused here
    ],
)
def test_ratios_are_those_of_wcag(one, other, ratio):
    assert contrast.ratio_of(one, other) == pytest.approx(ratio, abs=0.005)
    assert contrast.ratio_of(other, one) == contrast.ratio_of(one, other)


def test_the_rule_names_fifteen_pairs():
    assert len(set(contrast.PAIRS)) == 3 + 3 + 9


def test_a_legible_palette_has_no_failures():
    assert contrast.failures(LEGIBLE) == []


@pytest.mark.parametrize("pair", contrast.PAIRS, ids=lambda pair: f"{pair.front} on {pair.back}")
def test_every_pair_of_the_rule_is_measured(pair):
    same = LEGIBLE | {pair.front: LEGIBLE[pair.back]}
    failure = next(failure for failure in contrast.failures(same) if failure.pair == pair)
    assert failure.ratio == 1.0
    assert contrast.ratio_of(failure.nearest, same[pair.back]) >= pair.needed


def test_the_nearest_colour_for_text_passes_on_every_stripe():
    dim = LEGIBLE | {"base": "#c62828", "client_block": "#b71c1c", "buttons_bar": "#8e1515", "text": "#e57373"}
    nearest = contrast.failures(dim)[0].nearest
    assert all(contrast.ratio_of(nearest, dim[stripe]) >= contrast.TEXT_RATIO for stripe in contrast.STRIPES)


def test_the_nearest_colour_for_a_button_passes_on_every_stripe():
    dark = LEGIBLE | {"buttons_bar": "#8e1515", "hangup_background": "#212121", "hangup_text": "#ffffff"}
    nearest = contrast.failures(dark)[0].nearest
    assert all(contrast.ratio_of(nearest, dark[stripe]) >= contrast.SHAPE_RATIO for stripe in contrast.STRIPES)


def test_the_nearest_grey_on_white_is_the_grey_that_just_passes():
    assert contrast.nearest("#777777", [("#ffffff", contrast.TEXT_RATIO)]) == "#767676"


def test_stripes_too_far_apart_for_one_text_still_get_an_answer_for_the_pair_that_fails():
    torn = LEGIBLE | {"base": "#ffffff", "client_block": "#000000", "buttons_bar": "#777777", "text": "#808080"}
    failure = contrast.failures(torn)[0]
    assert contrast.ratio_of(failure.nearest, torn[failure.pair.back]) >= failure.pair.needed


@given(COLOUR, COLOUR)
def test_against_one_colour_there_is_always_one_that_passes(colour, partner):
    found = contrast.nearest(colour, [(partner, contrast.TEXT_RATIO)])
    assert found is not None
    assert contrast.ratio_of(found, partner) >= contrast.TEXT_RATIO


@given(COLOUR, COLOUR)
def test_a_colour_that_passes_already_is_its_own_nearest(colour, partner):
    if contrast.ratio_of(colour, partner) >= contrast.SHAPE_RATIO:
        assert contrast.nearest(colour, [(partner, contrast.SHAPE_RATIO)]) == colour
