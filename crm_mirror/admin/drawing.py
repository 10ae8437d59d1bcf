"""Charts that say the same in a table; lines differ by dashes and marks, not by colour alone. Drawn by Chart.js."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crm_mirror.admin.pieces import NOTHING

COLOURS = ("#2f74e0", "#c2620a", "#1f8f47", "#9a4fe0", "#d83a3a", "#0f8a80", "#6b7a90")  # 3 : 1 in both themes
DASHES: tuple[list[int], ...] = ([], [6, 4], [2, 3], [10, 3, 2, 3], [1, 4], [12, 4], [4, 2])
MARKS = ("circle", "triangle", "rect", "rectRot", "crossRot", "star", "cross")
Value = float | int | None


@dataclass(frozen=True)
class Line:
    title: str
    values: Sequence[Value]


@dataclass(frozen=True)
class Chart:
    """Values of several lines at the same moments. Empty when there is nothing to draw."""

    title: str
    unit: str
    moments: Sequence[str]
    lines: Sequence[Line]
    about: str = ""  # what to know of it in a sentence
    if_empty: str = ""

    @property
    def is_empty(self) -> bool:
        return not any(value for line in self.lines for value in line.values)

    @property
    def rows(self) -> list[tuple[str, list[Any]]]:
        """Of the table: moments at which there is something to say."""
        found = zip(self.moments, zip(*(line.values for line in self.lines), strict=True), strict=True)
        return [(at, [NOTHING if v is None else v for v in values]) for at, values in found if any(values)]

    @property
    def data(self) -> str:
        """Chart.js' own JSON."""
        sets = [
            {
                "label": line.title,
                "data": line.values,
                "borderColor": COLOURS[number % len(COLOURS)],
                "backgroundColor": COLOURS[number % len(COLOURS)],
                "borderDash": DASHES[number % len(DASHES)],
                "pointStyle": MARKS[number % len(MARKS)],
                "borderWidth": 2,
                "pointRadius": 3,
            }
            for number, line in enumerate(self.lines)
        ]
        return json.dumps({"labels": list(self.moments), "datasets": sets})

    @property
    def options(self) -> str:
        return json.dumps(
            {
                "animation": False,
                "maintainAspectRatio": False,
                "interaction": {"mode": "index", "intersect": False},
                "plugins": {
                    "legend": {
                        "position": "bottom",
                        "labels": {"usePointStyle": True, "boxWidth": 8, "boxHeight": 8, "padding": 16},
                    }
                },
                "scales": {
                    "x": {"grid": {"display": False}, "ticks": {"maxRotation": 0, "autoSkipPadding": 16}},
                    "y": {
                        "beginAtZero": True,
                        "ticks": {"precision": 0},
                        "title": {"display": True, "text": self.unit},
                    },
                },
            }
        )
