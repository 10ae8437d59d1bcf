"""Calls of an outside PBX: registered, shown, ended. Docs: api-reference/telephony. Events: rest.md §8.

portal.memory: "calls" {CALL_ID: call}, "shown" {CALL_ID: employees who see the card}, "statistics" rows of ended calls.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crm_mirror.sandbox.call_rows import app_number, end_facts, finish_facts, statistic_of
from crm_mirror.sandbox.call_search import entities_with
from crm_mirror.sandbox.envelope import stamp
from crm_mirror.sandbox.registry import Answer, Call, Refused, method
from crm_mirror.sandbox.values import to_int

if TYPE_CHECKING:
    from crm_mirror.sandbox.portal import Portal

SAME_CALL_S = 30 * 60
TYPES = {"1", "2", "3", "4", "5"}


@method("telephony.externalCall.register", scope="telephony", application=True)
def register(call: Call, portal: Portal) -> Answer:
    """Registered again within 30 minutes, the same call keeps its CALL_ID."""
    user_id = _user_of(call, portal)
    kind = str(call.param("TYPE", default=""))
    if kind not in TYPES:
        raise _core("Unknown TYPE")
    number = str(call.param("PHONE_NUMBER", default=""))
    if not any(sign.isdigit() for sign in number):
        raise _core("Unsupported phone number format")
    same = (number, kind, user_id, call.param("LINE_NUMBER"), call.param("EXTERNAL_CALL_ID"), call.app_id)
    with portal.lock:
        known = _registered_before(portal, same)
        if known:
            return Answer(known["answer"])
        answer = _remembered(call, portal, same, _started(call))
    facts = {
        "CALL_ID": answer["CALL_ID"],
        "CALL_TYPE": kind,
        "CALLER_ID": number,
        "REST_APP_ID": app_number(call, portal),
    }
    portal.events.emit("ONVOXIMPLANTCALLINIT", facts, call.user_id)
    if str(call.param("SHOW", default="1")) != "0":
        _show(portal, answer["CALL_ID"], [user_id])
    return Answer(answer)


@method("telephony.externalCall.show", scope="telephony", application=True)
def show(call: Call, portal: Portal) -> Answer:
    """False: there is no such call."""
    call_id, users = _named(call)
    if call_id not in portal.memory.get("calls", {}):
        return Answer(False)
    _show(portal, call_id, users or [call.user_id])
    return Answer(True)


@method("telephony.externalCall.hide", scope="telephony", application=True)
def hide(call: Call, portal: Portal) -> Answer:
    call_id, users = _named(call)
    if call_id not in portal.memory.get("calls", {}):
        return Answer(False)
    with portal.lock:
        shown = portal.memory.setdefault("shown", {}).setdefault(call_id, set())
        shown.difference_update(users or set(shown))
    return Answer(True)


@method("telephony.externalCall.finish", scope="telephony", application=True)
def finish(call: Call, portal: Portal) -> Answer:
    """Writes the call into the statistics, hides its card, tells ONVOXIMPLANTCALLEND."""
    call_id = call.param("CALL_ID")
    if not isinstance(call_id, str):
        raise Refused(400, "INVALID_ARGUMENT", "CALL_ID must be a string")
    user_id = _user_of(call, portal)
    with portal.lock:
        known = portal.memory.get("calls", {}).pop(call_id, None)
        if known is None:
            raise _core("Call is not found (call should be registered prior to finishing)")
        portal.memory.get("shown", {}).pop(call_id, None)
        rows = portal.memory.setdefault("statistics", [])
        row = statistic_of(call, portal, known, user_id, len(rows) + 1)
        rows.append(row)
    portal.events.emit("ONVOXIMPLANTCALLEND", end_facts(row), call.user_id)
    return Answer(finish_facts(row))


@method("telephony.externalCall.searchCrmEntities", scope="telephony")
def search_crm_entities(call: Call, portal: Portal) -> Answer:
    number = str(call.param("PHONE_NUMBER", default=""))
    if not number:
        raise _core("PHONE_NUMBER is empty")
    return Answer(entities_with(portal, number, call.user_id))


def _registered_before(portal: Portal, same: tuple[Any, ...]) -> dict[str, Any] | None:
    since = portal.clock.monotonic() - SAME_CALL_S
    known = portal.memory.setdefault("calls", {}).values()
    return next((one for one in known if one["same"] == same and one["at"] > since), None)


def _remembered(call: Call, portal: Portal, same: tuple[Any, ...], started: str) -> dict[str, Any]:
    """What `register` answers, kept until the call is finished."""
    number, kind, _, line, outer_id, _ = same
    client_type, client_id = _client_of(call, portal, number)
    answer: dict[str, Any] = {
        "CALL_ID": f"externalCall.{secrets.token_hex(16)}.{int(portal.clock.timestamp())}",
        "CRM_CREATED_LEAD": None,
        "CRM_CREATED_ENTITIES": [],
        "CRM_ENTITY_TYPE": client_type,
        "CRM_ENTITY_ID": client_id,
    }
    portal.memory["calls"][answer["CALL_ID"]] = {
        "same": same,
        "at": portal.clock.monotonic(),
        "answer": answer,
        "number": number,
        "kind": kind,
        "started": started,
        "line": line,
        "outer_id": outer_id,
    }
    return answer


def _user_of(call: Call, portal: Portal) -> int:
    inner, user_id = call.param("USER_PHONE_INNER"), call.param("USER_ID")
    if not inner and not user_id:
        raise _core("USER_ID or USER_PHONE_INNER should be set")
    found = portal.store.user(to_int(user_id)) if user_id else None
    if not user_id:
        found = next((one for one in portal.store.users() if one.get("UF_PHONE_INNER") == str(inner)), None)
    if found is None or not found["ACTIVE"]:
        raise _core("User is not found or is not active")
    return int(found["ID"])


def _started(call: Call) -> str:
    given = call.param("CALL_START_DATE")
    if not given:
        return stamp(call.now)
    try:
        moment = datetime.fromisoformat(str(given))
    except ValueError as error:
        raise _core("CALL_START_DATE should be in the ISO-8601 format") from error
    return stamp(moment if moment.tzinfo else moment.replace(tzinfo=call.now.tzinfo))


def _client_of(call: Call, portal: Portal, number: str) -> tuple[str | None, int | None]:
    """What the caller named, else the first entity that carries the number."""
    if call.param("CRM_ENTITY_TYPE") and call.param("CRM_ENTITY_ID"):
        return str(call.param("CRM_ENTITY_TYPE")).upper(), to_int(call.param("CRM_ENTITY_ID"))
    found = entities_with(portal, number, call.user_id)
    return (found[0]["CRM_ENTITY_TYPE"], found[0]["CRM_ENTITY_ID"]) if found else (None, None)


def _named(call: Call) -> tuple[str, list[int]]:
    users = call.param("USER_ID", default=[])
    listed = users if isinstance(users, list) else [users]
    return str(call.param("CALL_ID", default="")), [to_int(one) for one in listed]


def _show(portal: Portal, call_id: str, users: list[int]) -> None:
    with portal.lock:
        portal.memory.setdefault("shown", {}).setdefault(call_id, set()).update(users)
    for user_id in users:
        portal.events.emit("ONVOXIMPLANTCALLSTART", {"CALL_ID": call_id, "USER_ID": str(user_id)}, user_id)


def _core(text: str) -> Refused:
    return Refused(400, "ERROR_CORE", text)
