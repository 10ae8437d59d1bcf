"""The hours in which nobody is to be disturbed. Pure; times are those of the wall clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Quiet:
    """From `first` to `last`, that moment not included; over midnight where `last` is the earlier one. None: never."""

    first: time | None = None
    last: time | None = None
    weekends: bool = False

    def holds(self, local: datetime) -> bool:
        if self.weekends and local.weekday() >= SATURDAY:
            return True
        if self.first is None or self.last is None:
            return False
        if self.first <= self.last:
            return self.first <= local.time() < self.last
        return local.time() >= self.first or local.time() < self.last
