"""Tables of decisions: who may sign in, rules, palettes, substitutions, calls."""

from callguard.models.accounts import Account, AdministratorList
from callguard.models.calls import Call, Direction, EndedBy
from callguard.models.cleaning import CleaningDay, CleaningItem, CleaningLook, CleaningPart, Flaw
from callguard.models.conflicts import Conflict
from callguard.models.decisions import Comment, Decision
from callguard.models.disputes import Dispute, DisputeReason, DisputeState
from callguard.models.fairness import Excuse, ExcuseRule, Ground
from callguard.models.history import About, AppendOnly, History, Origin
from callguard.models.kpi import DealMark
from callguard.models.notices import DigestChoice, Letter, Notice, NoticeSettings, Rhythm, Weekday
from callguard.models.palettes import Palette, PaletteDraft, PaletteVersion
from callguard.models.privacy import AccessLog, Opened, Retention
from callguard.models.roles import KnownRole
from callguard.models.rules import Rule, RuleSetVersion, StatusMatch, Tier
from callguard.models.setup import PortalLook
from callguard.models.statuses import CompanyStatus, Newcomer
from callguard.models.substitutions import Substitution
from callguard.models.takeovers import Takeover
from callguard.models.tallies import CallTally, CallWeek, ConflictState, ConflictTally, TallyState
from callguard.models.workshop import RuleDraft

__all__ = [
    "About",
    "AccessLog",
    "Account",
    "AdministratorList",
    "AppendOnly",
    "Call",
    "CallTally",
    "CallWeek",
    "CleaningDay",
    "CleaningItem",
    "CleaningLook",
    "CleaningPart",
    "Comment",
    "CompanyStatus",
    "Conflict",
    "ConflictState",
    "ConflictTally",
    "DealMark",
    "Decision",
    "DigestChoice",
    "Direction",
    "Dispute",
    "DisputeReason",
    "DisputeState",
    "EndedBy",
    "Excuse",
    "ExcuseRule",
    "Flaw",
    "Ground",
    "History",
    "KnownRole",
    "Letter",
    "Newcomer",
    "Notice",
    "NoticeSettings",
    "Opened",
    "Origin",
    "Palette",
    "PaletteDraft",
    "PaletteVersion",
    "PortalLook",
    "Retention",
    "Rhythm",
    "Rule",
    "RuleDraft",
    "RuleSetVersion",
    "StatusMatch",
    "Substitution",
    "Takeover",
    "TallyState",
    "Tier",
    "Weekday",
]
