"""Rule sets as rows, as a version keeps them (rules.snapshot_of): in force, of the draft, of an earlier version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from callguard import verdict
from callguard.models import Palette, StatusMatch, Tier
from callguard.rules import COMPANY_TIERS
from crm_mirror.models import Status

Row = dict[str, Any]
Key = tuple[str, str, int | None]  # tier, match, row ID of the status: no two rules of a set share it


@dataclass(frozen=True)
class Reference:
    """The statuses and palettes there are now. Rows name them; not all that an old version names are still there."""

    statuses: tuple[Status, ...]  # in their order, retired ones too
    palettes: Mapping[str, Palette]

    @classmethod
    def now(cls) -> Reference:
        """Two queries."""
        return cls(tuple(Status.objects.all()), {row.code: row for row in Palette.objects.order_by("-severity")})

    def status_of(self, row: Row) -> Status | None:
        """By the portal's value, which outlives a new name; else by name: seeded values are replaced by the first sync,
        and old snapshots keep none."""
        if row["match"] != StatusMatch.ONE:
            return None
        by_value = (status for status in self.statuses if status.value == row.get("status_value"))
        by_name = (status for status in self.statuses if status.name == row["status"])
        return next(by_value, None) or next(by_name, None)

    def palette_of(self, row: Row) -> Palette | None:
        return self.palettes.get(row["palette"]) if row["palette"] else None

    def knows(self, row: Row) -> bool:
        """Whether the rule can be followed: its status and its palette still exist."""
        status_lost = row["match"] == StatusMatch.ONE and self.status_of(row) is None
        return not status_lost and not (row["palette"] and self.palette_of(row) is None)

    def key_of(self, row: Row) -> Key:
        status = self.status_of(row)
        return (row["tier"], row["match"], status.pk if status else None)

    def lost(self, rows: Iterable[Row]) -> list[Row]:
        """Rules whose status or palette no longer exists."""
        return [row for row in rows if not self.knows(row)]

    def known(self, rows: Iterable[Row]) -> list[Row]:
        return [row for row in rows if self.knows(row)]

    def gaps(self, rows: Iterable[Row]) -> list[tuple[Tier, Status]]:
        """Statuses in use that a company tier would have no rule for (as rules.gaps, of any set)."""
        keys = {self.key_of(row) for row in self.known(rows)}
        return [
            (tier, status)
            for tier in COMPANY_TIERS
            for status in self.statuses
            if status.retired_at is None
            and not keys & {(tier, StatusMatch.ONE, status.pk), (tier, StatusMatch.ANY, None)}
        ]

    def rule_set(self, rows: Iterable[Row], version: int) -> verdict.RuleSet:
        """What `verdict.decide` eats. Rules that cannot be followed are left out."""
        return verdict.RuleSet(version, tuple(self._pure(row) for row in self.known(rows)))

    def _pure(self, row: Row) -> verdict.Rule:
        status, palette = self.status_of(row), self.palette_of(row)
        return verdict.Rule(
            tier=verdict.Tier(row["tier"]),
            match=row["match"],
            status_row_id=status.pk if status else None,
            palette=palette.code if palette else None,
            severity=palette.severity if palette else -1,
            applies_to_own=row["applies_to_own"],
        )


@dataclass(frozen=True)
class Place:
    """A line of the table: a step, and whom a rule there speaks of."""

    tier: Tier
    match: StatusMatch
    status: Status | None = None

    @property
    def key(self) -> Key:
        return (self.tier, self.match, self.status.pk if self.status else None)

    @property
    def name(self) -> str:
        """For a form's fields, e.g. company-one-3."""
        return "-".join(str(part) for part in self.key if part is not None)

    @property
    def title(self) -> str:
        return str(self.status.name if self.status else self.match.label)

    def row(self, palette: str | None, *, applies_to_own: bool) -> Row:
        return {
            "tier": self.tier.value,
            "match": self.match.value,
            "status": self.status.name if self.status else None,
            "status_value": self.status.value if self.status else None,
            "palette": palette,
            "applies_to_own": applies_to_own,
        }


def places(reference: Reference, *sets: Iterable[Row]) -> list[Place]:
    """Every line that a table of these sets needs: step by step, statuses in their order, the general rules last.

    Only companies have statuses; for contacts and leads one general rule is enough, others show where a set has them.
    """
    used = {reference.key_of(row) for rows in sets for row in reference.known(rows)}
    return [
        place for tier in Tier for place in _all_of(tier, reference.statuses) if _is_offered(place) or place.key in used
    ]


def _all_of(tier: Tier, statuses: Iterable[Status]) -> list[Place]:
    named = [Place(tier, StatusMatch.ONE, status) for status in statuses]
    return [*named, Place(tier, StatusMatch.NONE), Place(tier, StatusMatch.ANY)]


def _is_offered(place: Place) -> bool:
    if place.tier not in COMPANY_TIERS:
        return place.match == StatusMatch.ANY
    return place.status is None or place.status.retired_at is None
