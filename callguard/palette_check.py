"""What the editor says of a look while it is picked: every contrast, who cannot tell it from which, what drowns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callguard import contrast
from callguard.contrast import PAIRS, ratio_of
from callguard.models import Palette
from callguard.palettes import COLOURS, name_of, values_of
from callguard.vision import ALIKE, Vision, alike, seen

# What the portal draws on the base itself and the card script leaves as it is (bitrix/call-card.md §2).
STOCK = {
    "#29ad49": gettext_lazy("the green disc of a call that is being put through"),
    "#d0021b": gettext_lazy("the red button of a folded card"),
}
DROWNS = 1.4  # contrast below which a disc is not seen against what it stands on
VISIONS = {
    Vision.FULL: gettext_lazy("as most people see it"),
    Vision.PROTANOPIA: gettext_lazy("without red (protanopia)"),
    Vision.DEUTERANOPIA: gettext_lazy("without green (deuteranopia)"),
    Vision.TRITANOPIA: gettext_lazy("without blue (tritanopia)"),
    Vision.GREYSCALE: gettext_lazy("in shades of grey"),
}
Look = Mapping[str, str]  # colour by field


@dataclass(frozen=True, slots=True)
class Measured:
    """One pair of the rule: `nearest` is a colour for `field` that would pass, "" where it passes."""

    field: str
    front: str
    back: str
    ratio: float
    needed: float
    nearest: str


def measured(look: Look) -> list[Measured]:
    """Every pair, in the order of the rule."""
    failing = {failure.pair: failure.nearest for failure in contrast.failures(look)}
    return [
        Measured(
            pair.front,
            name_of(pair.front),
            name_of(pair.back),
            ratio_of(look[pair.front], look[pair.back]),
            pair.needed,
            failing.get(pair, ""),
        )
        for pair in PAIRS
    ]


def warnings(look: Look, code: str, known: Sequence[Palette]) -> list[str]:
    """What is allowed and yet unwise, in words. `code`: of the edited palette, "" for a new one."""
    names, bases = {one.code: str(one) for one in known}, {one.code: one.base for one in known}
    found = [
        _(
            "Too close to “%(other)s” for eyes that see it %(vision)s (difference %(distance)d, at least %(wanted)d "
            "is wanted)."
        )
        % {
            "other": names[pair.other if pair.one == code else pair.one],
            "vision": VISIONS[pair.vision],
            "distance": round(pair.distance),
            "wanted": ALIKE,
        }
        for pair in alike({**bases, code: look["base"]})
        if code in (pair.one, pair.other)
    ]
    found += [
        _("On this base %(thing)s is hardly seen.") % {"thing": thing}
        for colour, thing in STOCK.items()
        if ratio_of(colour, look["base"]) < DROWNS
    ]
    return found


def side_by_side(look: Look, code: str, known: Sequence[Palette]) -> dict[str, dict[str, dict[str, str]]]:
    """vision → code of a palette → its colours as that vision sees them, the edited look in its place."""
    looks: dict[str, Look] = {one.code: values_of(one) for one in known} | {code: look}
    return {
        vision.value: {
            one: {name: seen(str(colours[name]), vision) for name in COLOURS} for one, colours in looks.items()
        }
        for vision in Vision
    }


def told(look: Look, code: str) -> dict[str, Any]:
    """All of it, as the editor's script wants it. One query."""
    known = list(Palette.objects.all())
    return {
        "pairs": [
            {
                "field": pair.field,
                "front": pair.front,
                "back": pair.back,
                "ratio": f"{int(pair.ratio * 100) / 100:.2f}",  # never rounded up to one that would pass
                "needed": f"{pair.needed:g}",
                "nearest": pair.nearest,
            }
            for pair in measured(look)
        ],
        "warnings": warnings(look, code, known),
        "looks": side_by_side(look, code, known),
        "labels": {one.code: str(one) for one in known},
    }
