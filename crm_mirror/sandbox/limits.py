"""The two limits of the cloud: how often one may ask, and how long a method may work.

docs: limits. A boxed portal has neither by default.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from crm_mirror.sandbox.clock import Clock

BASKETS = 10  # in the window


@dataclass
class Bucket:
    """Leaky bucket of one source address: +1 a request, −`rate` a second, refused above `burst`."""

    level: float = 0.0
    at: float = 0.0

    def takes(self, now: float, rate: float, burst: float) -> bool:
        self.level = max(0.0, self.level - (now - self.at) * rate) + 1
        self.at = now
        return self.level <= burst  # a refused request stays counted: hammering keeps one locked out (practice)


@dataclass
class Basket:
    """Execution time of one minute, counted from the first call in it."""

    since: float
    spent: float = 0.0


@dataclass(frozen=True)
class Usage:
    operating: float  # seconds in the last ten minutes
    reset_in: float  # seconds until the oldest basket falls out


class Limits:
    """Counters of the whole portal: requests by source address, work by (application or webhook, method)."""

    def __init__(
        self,
        clock: Clock,
        *,
        rate_per_second: float,
        rate_burst: float,
        operating_limit_s: float,
        window_s: float = 600.0,
    ) -> None:
        self.on = True
        self.rate_per_second = rate_per_second
        self.rate_burst = rate_burst
        self.operating_limit_s = operating_limit_s
        self._window_s = window_s
        self._clock = clock
        self._buckets: dict[str, Bucket] = {}
        self._baskets: dict[tuple[str, str], list[Basket]] = {}
        self._lock = threading.Lock()

    def takes_request(self, source: str) -> bool:
        """Count a request of this address; False when it must be refused with QUERY_LIMIT_EXCEEDED."""
        if not self.on:
            return True
        with self._lock:
            bucket = self._buckets.setdefault(source, Bucket(at=self._clock.monotonic()))
            return bucket.takes(self._clock.monotonic(), self.rate_per_second, self.rate_burst)

    def takes_work(self, key: str, method: str) -> bool:
        """False when the method's time is spent: its next call gets OPERATION_TIME_LIMIT."""
        return not self.on or self.usage(key, method).operating <= self.operating_limit_s

    def work_done(self, key: str, method: str, seconds: float) -> Usage:
        now = self._clock.monotonic()
        with self._lock:
            baskets = self._recent(key, method, now)
            if not baskets or now - baskets[-1].since >= self._window_s / BASKETS:
                baskets.append(Basket(now))
            baskets[-1].spent += seconds
            return self._usage(baskets, now)

    def usage(self, key: str, method: str) -> Usage:
        now = self._clock.monotonic()
        with self._lock:
            return self._usage(self._recent(key, method, now), now)

    def reset(self) -> None:
        with self._lock:
            self._buckets.clear()
            self._baskets.clear()

    def _recent(self, key: str, method: str, now: float) -> list[Basket]:
        baskets = self._baskets.setdefault((key, method), [])
        while baskets and now - baskets[0].since >= self._window_s:
            baskets.pop(0)
        return baskets

    def _usage(self, baskets: list[Basket], now: float) -> Usage:
        if not baskets:
            return Usage(0.0, self._window_s)
        return Usage(sum(basket.spent for basket in baskets), baskets[0].since + self._window_s - now)
