"""How palettes look to people who see fewer colours, and which two of them become alike. Pure.

Colour is never the only cue (the card shows icon and label as well), so this warns and forbids nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from coloraide import Color

ALIKE = 12.0  # CIEDE2000; about where two big areas side by side are called "the same colour" at a glance


class Vision(StrEnum):
    """What coloraide calls the filter, or how nobody's eyes need one."""

    FULL = "full"
    PROTANOPIA = "protan"
    DEUTERANOPIA = "deutan"
    TRITANOPIA = "tritan"
    GREYSCALE = "grayscale"


@dataclass(frozen=True, slots=True)
class Alike:
    """Two palettes, by code, whose bases look the same to this vision. `distance`: CIEDE2000."""

    one: str
    other: str
    vision: Vision
    distance: float


def seen(colour: str, vision: Vision) -> str:
    """`#rrggbb` as this vision sees it."""
    if vision == Vision.FULL:
        return colour
    return str(Color(colour).filter(vision.value).convert("srgb").fit().to_string(hex=True))


def distance(one: str, other: str, vision: Vision = Vision.FULL) -> float:
    """CIEDE2000: 0 the same, 1 just to be told apart side by side, 100 black and white."""
    return float(Color(seen(one, vision)).delta_e(seen(other, vision), method="2000"))


def alike(bases: Mapping[str, str]) -> list[Alike]:
    """Pairs of palettes (code → base colour) that somebody cannot tell apart, the nearest first."""
    found = [
        Alike(one, other, vision, between)
        for (one, first), (other, second) in combinations(sorted(bases.items()), 2)
        for vision in Vision
        if (between := distance(first, second, vision)) < ALIKE
    ]
    return sorted(found, key=lambda pair: pair.distance)
