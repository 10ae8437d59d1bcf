"""Of which events the portal is to tell us, and whether it does: sent to our address, and kept in its queue.

docs: api-reference/events/event-bind, event-get, events, offline-events, on-offline-event. Application context only;
with a webhook a person makes an outgoing one in the portal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from crm_mirror.portal.batch import Command

PATH = "/bitrix/events/"
CHANGES = ("ADD", "UPDATE", "DELETE")
OF_ENTITIES = tuple(f"ONCRM{kind}{what}" for kind in ("COMPANY", "CONTACT", "LEAD", "DEAL") for what in CHANGES)
OF_STATUS_FIELD = tuple(f"ONCRMCOMPANYUSERFIELD{what}" for what in (*CHANGES, "SETENUMVALUES"))
WANTED = (*OF_ENTITIES, *OF_STATUS_FIELD, "ONUSERADD", "ONVOXIMPLANTCALLEND")
QUEUE_GREW = "ONOFFLINEEVENT"
QUEUE_PAUSE = 2  # seconds between two notices that the queue grew

QUESTIONS = {
    "handlers": Command("event.get"),
    "events": Command("events"),
    "queue": Command("feature.get", {"CODE": "rest_offline_extended"}),
}


@dataclass(frozen=True, slots=True)
class Handler:
    """One event, sent to us or kept in the portal's queue."""

    event: str
    is_queued: bool = False

    def __str__(self) -> str:
        return f"{self.event}, queued" if self.is_queued else self.event

    def command(self) -> Command:
        if self.is_queued:
            return Command("event.bind", {"event": self.event, "event_type": "offline"})
        options = {"options": {"minTimeout": QUEUE_PAUSE}} if self.event == QUEUE_GREW else {}
        return Command("event.bind", {"event": self.event, "handler": address(), **options})


@dataclass(frozen=True, slots=True)
class Handlers:
    """What the portal said to QUESTIONS, against what we want."""

    bound: list[Handler]
    lacking: list[Handler]
    unknown: list[str]  # events that this portal, or the application's permissions, do not know
    has_queue: bool


def address() -> str:
    return f"{settings.PUBLIC_URL}{PATH}"


def handlers_in(answers: Mapping[str, Any]) -> Handlers:
    """`answers`: the results of QUESTIONS."""
    known = {str(name).upper() for name in answers["events"] or ()}
    has_queue = str((answers["queue"] or {}).get("value")) in {"Y", "True", "1"}
    wanted = [Handler(event) for event in (*WANTED, *([QUEUE_GREW] if has_queue else []))]
    wanted += [Handler(event, is_queued=True) for event in WANTED if has_queue]
    there = {handler_in(row) for row in answers["handlers"] or () if is_ours(row)}
    return Handlers(
        bound=[one for one in wanted if one in there],
        lacking=[one for one in wanted if one not in there and one.event in known],
        unknown=[event for event in WANTED if event not in known],
        has_queue=has_queue,
    )


def handler_in(row: Mapping[str, Any]) -> Handler:
    return Handler(str(row.get("event")).upper(), is_queued=str(row.get("offline")) == "1")


def is_ours(row: Any) -> bool:
    """Queues of another source (`auth_connector`) and handlers at other addresses are somebody else's affair."""
    if not isinstance(row, dict):
        return False
    if str(row.get("offline")) == "1":
        return not row.get("connector_id")
    return bool(row.get("handler") == address())
