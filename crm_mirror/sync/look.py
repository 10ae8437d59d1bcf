"""How rows were looked at: what the write path must know of the request that brought them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class Source(StrEnum):
    FULL = "full"
    DELTA = "delta"
    EVENT = "event"
    RECONCILE = "reconcile"


@dataclass(frozen=True, slots=True)
class Look:
    """`at`: our clock when the rows are written. `ticket`: of the request (portal.limits).

    `is_first`: the first pass over the kind, whose rows are no news. `is_admin`: an administrator's token, proven with
    this very look, so what is absent from a row that came is really gone. `portal_ahead`: the portal's clock less ours,
    None while unknown. `by`: portal ID → who acted, where an event said so.
    """

    at: datetime
    ticket: int
    source: Source
    is_first: bool = False
    is_admin: bool = False
    portal_ahead: timedelta | None = None
    by: Mapping[int, int] = field(default_factory=dict)

    def lag(self, modified_at: datetime | None) -> float | None:
        """Seconds since a change of the portal, by its own clock."""
        if modified_at is None or self.portal_ahead is None:
            return None
        return max(0.0, (self.at + self.portal_ahead - modified_at).total_seconds())
