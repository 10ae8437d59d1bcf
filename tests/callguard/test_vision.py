"""Who cannot tell which palettes apart."""

from __future__ import annotations

import pytest

from callguard.vision import Vision, alike, distance, seen

RED, GREEN, BLUE, YELLOW = "#c62828", "#4f7a28", "#1565c0", "#fdd835"


def test_full_colour_vision_changes_nothing():
    assert seen(RED, Vision.FULL) == RED


def test_shades_of_grey_have_three_equal_channels():
    grey = seen(RED, Vision.GREYSCALE)
    assert grey[1:3] == grey[3:5] == grey[5:7]


def test_red_and_green_come_close_without_green_but_not_for_others():
    assert distance(RED, GREEN, Vision.DEUTERANOPIA) < distance(RED, GREEN) / 2


def test_the_articles_three_are_told_apart_by_every_eye_and_blue_and_red_are_one_grey():
    found = alike({"red": RED, "yellow": YELLOW, "blue": BLUE})
    assert [(pair.one, pair.other, pair.vision) for pair in found] == [("blue", "red", Vision.GREYSCALE)]


def test_two_reds_are_alike_for_everybody():
    assert {pair.vision for pair in alike({"a": RED, "b": "#c72a2a"})} == set(Vision)


@pytest.mark.parametrize("bases", [{}, {"only": RED}])
def test_nobody_confuses_what_stands_alone(bases):
    assert alike(bases) == []
