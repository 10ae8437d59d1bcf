"""WCAG 2.2 contrast of a palette's colours, and the nearest colour that would do.

Colours are `#rrggbb`; a ratio runs from 1 to 21. A palette is a mapping of its fields by name (models.Palette).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import dist

TEXT_RATIO = 4.5  # WCAG 2.2, 1.4.3: text against what it stands on
SHAPE_RATIO = 3.0  # WCAG 2.2, 1.4.11: a button against the stripe around it
STRIPES = ("base", "client_block", "buttons_bar")
BUTTONS = ("answer", "hangup", "other")
RGB = tuple[int, int, int]
WHITE, BLACK = (255, 255, 255), (0, 0, 0)


@dataclass(frozen=True)
class Pair:
    """Two fields of a palette that must differ by `needed`; `front` is the one to change when they do not."""

    front: str
    back: str
    needed: float


@dataclass(frozen=True)
class Failure:
    """A pair that does not reach its ratio, and the colour for `front` closest to the present one that would."""

    pair: Pair
    ratio: float
    nearest: str


PAIRS: tuple[Pair, ...] = (
    *(Pair("text", stripe, TEXT_RATIO) for stripe in STRIPES),
    *(Pair(f"{button}_text", f"{button}_background", TEXT_RATIO) for button in BUTTONS),
    *(Pair(f"{button}_background", stripe, SHAPE_RATIO) for button in BUTTONS for stripe in STRIPES),
)


def rgb(colour: str) -> RGB:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def hexadecimal(colour: RGB) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def luminance(colour: str) -> float:
    """Relative luminance, 0 for black to 1 for white."""
    red, green, blue = (_linear(channel / 255) for channel in rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio_of(one: str, other: str) -> float:
    """Contrast ratio of two colours, whichever is the lighter."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def failures(colours: Mapping[str, str]) -> list[Failure]:
    """The pairs of a palette that fail, in the order of the rule; empty when the card is legible."""
    found = []
    for pair in PAIRS:
        ratio = ratio_of(colours[pair.front], colours[pair.back])
        if ratio < pair.needed:
            found.append(Failure(pair, ratio, nearest_for(pair, colours)))
    return found


def nearest_for(failing: Pair, colours: Mapping[str, str]) -> str:
    """A colour for the failing field that passes wherever the field is used; else at least in this pair."""
    field = failing.front
    partners = [(_other(pair, field), pair.needed) for pair in PAIRS if field in (pair.front, pair.back)]
    # A button's text is repaired after the button: only stripes bind a background.
    everywhere = [(colours[name], needed) for name, needed in partners if name != field.replace("_background", "_text")]
    here = [(colours[failing.back], failing.needed)]
    return nearest(colours[field], everywhere) or nearest(colours[field], here) or colours[field]


def nearest(colour: str, against: Iterable[tuple[str, float]]) -> str | None:
    """The least lightened or darkened `colour` that has each ratio against its partner; None when no shade has."""
    wanted = list(against)
    for shade in sorted(_shades(rgb(colour)), key=lambda shade: dist(shade, rgb(colour))):
        candidate = hexadecimal(shade)
        if all(ratio_of(candidate, partner) >= needed for partner, needed in wanted):
            return candidate
    return None


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _other(pair: Pair, field: str) -> str:
    return pair.back if field == pair.front else pair.front


def _shades(colour: RGB) -> Iterator[RGB]:
    """The colour itself, then mixed with ever more white and ever more black: its hue stays."""
    for end in (WHITE, BLACK):
        for step in range(256):
            red, green, blue = (
                round(here + (there - here) * step / 255) for here, there in zip(colour, end, strict=True)
            )
            yield red, green, blue
