"""The dashboard's charts: stacked bars, told apart by pattern and order as well as by colour."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_mirror.admin.drawing import Chart, Line


@dataclass(frozen=True)
class Look:
    """`pattern`: one that dashboard.js draws. The colour holds 3 : 1 against the ground of both themes."""

    colour: str
    pattern: str


LOOKS: Mapping[str, Look] = {  # what a bar means → how it looks on every chart
    "heeded": Look("#1f8f47", "solid"),
    "proceeded": Look("#d83a3a", "stripes"),
    "open": Look("#c2620a", "grid"),
    "apart": Look("#2f74e0", "dots"),  # excused and pending: nobody is blamed
    "before": Look("#6b7a90", "outline"),  # no colour was shown
}


@dataclass(frozen=True)
class Bar(Line):
    """`means`: a key of LOOKS."""

    means: str


@dataclass(frozen=True)
class Mark:
    """A line across the chart, with words beside it. `place`: in bars from the left edge, 1.5 is amid the second."""

    place: float
    words: str


@dataclass(frozen=True)
class Bars(Chart):
    """`over`: what the bars stand for, the title of the table's first column."""

    lines: Sequence[Bar]
    over: str = field(default="", kw_only=True)
    mark: Mark | None = field(default=None, kw_only=True)

    @property
    def kind(self) -> str:
        return "bar"

    @property
    def data(self) -> str:
        return json.dumps({"labels": list(self.moments), "datasets": [dataset(line) for line in self.lines]})

    @property
    def options(self) -> str:
        chosen: dict[str, Any] = json.loads(super().options)
        chosen["plugins"]["legend"]["labels"] = {"boxWidth": 18, "boxHeight": 12, "padding": 16}
        chosen["plugins"]["callguard"] = {"mark": self.mark and vars(self.mark)}
        for axis in chosen["scales"].values():
            axis["stacked"] = True
        return json.dumps(chosen)


def dataset(line: Bar) -> dict[str, Any]:
    look = LOOKS[line.means]
    return {
        "label": line.title,
        "data": list(line.values),
        "pattern": look.pattern,
        "ink": look.colour,
        "backgroundColor": look.colour,
        "borderColor": look.colour,
        "borderWidth": 1,
        "maxBarThickness": 40,
    }
