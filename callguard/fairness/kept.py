"""How long what a judgement rests on can be looked up again: the mirror forgets (crm_mirror.retention)."""

from __future__ import annotations

from datetime import datetime, timedelta

from crm_mirror.retention import DAYS

REMEMBERED = timedelta(days=DAYS - 1)  # a day of grace for what happened shortly before a call
# Grounds that rest on what is forgotten. Of older conflicts what was found once stands.
PERISHABLE = frozenset({"manager", "just_changed", "called_back", "forwarded", "own_error"})


def feed_remembers_since(at: datetime) -> datetime:
    return at - REMEMBERED


def stands(ground: str, *, rung_at: datetime, at: datetime) -> bool:
    """Whether an excuse that is not found again is one all the same."""
    return ground in PERISHABLE and rung_at < feed_remembers_since(at)
