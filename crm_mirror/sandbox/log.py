"""What was asked of the portal, for tests and the control page. Tokens and parameters never get in here."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

KEPT = 100_000


@dataclass(frozen=True)
class Entry:
    at: datetime
    source: str  # address of the caller
    verb: str  # GET or POST
    method: str  # REST method as called, lower case; the path outside /rest/
    status: int  # 0 when the connection was broken on purpose
    commands: tuple[str, ...]  # methods inside a batch, in order
    received: int  # bytes of the body
    sent: int
    seconds: float
    fault: str  # name of the fault that shaped the answer, or ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"at": self.at.isoformat()}


class RequestLog:
    """Newest last; reads are snapshots."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._lock = threading.Lock()

    def add(self, entry: Entry) -> None:
        with self._lock:
            self._entries.append(entry)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()

    def __iter__(self) -> Iterator[Entry]:
        with self._lock:
            return iter(list(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def methods(self) -> list[str]:
        """REST methods in the order of their calls, batches opened up."""
        return [name for entry in self for name in (entry.commands or (entry.method,))]

    def of(self, method: str) -> list[Entry]:
        """Requests that called the method, by itself or in a batch."""
        wanted = method.lower()
        return [entry for entry in self if wanted in (entry.commands or (entry.method,))]
