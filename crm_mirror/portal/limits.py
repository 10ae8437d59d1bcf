"""The request allowance: a leaky bucket known to all processes, and methods whose time budget is spent.

docs: limits. The portal counts +1 for a request and −`rate` a second, and refuses above `burst`; refused requests
count as well, so asking too early keeps one locked out. State lives in the store only, changed by compare-and-set:
nobody holds a lock while waiting, and a store that fails lets no request through.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

logger = logging.getLogger(__name__)

WORTH_TELLING = 5.0  # seconds of waiting


@dataclass(frozen=True, slots=True)
class Bucket:
    """Requests in the bucket at `updated_at`; nobody asks before `blocked_until`. Times: seconds since the epoch."""

    level: float = 0.0
    updated_at: float = 0.0
    blocked_until: float = 0.0
    tickets: int = 0  # requests booked so far


class Purpose(StrEnum):
    """What a request is for, the most urgent first: who may take the last places of a crowded allowance."""

    ASK = "ask"  # somebody waits at a terminal or a page
    WRITE = "write"  # what must reach the portal
    EVENT = "event"
    DELTA = "delta"
    RECONCILE = "reconcile"
    FULL = "full"


class Store(Protocol):
    """Where the state of one portal is kept for all processes."""

    def bucket(self) -> Bucket: ...

    def swap(self, old: Bucket, new: Bucket) -> bool:
        """Put `new` in place of `old`; False when somebody else was faster."""

    def pauses(self) -> dict[str, float]:
        """Methods to leave alone, in lower case, until when."""

    def pause(self, method: str, until: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_second` 0: the portal has no limit (a boxed one)."""

    per_second: float = 2.0
    burst: float = 50.0

    @property
    def room(self) -> float:
        """The burst less one second's leak: the portal lowers its counter once a second, not evenly (docs: limits)."""
        return max(1.0, self.burst - self.per_second)


class Allowance:
    """Permission to ask, shared by all processes that use the same store."""

    def __init__(
        self,
        store: Store,
        rate: Rate,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        purpose: Purpose = Purpose.ASK,
    ) -> None:
        self.purpose = purpose
        self._store = store
        self._rate = rate
        self._clock = clock
        self._sleep = sleep

    def wait_for(self, methods: Iterable[str]) -> int:
        """Return when these methods may be called and one request has been booked: the request's ticket.

        Tickets count up over all processes and never go back, whatever the clocks do. What a later ticket brought
        is never older than what an earlier one did.
        """
        wanted = {method.lower() for method in methods}
        while True:
            seconds = self._pause_of(wanted)
            if not seconds:
                booked = self._book()
                if isinstance(booked, int):
                    return booked
                seconds = booked
            if seconds >= WORTH_TELLING:
                logger.info("portal wait seconds=%.1f methods=%s", seconds, ",".join(sorted(wanted)))
            self._sleep(seconds)

    def refused(self, seconds: float) -> None:
        """The portal said "too many": its bucket is full, whoever filled it; all processes wait `seconds` at least."""
        while True:
            old, now = self._store.bucket(), self._clock()
            until = max(old.blocked_until, now + seconds)
            if self._store.swap(
                old, replace(old, level=max(self._rate.room, 1.0), updated_at=now, blocked_until=until)
            ):
                return

    def pause(self, method: str, until: float) -> None:
        self._store.pause(method.lower(), until)

    def is_paused(self, method: str) -> bool:
        return self._store.pauses().get(method.lower(), 0.0) > self._clock()

    def _pause_of(self, methods: set[str]) -> float:
        """Seconds until the last of these methods may be called, 0 when all may."""
        until = max((end for method, end in self._store.pauses().items() if method in methods), default=0.0)
        return max(0.0, until - self._clock())

    def _book(self) -> int | float:
        """Take one request: its ticket (an int), or seconds to wait before trying again (a float)."""
        while True:
            old, now = self._store.bucket(), self._clock()
            if old.blocked_until > now:
                return old.blocked_until - now
            new = self._leaked(old, now)
            if self._rate.per_second > 0:
                if new.level + 1 > self._rate.room:
                    return (new.level + 1 - self._rate.room) / self._rate.per_second
                new = replace(new, level=new.level + 1)
            if self._store.swap(old, replace(new, tickets=old.tickets + 1)):
                return old.tickets + 1

    def _leaked(self, bucket: Bucket, now: float) -> Bucket:
        passed = max(0.0, now - bucket.updated_at)  # a clock set back must not fill the bucket
        return replace(bucket, level=max(0.0, bucket.level - passed * self._rate.per_second), updated_at=now)


class InMemory:
    """A store for one process on its own: tests, one-off scripts."""

    def __init__(self) -> None:
        self._bucket = Bucket()
        self._pauses: dict[str, float] = {}

    def bucket(self) -> Bucket:
        return self._bucket

    def swap(self, old: Bucket, new: Bucket) -> bool:
        self._bucket = new
        return True

    def pauses(self) -> dict[str, float]:
        return self._pauses

    def pause(self, method: str, until: float) -> None:
        self._pauses[method] = until
