"""A whole palette from one colour: stripes, text and the three kinds of buttons, in OKLCH. Pure.

The article's second lesson: stripes and buttons had to be found by trial for every base. Here the chosen colour keeps
its hue, everything else is derived from it, and whatever comes out meets callguard.contrast.
"""

from __future__ import annotations

from collections.abc import Iterator

from coloraide import Color

from callguard.contrast import BUTTONS, SHAPE_RATIO, STRIPES, TEXT_RATIO, ratio_of

WHITE = "#ffffff"
HUES = {"answer": 145.0, "hangup": 27.0}  # OKLCH degrees: green accepts, red refuses; `other` takes the palette's own
VIVID, PALE, INK = 0.13, 0.035, 0.11  # chroma: of a dark button, of a light one, of the words on a light one
STEP = 0.005  # of OKLCH lightness: finer than an eye tells
DARKER = {"client_block": 0.035, "buttons_bar": 0.11}  # how far the stripes stand from the base: stock 7 % and 27 %
LIGHTER = {"client_block": -0.03, "buttons_bar": 0.035}


def proposal_for(colour: str) -> dict[str, str]:
    """Every colour of a palette by the name of its field, from `#rrggbb`. The base is the colour itself."""
    base = Color(colour).convert("oklch")
    light = ratio_of(colour, WHITE) < TEXT_RATIO
    stripes = _light_stripes(base) if light else _dark_stripes(base)
    own = _hue(base)
    text = _ink(own, against=stripes.values()) if light else WHITE
    found = {**stripes, "text": text}
    for button in BUTTONS:
        hue = HUES.get(button, own)
        chroma = base["chroma"] if button == "other" else 1.0  # a grey palette has grey buttons
        pair = _dark_button(hue, chroma, stripes) if light else _light_button(hue, chroma, stripes)
        found |= {f"{button}_background": pair[0], f"{button}_text": pair[1]}
    return found


def _dark_stripes(base: Color) -> dict[str, str]:
    """Each darker than the one above it: white words stay legible on all of them."""
    return {"base": _hex(base), **{name: _shade(base, base["lightness"] - by) for name, by in DARKER.items()}}


def _light_stripes(base: Color) -> dict[str, str]:
    """The client block lighter, the bar darker as far as black words allow."""
    found = {"base": _hex(base)}
    for name, by in LIGHTER.items():
        wanted = min(1.0, base["lightness"] - by)
        found[name] = next(
            shade for shade in _lightening(base, wanted) if ratio_of(shade, "#000000") >= TEXT_RATIO + 0.1
        )
    return found


def _ink(hue: float, *, against: object) -> str:
    """Almost black, with a breath of the hue; black itself where nothing less will do."""
    stripes = list(against)  # type: ignore[call-overload]  # the values of a dict
    for lightness in _down_from(0.25):
        ink = _hex(Color("oklch", [lightness, 0.02, hue]))
        if all(ratio_of(ink, stripe) >= TEXT_RATIO for stripe in stripes):
            return ink
    return "#000000"


def _light_button(hue: float, chroma: float, stripes: dict[str, str]) -> tuple[str, str]:
    """A pale button with words of its hue, for dark stripes."""
    background = WHITE
    for lightness in (0.95, 0.97, 0.985):
        pale = _hex(Color("oklch", [lightness, min(PALE, chroma), hue]))
        if _stands_out(pale, stripes):
            background = pale
            break
    for lightness in _down_from(0.45):
        words = _hex(Color("oklch", [lightness, min(INK, chroma), hue]))
        if ratio_of(words, background) >= TEXT_RATIO + 1:  # the words of a button are small
            return background, words
    return background, "#000000"


def _dark_button(hue: float, chroma: float, stripes: dict[str, str]) -> tuple[str, str]:
    """A deep button with white words, for light stripes."""
    for lightness in _down_from(0.48):
        deep = _hex(Color("oklch", [lightness, min(VIVID, chroma), hue]))
        if _stands_out(deep, stripes) and ratio_of(deep, WHITE) >= TEXT_RATIO:
            return deep, WHITE
    return "#000000", WHITE


def _stands_out(button: str, stripes: dict[str, str]) -> bool:
    return all(ratio_of(button, stripes[name]) >= SHAPE_RATIO for name in STRIPES)


def _hue(colour: Color) -> float:
    """Degrees; a grey has none and takes a blue one, which nothing shows."""
    return 250.0 if colour.is_nan("hue") else float(colour["hue"])


def _shade(base: Color, lightness: float) -> str:
    return _hex(base.clone().set("lightness", max(0.0, lightness)))


def _lightening(base: Color, lightness: float) -> Iterator[str]:
    """The shade at this lightness, then ever lighter ones, and white at last."""
    while lightness < 1.0:
        yield _shade(base, lightness)
        lightness += STEP
    yield WHITE


def _down_from(lightness: float) -> Iterator[float]:
    while lightness > 0:
        yield lightness
        lightness -= STEP


def _hex(colour: Color) -> str:
    """Fitted into sRGB by taking chroma away: the hue and the lightness stay."""
    return str(colour.convert("srgb").fit(method="oklch-chroma").to_string(hex=True))
