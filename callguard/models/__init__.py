"""Tables of decisions: who may sign in, rules, palettes, substitutions, calls."""

from callguard.models.accounts import Account
from callguard.models.calls import Call, Direction, EndedBy
from callguard.models.conflicts import Conflict
from callguard.models.palettes import Palette, PaletteVersion
from callguard.models.rules import Rule, RuleSetVersion, StatusMatch, Tier
from callguard.models.substitutions import Substitution

__all__ = [
    "Account",
    "Call",
    "Conflict",
    "Direction",
    "EndedBy",
    "Palette",
    "PaletteVersion",
    "Rule",
    "RuleSetVersion",
    "StatusMatch",
    "Substitution",
    "Tier",
]
