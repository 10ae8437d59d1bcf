"""How long what a judgement rests on can be looked up again: the mirror forgets (crm_mirror.retention)."""

from __future__ import annotations

from datetime import datetime, timedelta

from callguard.models import Excuse, Ground
from crm_mirror.retention import DAYS

REMEMBERED = timedelta(days=DAYS - 1)  # a day of grace for what happened shortly before a call
# Grounds that rest on what is forgotten. Of older conflicts what was found once stands.
PERISHABLE = frozenset({Ground.MANAGER, Ground.JUST_CHANGED, Ground.CALLED_BACK, Ground.FORWARDED, Ground.OWN_ERROR})


def feed_remembers_since(at: datetime) -> datetime:
    return at - REMEMBERED


def stands(excuse: Excuse, *, rung_at: datetime, at: datetime) -> bool:
    """Whether one that is not found again is an excuse all the same. Versions of the rules are never forgotten."""
    is_forgotten = excuse.ground in PERISHABLE and excuse.proof.get("why") != "rules"
    return excuse.ground == Ground.DECISION or (is_forgotten and rung_at < feed_remembers_since(at))
