"""A clock for whoever takes one at construction: it moves by sleeping only."""

from __future__ import annotations

from datetime import UTC, datetime


class Time:
    """Seconds since the epoch: called as a clock, and as `time.sleep`."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)
