"""The request allowance: a leaky bucket known to all processes, and methods whose time budget is spent.

docs: limits. The portal counts +1 for a request and −`per_second` a second, and refuses above `burst`; refused requests
count as well, so asking too early keeps one locked out. State lives in the store only, changed by compare-and-set:
nobody holds a lock while waiting, a store that fails lets no request through, and a restart forgets nothing.

Who goes first: each purpose may fill the bucket only up to its own share of the room, so a lower one always leaves
places for a higher one, and while it is crowded the level sinks below the higher one's mark first. What comes through
in the long run is the leak and not the room: a purpose that is alone gets all of it, whatever its share. With a burst
of less than about two requests above the leak there is nothing to share, and whoever comes first goes first.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from crm_mirror.portal.errors import PortalError, as_noted, same_again

logger = logging.getLogger(__name__)

WORTH_TELLING = 5.0  # seconds of waiting
LOOK_AGAIN = 10.0  # seconds: who waits for a place looks again so often; the pace may have changed
STEP = 0.1  # of the room, left free by each purpose for the ones above it
FAIR_AFTER = 60.0  # seconds of waiting after which any purpose may fill the bucket as far as the first
SLACK = 0.001  # requests: what floating point may be wrong by

# Others on our address fill the portal's bucket too. Each refusal takes this much of our pace away; it is back as
# slowly as the portal lets that many requests pass (2 a second: from nothing to all in about eight minutes).
DECREASE, RECOVERY = 0.7, 1000.0
SLOWEST = 0.05  # never slower than this share of the rate

# Seconds. Times are written by the clocks of several processes, which may be set: what lies further ahead is no truth.
HALT = 300.0
TRIAL = 70.0  # longer than a request takes
LONGEST_BLOCK = 60.0
LONGEST_PAUSE = 900.0  # a method's time is counted over ten minutes (docs: limits)
CLOCKS_APART = 60.0


class Purpose(StrEnum):
    """What a request is for, the most urgent first: who may take the last places of a crowded allowance."""

    ASK = "ask"  # somebody waits at a terminal or a page
    WRITE = "write"  # what must reach the portal
    EVENT = "event"
    DELTA = "delta"
    RECONCILE = "reconcile"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_second` 0: the portal has no limit (a boxed one)."""

    per_second: float = 2.0
    burst: float = 50.0

    @property
    def room(self) -> float:
        """The burst less one second's leak: the portal lowers its counter once a second, not evenly (docs: limits)."""
        return max(1.0, self.burst - self.per_second)

    def mark(self, purpose: Purpose, *, waited: float = 0.0) -> float:
        """How full a request of this purpose may leave the bucket.

        It rises with the seconds `waited`: while higher purposes press without a pause, each lower one still gets a
        request through about once in FAIR_AFTER, and they lose no more than that.
        """
        reserve = STEP * list(Purpose).index(purpose) * max(0.0, 1 - waited / FAIR_AFTER)
        return max(1.0, self.room * (1 - reserve))


@dataclass(frozen=True, slots=True)
class Bucket:
    """What all processes know of one portal. Times: seconds since the epoch."""

    level: float = 0.0  # requests in the bucket at `updated_at`
    updated_at: float = 0.0
    blocked_until: float = 0.0  # nobody asks before
    tickets: int = 0  # requests booked so far
    pace: float = 1.0  # share of the rate that is ours, at `updated_at`
    paced_at: float = 0.0  # when it was lowered last
    halted_because: str = ""  # the error's class and words, when it takes a person to end the block

    def at(self, now: float, rate: Rate) -> Bucket:
        """Leaked and recovered since. A clock set back neither fills the bucket nor stops the leak for long."""
        if self.updated_at > now + CLOCKS_APART:
            return replace(self, updated_at=now)
        seconds = max(0.0, now - self.updated_at)
        level = max(0.0, self.level - seconds * rate.per_second * self.pace)
        pace = min(1.0, self.pace + seconds * rate.per_second / RECOVERY)
        return replace(self, level=level, pace=pace, updated_at=max(now, self.updated_at))

    def blocked_for(self, now: float) -> float:
        """Seconds until somebody may ask again."""
        return ahead(self.blocked_until, now, at_most=HALT if self.halted_because else LONGEST_BLOCK)

    def refused(self, now: float, rate: Rate, seconds: float) -> Bucket:
        """Full, whoever filled it. Several refusals of one crowd slow us down once."""
        known = self.at(now, rate)
        if rate.per_second and not self.blocked_for(now):
            known = replace(known, pace=max(SLOWEST, known.pace * DECREASE), paced_at=now)
        until = now + max(self.blocked_for(now), min(seconds, LONGEST_BLOCK))
        return replace(known, level=max(rate.burst, rate.room), blocked_until=until)

    def halted(self, now: float, because: str) -> Bucket:
        return replace(self, halted_because=because, blocked_until=now + HALT if self.halted_because else 0.0)


def ahead(until: float, now: float, *, at_most: float) -> float:
    """Seconds from now, none when it is past or too far ahead to be true."""
    return until - now if 0 < until - now <= at_most + CLOCKS_APART else 0.0


class Store(Protocol):
    """Where the state of one portal is kept for all processes."""

    def bucket(self) -> Bucket: ...

    def swap(self, old: Bucket, new: Bucket) -> bool:
        """Put `new` in place of `old`; False when somebody else was faster."""

    def pauses(self) -> dict[str, float]:
        """Methods to leave alone, in lower case, until when."""

    def pause(self, method: str, until: float) -> None: ...

    def count(self, purpose: Purpose, at: float, *, sent: int = 0, refused: int = 0, waited: float = 0.0) -> None:
        """Add to what is told about the minute. `waited`: seconds."""


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
        self._tries_halt = False

    def wait_for(self, methods: Iterable[str]) -> int:
        """Return when these methods may be called and one request has been booked: the request's ticket.

        Tickets count up over all processes and never go back, whatever the clocks do. What a later ticket brought
        is never older than what an earlier one did. Raises the PortalError that halted everything, at once.
        """
        wanted = {method.lower() for method in methods}
        waited = 0.0
        while True:
            seconds = max((end for method, end in self.paused_methods().items() if method in wanted), default=0.0)
            if not seconds:
                booked = self._book(waited)
                if isinstance(booked, int):
                    self._store.count(self.purpose, self._clock(), sent=1, waited=waited)
                    return booked
                seconds = booked
            if seconds >= WORTH_TELLING:
                logger.info("portal wait seconds=%.1f methods=%s", seconds, ",".join(sorted(wanted)))
            self._sleep(seconds)
            waited += seconds

    def refused(self, seconds: float) -> None:
        """The portal said "too many": all processes wait `seconds` at least, and go slower for some time."""
        bucket = self._change(lambda old, now: old.refused(now, self._rate, seconds))
        self._store.count(self.purpose, self._clock(), refused=1)
        logger.warning("portal refused purpose=%s pace=%.2f blocked_s=%.1f", self.purpose, bucket.pace, seconds)

    def halt(self, error: PortalError) -> None:
        """The portal refuses everything until a person does something, or so it seems.

        Once may be a proxy's mood: the next request finds out, and when it fares alike, nobody asks for HALT seconds;
        then one tries. ASK has no say in it: it may ask with a visitor's token, and no halt holds it back.
        """
        if self.purpose is Purpose.ASK:
            return
        bucket = self._change(lambda old, now: old.halted(now, as_noted(error)[:255]))
        level = logging.ERROR if bucket.blocked_until else logging.WARNING
        logger.log(level, "portal refuses everything because=%s", bucket.halted_because)

    def answered(self) -> None:
        """The portal answers: a halt that was known when the request was booked is over. Costs nothing otherwise."""
        if self._tries_halt:
            self._tries_halt = False
            self._change(lambda old, now: replace(old, halted_because="", blocked_until=0.0))
            logger.warning("portal answers again")

    def pause(self, method: str, until: float) -> None:
        """Leave the method alone; others go on."""
        self._store.pause(method.lower(), min(until, self._clock() + LONGEST_PAUSE))

    def paused_methods(self) -> dict[str, float]:
        """Methods in lower case → seconds until they may be called. A request with one of them waits for it."""
        now = self._clock()
        left = {method: ahead(until, now, at_most=LONGEST_PAUSE) for method, until in self._store.pauses().items()}
        return {method: seconds for method, seconds in left.items() if seconds}

    def _book(self, waited: float) -> int | float:
        """Take one request: its ticket (an int), or seconds to wait before trying again (a float)."""
        while True:
            old, now = self._store.bucket(), self._clock()
            is_halted = bool(old.halted_because)
            blocked = old.blocked_for(now)
            if blocked and is_halted and self.purpose is not Purpose.ASK:
                raise same_again(old.halted_because, seconds=blocked)
            if blocked and not is_halted:
                return blocked
            new = old.at(now, self._rate)
            if self._rate.per_second > 0:
                over = new.level + 1 - self._rate.mark(self.purpose, waited=waited)
                if over > SLACK:
                    if new.updated_at < old.updated_at:  # our clock was set back: the leak begins here, for all
                        self._store.swap(old, new)
                    return min(LOOK_AGAIN, over / (self._rate.per_second * new.pace))
                new = replace(new, level=new.level + 1)
            if is_halted and not blocked:  # this one tries whether it is over; the others go on refraining
                new = replace(new, blocked_until=now + TRIAL)
            if self._store.swap(old, replace(new, tickets=old.tickets + 1)):
                self._tries_halt = is_halted
                return old.tickets + 1

    def _change(self, change: Callable[[Bucket, float], Bucket]) -> Bucket:
        while True:
            old = self._store.bucket()
            new = change(old, self._clock())
            if self._store.swap(old, new):
                return new


class InMemory:
    """A store for one process on its own: tests, one-off scripts. It counts nothing."""

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

    def count(self, purpose: Purpose, at: float, *, sent: int = 0, refused: int = 0, waited: float = 0.0) -> None:
        """Nobody looks."""
