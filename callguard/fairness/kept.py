"""How long what a judgement rests on can be looked up again: the mirror forgets (crm_mirror.retention)."""

from __future__ import annotations

from datetime import datetime, timedelta

from callguard.fairness.grounds import Proof
from callguard.masks import is_masked
from callguard.models import Call, Excuse, Ground
from crm_mirror.retention import DAYS

REMEMBERED = timedelta(days=DAYS - 1)  # a day of grace for what happened shortly before a call
FORGOTTEN: Proof = {"why": "forgotten"}  # of an own error; it is never replaced by another proof
# Grounds that rest on what is forgotten. Of older conflicts what was found once stands.
PERISHABLE = frozenset({Ground.MANAGER, Ground.JUST_CHANGED, Ground.CALLED_BACK, Ground.FORWARDED, Ground.OWN_ERROR})
# Those for which calls are told apart by their number: a masked one tells nothing.
BY_NUMBER = frozenset({Ground.JUST_CHANGED, Ground.CALLED_BACK, Ground.FORWARDED, Ground.OWN_ERROR})


def feed_remembers_since(at: datetime) -> datetime:
    return at - REMEMBERED


def stands(excuse: Excuse, *, of: Call, at: datetime) -> bool:
    """Whether one that is not found again is an excuse all the same. Substitutions and versions of the rules are never
    forgotten."""
    if excuse.ground == Ground.DECISION:
        return True
    if not _is_perishable(excuse):
        return False
    return of.rung_at < feed_remembers_since(at) or (excuse.ground in BY_NUMBER and is_masked(of.number))


def is_beyond_judging(call: Call, *, at: datetime) -> bool:
    """Whether nobody looked for excuses while they could be found: calls from before an upgrade, or a long silence."""
    return call.judged_at is None and call.rung_at < feed_remembers_since(at)


def _is_perishable(excuse: Excuse) -> bool:
    why = excuse.proof.get("why")
    if excuse.ground == Ground.RESPONSIBLE_GONE:
        return bool(why == "inactive")
    return excuse.ground in PERISHABLE and why != "rules"
