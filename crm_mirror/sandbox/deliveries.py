"""What waits to be delivered: in order, unless something was held back."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Deliveries(Generic[Item]):
    """A queue for one taker. An item put with a delay (seconds) lets those after it go first."""

    def __init__(self) -> None:
        self._waiting: list[tuple[float, int, Item]] = []
        self._numbers = itertools.count()
        self._unfinished = 0
        self._is_closed = False
        self._changed = threading.Condition()

    def put(self, item: Item, *, delay: float = 0.0) -> None:
        with self._changed:
            heapq.heappush(self._waiting, (time.monotonic() + delay, next(self._numbers), item))
            self._unfinished += 1
            self._changed.notify_all()

    def take(self) -> Item | None:
        """The next item, once its time has come; None when the queue is closed. `done` follows."""
        with self._changed:
            while not self._is_closed:
                wait = self._waiting[0][0] - time.monotonic() if self._waiting else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._waiting)[2]
                self._changed.wait(wait)
            return None

    def done(self) -> None:
        with self._changed:
            self._unfinished -= 1
            self._changed.notify_all()

    def settle(self) -> None:
        """Wait until everything is done."""
        with self._changed:
            self._changed.wait_for(lambda: self._unfinished == 0)

    def drop(self) -> None:
        """Forget what waits."""
        with self._changed:
            self._unfinished -= len(self._waiting)
            self._waiting.clear()
            self._changed.notify_all()

    def close(self) -> None:
        self.drop()
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
