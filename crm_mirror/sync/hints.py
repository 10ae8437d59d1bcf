"""Events of the portal by name: what each hints at, and the row in which it is kept. Nothing that opens a door is kept.

docs: api-reference/events, api-reference/crm/…/events, api-reference/telephony/voximplant/events; rest.md §7, §8
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crm_mirror.models import InboxEvent
from crm_mirror.portal.records import MalformedRecord, own_id, reference, storable, text
from crm_mirror.sync.kinds import STATUS

State = InboxEvent.State
CALL, QUEUE, NOTHING = "call", "queue", ""
ENTITIES = ("company", "contact", "lead", "deal")
FIELD_EVENTS = [f"ONCRMCOMPANYUSERFIELD{what}" for what in ("ADD", "UPDATE", "DELETE", "SETENUMVALUES")]
# Known, and nothing to do: a call that begins is the card's affair, the installation has an address of its own.
IDLE_EVENTS = (
    *("ONVOXIMPLANTCALLINIT", "ONVOXIMPLANTCALLSTART", "ONEXTERNALCALLSTART", "ONEXTERNALCALLBACKSTART"),
    *("ONAPPINSTALL", "ONAPPUPDATE", "ONAPPUNINSTALL", "ONAPPTEST", "ONAPPPAYMENT", "ONAPPMETHODCONFIRM"),
)
SUBJECTS: Mapping[str, str] = {  # event → what is to be looked at: a name of sync.kinds, or one of the above
    **{f"ONCRM{kind.upper()}{what}": kind for kind in ENTITIES for what in ("ADD", "UPDATE", "DELETE")},
    "ONCRMDEALMOVETOCATEGORY": "deal",
    **dict.fromkeys(FIELD_EVENTS, STATUS),
    "ONUSERADD": "employee",
    "ONVOXIMPLANTCALLEND": CALL,
    "ONOFFLINEEVENT": QUEUE,
    **dict.fromkeys(IDLE_EVENTS, NOTHING),
}
# The one event whose facts are kept: for calls that the portal's statistics do not know yet.
CALL_FACTS = (
    *("CALL_ID", "CALL_TYPE", "PHONE_NUMBER", "PORTAL_NUMBER", "PORTAL_USER_ID", "CALL_DURATION"),
    *("CALL_START_DATE", "CALL_FAILED_CODE", "CALL_FAILED_REASON", "CRM_ACTIVITY_ID"),
)
LONGEST = 255  # characters of a fact
LONGEST_CALL_ID = 128


def row_of(name: Any, data: Any, *, user: Any, ts: Any, at: datetime) -> InboxEvent:
    """The event as it will be stored (not saved yet). What we do not know or cannot read is IGNORED, with the reason.

    `data`, `user` (auth[user_id]) and `ts` as the portal sent them, whatever they are.
    """
    event = storable(str(name)).strip().upper()[:64]
    row = InboxEvent(event=event, received_at=at, next_attempt_at=at, user_id=_user(user))
    facts = data if isinstance(data, dict) else {}
    try:
        row.entity_id, row.data = _read(event, facts)
    except MalformedRecord as error:
        row.state, row.note = State.IGNORED, str(error)
    else:
        row.state = State.WAITING if SUBJECTS[event] else State.DONE
    row.done_at = None if row.state == State.WAITING else at
    if isinstance(ts, int | str) and str(ts).isdecimal():
        row.data = {**row.data, "ts": str(ts)[:20]}
    return row


def _read(event: str, data: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """(ID of what the event is about, facts to keep). Raises MalformedRecord."""
    if event not in SUBJECTS:
        raise MalformedRecord("unknown event")
    subject = SUBJECTS[event]
    if subject == CALL:
        call_id = text(data, "CALL_ID", LONGEST_CALL_ID + 1)
        if not 0 < len(call_id) <= LONGEST_CALL_ID:
            raise MalformedRecord("CALL_ID is missing or too long")
        return call_id, {key: text(data, key, LONGEST) for key in CALL_FACTS if key in data}
    if subject in ENTITIES:
        fields = data.get("FIELDS")
        return str(own_id(fields if isinstance(fields, dict) else {})), {}
    return (str(own_id(data)) if subject == "employee" else ""), {}


def _user(value: Any) -> int | None:
    """Who acted, where that can be read; robots act in nobody's name."""
    try:
        return reference({"user_id": value}, "user_id")
    except MalformedRecord:
        return None
