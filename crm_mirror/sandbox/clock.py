"""The portal's own clock: its zone, its error against true time, and how far a test has moved it."""

from __future__ import annotations

import threading
import time
from datetime import datetime
from zoneinfo import ZoneInfo


class Clock:
    """`advance` moves everything (tokens, limits), `jump` what the portal takes for the time and writes into rows,
    `be_wrong` only what it shows to the request at hand.
    """

    def __init__(self, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        self._moved = 0.0
        self._jumped = 0.0
        self._error = threading.local()

    def be_wrong(self, seconds: float) -> None:
        """For everything this thread asks from now on."""
        self._error.seconds = seconds

    def now(self) -> datetime:
        """What the portal believes the time is: aware, in its zone."""
        return self.at(self.timestamp())

    def at(self, timestamp: float) -> datetime:
        """A Unix time as the portal writes it: in its zone."""
        return datetime.fromtimestamp(timestamp, self.zone)

    def timestamp(self) -> float:
        return time.time() + self._moved + self._jumped + float(getattr(self._error, "seconds", 0.0))

    def monotonic(self) -> float:
        """Seconds for limits and lifetimes; never goes back."""
        return time.monotonic() + self._moved

    def advance(self, seconds: float) -> None:
        """Let time pass, so that buckets drain and tokens expire."""
        if seconds < 0:
            raise ValueError("time only goes forward; use jump, or the clock fault, for a wrong clock")
        self._moved += seconds

    def jump(self, seconds: float) -> None:
        """Somebody sets the clock, forward or back: lifetimes and limits do not notice."""
        self._jumped += seconds
