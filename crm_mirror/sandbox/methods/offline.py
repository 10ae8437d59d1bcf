"""Reading the queues of offline events. Docs: api-reference/events/event-offline-get, -list, -clear, -error."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from crm_mirror.sandbox.envelope import stamp
from crm_mirror.sandbox.offline import Record
from crm_mirror.sandbox.registry import Answer, Call, Refused, method
from crm_mirror.sandbox.values import to_int

if TYPE_CHECKING:
    from crm_mirror.sandbox.portal import Portal

PAGE = 50
COMPARISONS = {
    "": operator.eq,
    "=": operator.eq,
    "!": operator.ne,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


@method("event.offline.get", scope=None, application=True)
def get(call: Call, portal: Portal) -> Answer:
    """The oldest lines: deleted at once (clear=1, the default) or reserved under a process_id (clear=0)."""
    _check_admin(call)
    rows = _ordered(_filtered(_free(call, portal), call), call.param("order"), "TIMESTAMP_X")
    chosen = rows[: to_int(call.param("limit", default=PAGE)) or PAGE]
    process_id = str(call.param("process_id", default=""))
    is_cleared = str(call.param("clear", default="1")) == "1"
    if is_cleared or not process_id:
        process_id = portal.events.offline.take(chosen, clear=is_cleared)
    return Answer({"process_id": process_id or None, "events": [_sent(item) for item in chosen]})


@method("event.offline.list", scope=None, application=True)
def offline_list(call: Call, portal: Portal) -> Answer:
    """Looks, changes nothing; reserved and failed lines too."""
    _check_admin(call)
    waiting = portal.events.offline.waiting(call.app_id or "", str(call.param("auth_connector", default="")))
    rows = _ordered(_filtered(waiting, call), call.param("order"), "ID")
    start = max(0, to_int(call.param("start", default=0)))
    page = [_row(item) for item in rows[start : start + PAGE]]
    return Answer(page, len(rows), start + PAGE if start + PAGE < len(rows) else None)


@method("event.offline.clear", scope=None, application=True)
def clear(call: Call, portal: Portal) -> Answer:
    _check_admin(call)
    ids, messages = call.param("id"), call.param("message_id")
    portal.events.offline.clear(
        call.app_id or "",
        str(call.param("process_id", default="")),
        {to_int(item) for item in _as_list(ids)} if ids else None,
        {str(item) for item in _as_list(messages)} if messages and not ids else None,
    )
    return Answer(True)


@method("event.offline.error", scope=None, application=True)
def error(call: Call, portal: Portal) -> Answer:
    _check_admin(call)
    messages = call.param("message_id")
    portal.events.offline.fail(
        call.app_id or "",
        str(call.param("process_id", default="")),
        {str(item) for item in _as_list(messages)} if messages else None,
    )
    return Answer(True)


def _check_admin(call: Call) -> None:
    if not call.is_admin:
        raise Refused(403, "ACCESS_DENIED", "Access denied!")


def _free(call: Call, portal: Portal) -> list[Record]:
    """Lines nobody reserved, or those of the named process; failed ones only when asked for."""
    process_id = str(call.param("process_id", default=""))
    wants_errors = str(call.param("error", default="0")) == "1"
    waiting = portal.events.offline.waiting(call.app_id or "", str(call.param("auth_connector", default="")))
    if wants_errors and not process_id:
        return [item for item in waiting if item.error]
    return [item for item in waiting if item.process_id == process_id and item.error == wants_errors]


def _sent(record: Record) -> dict[str, Any]:
    return {key: value for key, value in _row(record).items() if key not in {"PROCESS_ID", "ERROR"}}


def _row(record: Record) -> dict[str, Any]:
    return {
        "ID": str(record.id),
        "TIMESTAMP_X": stamp(record.at),
        "EVENT_NAME": record.event,
        "EVENT_DATA": record.data or False,
        "EVENT_ADDITIONAL": record.additional,
        "MESSAGE_ID": record.message_id,
        "PROCESS_ID": record.process_id,
        "ERROR": "1" if record.error else "0",
    }


def _filtered(records: list[Record], call: Call) -> list[Record]:
    wanted = call.param("filter")
    conditions = list(wanted.items()) if isinstance(wanted, dict) else []
    return [record for record in records if all(_holds(_row(record), key, value) for key, value in conditions)]


def _holds(row: dict[str, Any], key: str, value: Any) -> bool:
    match = re.fullmatch(r"([<>!=]*)(\w+)", str(key))
    if not match or match[2].upper() not in row or match[1] not in COMPARISONS:
        return True  # an unknown condition is no condition
    compare = COMPARISONS[match[1]]
    have = row[match[2].upper()]
    if isinstance(value, list):
        return have in [str(item) for item in value]
    if match[2].upper() == "ID":
        return bool(compare(int(have), to_int(value)))
    return bool(compare(str(have), str(value)))


def _ordered(records: list[Record], order: Any, default: str) -> list[Record]:
    wanted = order if isinstance(order, dict) and order else {default: "ASC"}
    for key, direction in reversed(list(wanted.items())):
        value = _sort_key(str(key).upper())
        records = sorted(records, key=value, reverse=str(direction).upper() == "DESC")
    return records


def _sort_key(name: str) -> Callable[[Record], Any]:
    if name == "ID":
        return lambda record: record.id
    return lambda record: (str(_row(record).get(name, "")), record.id)


def _as_list(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else [value]
