"""The gallery a supervisor picks from: bases that were chosen by eye on the card itself, each with its words.

The article's red, yellow and blue come first; what the rest of a palette looks like follows from the base
(callguard.proposal).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from callguard.proposal import proposal_for


@dataclass(frozen=True, slots=True)
class Preset:
    """`icon`: one that the card script draws."""

    code: str
    base: str
    icon: str
    label_ru: str
    label_en: str


PRESETS = (
    Preset("red", "#c62828", "stop", "Чужой клиент", "A colleague's client"),
    Preset("yellow", "#fdd835", "warning", "Уточните ответственного", "Check who is responsible"),
    Preset("blue", "#1565c0", "info", "Известный лид", "A known lead"),
    Preset("orange", "#ef8a17", "warning", "Спросите руководителя", "Ask the supervisor"),
    Preset("crimson", "#9c1c4b", "stop", "Не звонить", "Do not call"),
    Preset("violet", "#6a3fa0", "info", "Ключевой клиент", "A key client"),
    Preset("teal", "#00695c", "info", "Постоянный клиент", "A regular client"),
    Preset("mint", "#9fd8b4", "info", "Свой клиент", "Your own client"),
    Preset("graphite", "#37474f", "stop", "Должник", "In arrears"),
)


@cache
def looks() -> dict[str, dict[str, str]]:
    """Every preset's colours by field, by its code. Worked out once a process: a few milliseconds each."""
    return {preset.code: proposal_for(preset.base) for preset in PRESETS}
