"""Whose word counts where both sides edit, however ours, theirs and what was agreed on stand to each other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crm_mirror.sync.exchange import Edits, Side, whose

LOOK = datetime(2026, 11, 24, 12, tzinfo=UTC)
BEFORE, AFTER, NEVER = LOOK - timedelta(minutes=1), LOOK + timedelta(seconds=1), None

TABLE = [
    # ours, theirs, agreed, edited, under way, whose
    ("A", "A", "A", NEVER, [], Side.BOTH),
    ("B", "B", "A", BEFORE, [], Side.BOTH),  # both made the same of it, or ours has come back
    ("A", "B", "A", NEVER, [], Side.THEIRS),
    ("B", "A", "A", BEFORE, [], Side.OURS),
    ("B", "A", "A", AFTER, [], Side.OURS),
    ("A", "C", "A", BEFORE, [], Side.THEIRS),  # another fact of the row is what we edited
    ("B", "C", "A", BEFORE, [], Side.THEIRS_LATER),
    ("B", "C", "A", LOOK, [], Side.THEIRS_LATER),
    ("B", "C", "A", AFTER, [], Side.OURS_LATER),  # edited after the portal was asked, before its answer was written
    ("D", "B", "A", BEFORE, ["B"], Side.OURS),  # our first edit come back while the second waits
    ("D", "C", "A", BEFORE, ["B"], Side.THEIRS_LATER),
    ("A", "B", "A", BEFORE, ["B"], Side.OURS),  # taken back here, and the first edit is still on its way
    ("B", "A", "B", NEVER, [], Side.THEIRS),  # taken by the portal and taken back there before we looked
    ("A", "B", None, NEVER, [], Side.THEIRS),  # never exchanged: the portal's word
]


@pytest.mark.parametrize(("ours", "theirs", "agreed", "edited_at", "under_way", "expected"), TABLE)
def test_whose_word_it_has(ours, theirs, agreed, edited_at, under_way, expected):
    assert whose(ours, theirs, agreed, Edits(LOOK, edited_at, under_way)) == expected


def test_the_table_knows_every_side():
    assert {row[-1] for row in TABLE} == set(Side)
