"""What a sync did: the JSON object that the command prints last."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Counts:
    """Rows of one kind: seen in the portal, made, changed, marked deleted (or retired), put into quarantine."""

    seen: int = 0
    created: int = 0
    updated: int = 0
    deleted: int = 0
    quarantined: int = 0

    def add(self, other: Counts) -> None:
        for name, value in asdict(other).items():
            setattr(self, name, getattr(self, name) + value)


@dataclass
class SyncReport:
    entities: dict[str, Counts] = field(default_factory=dict)
    events: int = 0  # of the portal, worked off
    ended_calls: int = 0  # found in the statistics
    written_back: int = 0  # calls that the portal accepted
    requests: int = 0
    seconds: float = 0.0
    warnings: list[str] = field(default_factory=list)
    error: str = ""

    def counts(self, kind: str) -> Counts:
        return self.entities.setdefault(kind, Counts())

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"seconds": round(self.seconds, 3)}
