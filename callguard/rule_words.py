"""Rules, and what one set of them says otherwise than another, in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext

from callguard.models import StatusMatch, Tier

Snapshot = dict[str, Any]  # rules.snapshot_of


def differences(before: Iterable[Snapshot], after: Iterable[Snapshot]) -> list[str]:
    """What one set of rules says otherwise than another, a line for every rule that came, went or changed."""
    old, new = ({name_of(row): outcome_of(row) for row in rows} for rows in (before, after))
    return [
        *(f"+ {name} → {new[name]}" for name in new if name not in old),
        *(f"− {name} → {old[name]}" for name in old if name not in new),
        *(f"{name}: {old[name]} → {new[name]}" for name in new if name in old and old[name] != new[name]),
    ]


def name_of(row: Snapshot) -> str:
    """Which entities the rule speaks of, e.g. “company: В работе”."""
    return f"{Tier(row['tier']).label}: {row['status'] or StatusMatch(row['match']).label}"


def outcome_of(row: Snapshot) -> str:
    """What it does with them, e.g. “red, own clients too”."""
    colour = row["palette"] or gettext("no colour")
    return gettext("%(colour)s, own clients too") % {"colour": colour} if row["applies_to_own"] else colour
