"""Queues of offline events: what changed since the application last asked, each entity once.

docs: api-reference/events/offline-events, event-offline-get, -list, -clear, -error
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from crm_mirror.sandbox.clock import Clock


@dataclass(frozen=True)
class Record:
    """A line of a queue. `process_id` says who reserved it."""

    id: int
    at: datetime
    app_id: str
    connector: str
    event: str
    data: Any
    additional: Any
    message_id: str
    process_id: str = ""
    error: bool = False


class OfflineQueue:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._records: list[Record] = []
        self._next_id = 1
        self._notified: dict[int, float] = {}
        self._lock = threading.RLock()

    def add(self, app_id: str, connector: str, event: str, data: Any, by: int | None) -> None:
        """Repeated edits of one entity leave one line: the newest, not the reserved ones."""
        fresh = Record(
            self._next_id,
            self._clock.now(),
            app_id,
            connector,
            event,
            data,
            {"user_id": str(by)} if by else False,
            secrets.token_hex(16),
        )
        with self._lock:
            self._next_id += 1
            self._records = [record for record in self._records if not _is_merged(record, fresh)]
            self._records.append(fresh)

    def waiting(self, app_id: str, connector: str) -> list[Record]:
        """Every line of the application and source, reserved ones included, oldest first."""
        with self._lock:
            return [record for record in self._records if (record.app_id, record.connector) == (app_id, connector)]

    def take(self, chosen: list[Record], *, clear: bool) -> str:
        """Remove the lines, or reserve them; the process ID of the reservation, "" after removal."""
        ids = {record.id for record in chosen}
        process_id = "" if clear else secrets.token_hex(16)
        with self._lock:
            if clear:
                self._records = [record for record in self._records if record.id not in ids]
            else:
                self._change(ids, process_id=process_id)
        return process_id

    def clear(self, app_id: str, process_id: str, ids: set[int] | None, message_ids: set[str] | None) -> None:
        with self._lock:
            gone = {record.id for record in self._reserved(app_id, process_id, ids, message_ids)}
            self._records = [record for record in self._records if record.id not in gone]

    def fail(self, app_id: str, process_id: str, message_ids: set[str] | None) -> None:
        """Mark as not processed: event.offline.get brings them back only when asked for errors."""
        with self._lock:
            failed = {record.id for record in self._reserved(app_id, process_id, None, message_ids)}
            self._change(failed, error=True)

    def may_notify(self, handler_id: int, now: float, pause: float) -> bool:
        if now - self._notified.get(handler_id, -pause) < pause:
            return False
        self._notified[handler_id] = now
        return True

    def _reserved(
        self, app_id: str, process_id: str, ids: set[int] | None, message_ids: set[str] | None
    ) -> list[Record]:
        return [
            record
            for record in self._records
            if record.app_id == app_id
            and process_id
            and record.process_id == process_id
            and (ids is None or record.id in ids)
            and (message_ids is None or record.message_id in message_ids)
        ]

    def _change(self, ids: set[int], **values: Any) -> None:
        self._records = [replace(record, **values) if record.id in ids else record for record in self._records]


def _is_merged(old: Record, new: Record) -> bool:
    same = (old.app_id, old.connector, old.event, old.data) == (new.app_id, new.connector, new.event, new.data)
    return same and not old.process_id
