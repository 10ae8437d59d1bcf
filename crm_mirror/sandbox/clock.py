"""The portal's own clock: its zone, its error against true time, and how far a test has moved it."""

from __future__ import annotations

import threading
import time
from datetime import datetime
from zoneinfo import ZoneInfo


class Clock:
    """`advance` moves everything (tokens, limits); `be_wrong` only what the portal shows to the request at hand."""

    def __init__(self, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        self._moved = 0.0
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
        return time.time() + self._moved + float(getattr(self._error, "seconds", 0.0))

    def monotonic(self) -> float:
        """Seconds for limits and lifetimes; never goes back."""
        return time.monotonic() + self._moved

    def advance(self, seconds: float) -> None:
        """Let time pass, so that buckets drain and tokens expire."""
        if seconds < 0:
            raise ValueError("the portal's clock only moves forward; use the clock fault for a wrong one")
        self._moved += seconds
