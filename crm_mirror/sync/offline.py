"""The portal's queue of offline events, brought into the inbox. What it holds waits for us while we are away.

docs: api-reference/events/offline-events, event-offline-get, -list, -clear, -error. Lines are reserved under a process
ID (clear=0) and removed only once they are stored. A reserved line stays hidden until it is cleared: what a dead
process had reserved is found by event.offline.list. A line's MESSAGE_ID is a digest of the event, the same for each
edit of one entity (the portal's source, EventOfflineTable::getMessageId); only with its number and time it is unique.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from crm_mirror.connection import is_application
from crm_mirror.models import InboxEvent
from crm_mirror.portal.batch import Command, Outcome, run_batch
from crm_mirror.portal.errors import PortalError
from crm_mirror.portal.transport import number
from crm_mirror.sync.bench import Bench
from crm_mirror.sync.hints import row_of

MOST_LINES = 500  # at once
LEFT = Command("event.offline.list", {"filter": {">PROCESS_ID": "", "=ERROR": 0}})
FRESH = Command("event.offline.get", {"clear": 0, "limit": MOST_LINES})

Line = Mapping[str, Any]


def fetch_offline(bench: Bench) -> int:
    """Until the queue is empty; returns how many events were new. Nothing where the connection is a webhook.

    Only one process at a time may do this (the inbox's lease). Raises PortalError when the portal is lost.
    """
    total, seen, clearing = 0, set[str](), dict[str, Command]()
    while is_application():
        bench.tick()
        outcomes = run_batch(bench.client, {**clearing, "left": LEFT, "fresh": FRESH})
        lines = {key_of(line): line for line in _lines(bench, outcomes)}
        total += _store([line for line in lines.values() if is_readable(line)], at=bench.clock())
        if lines.keys() <= seen:  # nothing more, or what does not let itself be cleared
            break
        seen |= lines.keys()
        clearing = _clearing(lines.values())
    return total


def key_of(line: Line) -> str:
    return f"{line.get('ID')}:{line.get('TIMESTAMP_X')}"[:64]


def is_readable(line: Line) -> bool:
    return number(line.get("ID")) is not None and bool(line.get("EVENT_NAME"))


def _lines(bench: Bench, outcomes: Mapping[str, Outcome]) -> Iterator[Line]:
    """All that is reserved now, each with its PROCESS_ID: by whoever died, and by this very request."""
    for key in ("left", "fresh"):
        outcome = outcomes[key]
        if isinstance(outcome, PortalError):
            if key == "fresh":  # a portal that refuses the one refuses the other
                bench.warn(f"offline events: {outcome}. {outcome.remedy}")
            continue
        result = outcome.result if isinstance(outcome.result, dict) else {"events": outcome.result}
        events = result.get("events")
        for line in events if isinstance(events, list) else []:
            if isinstance(line, dict):
                yield {"PROCESS_ID": result.get("process_id"), **line}


def _store(lines: Sequence[Line], *, at: datetime) -> int:
    """Into the inbox, those that are not there yet; returns how many."""
    rows = {key_of(line): _row_of(line, at=at) for line in lines}
    known = set(InboxEvent.objects.filter(message_id__in=rows).values_list("message_id", flat=True))
    new = [row for key, row in rows.items() if key not in known]
    InboxEvent.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _row_of(line: Line, *, at: datetime) -> InboxEvent:
    more = line.get("EVENT_ADDITIONAL")
    user = more.get("user_id") if isinstance(more, dict) else None
    row = row_of(line["EVENT_NAME"], line.get("EVENT_DATA"), user=user, ts=None, at=at)
    row.is_offline, row.message_id = True, key_of(line)
    return row


def _clearing(lines: Iterable[Line]) -> dict[str, Command]:
    """Commands by which the portal forgets what is stored, and sets aside what cannot be read."""
    stored, unreadable = defaultdict[str, list[int]](list), defaultdict[str, list[str]](list)
    for line in lines:
        process_id = str(line.get("PROCESS_ID") or "")
        if is_readable(line):
            stored[process_id].append(int(line["ID"]))
        else:
            unreadable[process_id].append(str(line.get("MESSAGE_ID")))
    clear = {
        f"clear_{place}": Command("event.offline.clear", {"process_id": process_id, "id": ids})
        for place, (process_id, ids) in enumerate(stored.items())
    }
    return clear | {
        f"error_{place}": Command("event.offline.error", {"process_id": process_id, "message_id": ids})
        for place, (process_id, ids) in enumerate(unreadable.items())
    }
