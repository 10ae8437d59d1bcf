"""A fact that both sides may edit, held against what they agreed on last: whose word counts now. Pure.

The portal tells no time of a change of a status. What a look shows, and what differs from what was agreed on last, is
taken for a change made at the time of that look; ours has its own time. The later one wins.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

Word = str | int | None


class Side(StrEnum):
    BOTH = "both"  # say the same
    OURS = "ours"  # edited here only: it stays, and goes to the portal
    THEIRS = "theirs"  # edited in the portal only
    OURS_LATER = "ours_later"  # both were edited
    THEIRS_LATER = "theirs_later"

    @property
    def is_theirs(self) -> bool:
        return self in {Side.THEIRS, Side.THEIRS_LATER}


@dataclass(frozen=True, slots=True)
class Edits:
    """`edited_at`: of our edit that the portal has not taken yet, None for none. `under_way`: what we have sent since
    the sides agreed last, which is no edit of the portal's when it is seen there."""

    seen_at: datetime
    edited_at: datetime | None = None
    under_way: Collection[Word] = ()


def whose(ours: Word, theirs: Word, agreed: Word, edits: Edits) -> Side:
    if theirs == ours:
        return Side.BOTH
    if edits.edited_at is None:
        return Side.THEIRS
    if theirs == agreed or theirs in edits.under_way:
        return Side.OURS
    if ours == agreed:  # another fact of the same row was edited
        return Side.THEIRS
    return Side.OURS_LATER if edits.edited_at > edits.seen_at else Side.THEIRS_LATER
