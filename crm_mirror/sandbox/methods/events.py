"""Handlers of events. Docs: api-reference/events/events, event-bind, event-unbind, event-get."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_mirror.sandbox.events import Handler
from crm_mirror.sandbox.registry import Answer, Call, Refused, method
from crm_mirror.sandbox.values import to_int

if TYPE_CHECKING:
    from crm_mirror.sandbox.portal import Portal

APPLICATION = [
    "ONAPPUNINSTALL",
    "ONAPPINSTALL",
    "ONAPPUPDATE",
    "ONAPPPAYMENT",
    "ONAPPTEST",
    "ONAPPMETHODCONFIRM",
    "ONOFFLINEEVENT",
    "ONUSERADD",
]
OF_CRM = [
    f"ONCRM{kind}{change}"
    for kind in ("LEAD", "DEAL", "COMPANY", "CONTACT")
    for change in (
        "ADD",
        "UPDATE",
        "DELETE",
        "USERFIELDADD",
        "USERFIELDUPDATE",
        "USERFIELDDELETE",
        "USERFIELDSETENUMVALUES",
    )
]
OF_TELEPHONY = [
    "ONVOXIMPLANTCALLINIT",
    "ONVOXIMPLANTCALLSTART",
    "ONVOXIMPLANTCALLEND",
    "ONEXTERNALCALLSTART",
    "ONEXTERNALCALLBACKSTART",
]
EVENTS = {"": APPLICATION, "crm": [*OF_CRM, "ONCRMDEALMOVETOCATEGORY"], "telephony": OF_TELEPHONY}
BY_HAND = ["ONUSERADD", *OF_CRM, *OF_TELEPHONY]  # what a person may choose for an outgoing webhook
KNOWN = frozenset(name for names in EVENTS.values() for name in names)


@method("events", scope=None)
def events(call: Call, portal: Portal) -> Answer:
    """Names the token may bind; of one scope, or all there are with FULL."""
    scope = call.param("SCOPE")
    if scope is not None:
        return Answer(list(EVENTS.get(str(scope), [])))
    is_full = str(call.param("FULL", default="")).lower() in {"1", "true", "y"}
    allowed = [name for needs in EVENTS for name in EVENTS[needs] if is_full or not needs or needs in call.scopes]
    return Answer(allowed)


@method("event.bind", scope=None, application=True)
def bind(call: Call, portal: Portal) -> Answer:
    event = str(call.param("event", default="")).upper()
    is_offline = _is_offline(call)
    if event not in KNOWN:
        raise Refused(400, "ERROR_EVENT_NOT_FOUND", "Event not found")
    url = "" if is_offline else str(call.param("handler", default=""))
    if not is_offline and not url.startswith(("http://", "https://")):
        raise Refused(400, "ERROR_ARGUMENT", "Argument 'HANDLER' is null or empty", {"argument": "HANDLER"})
    auth_type = _auth_type(call)
    _check_admin(call, "binding", is_offline=is_offline, auth_type=auth_type)
    if not call.is_admin:
        auth_type = call.user_id  # events of an ordinary employee come on his own behalf
    if any(_is_same(item, call, event, url, auth_type or 0) for item in portal.events.handlers):
        raise Refused(400, "ERROR_CORE", "Unable to set event handler: Handler already binded")
    portal.events.bind(
        event,
        url,
        app_id=call.app_id or "",
        auth_type=auth_type or 0,
        offline=is_offline,
        auth_connector=str(call.param("auth_connector", default="")),
        options=call.param("options", default={}) or {},
    )
    return Answer(True)


@method("event.unbind", scope=None, application=True)
def unbind(call: Call, portal: Portal) -> Answer:
    """How many handlers went. Without auth_type all of the address, with 0 those bound for nobody in particular."""
    is_offline = _is_offline(call)
    auth_type = _auth_type(call)
    _check_admin(call, "unbinding", is_offline=is_offline, auth_type=auth_type)
    if not call.is_admin:
        auth_type = call.user_id
    event = str(call.param("event", default="")).upper()
    url = str(call.param("handler", default=""))
    chosen = [
        item
        for item in _own(call, portal)
        if item.offline == is_offline
        and event in ("", item.event)
        and url in ("", item.url)
        and (auth_type is None or item.auth_type == auth_type)
    ]
    return Answer({"count": portal.events.unbind(chosen)})


@method("event.get", scope=None, application=True)
def get(call: Call, portal: Portal) -> Answer:
    """The application's handlers; an ordinary employee sees his own only."""
    rows = []
    for item in _own(call, portal):
        if not call.is_admin and item.auth_type != call.user_id:
            continue
        row = {
            "event": item.event,
            "handler": item.url,
            "auth_type": str(item.auth_type),
            "offline": int(item.offline),
        }
        if item.offline:
            del row["handler"]
            row["connector_id"] = item.auth_connector
        rows.append(row)
    return Answer(rows)


def _own(call: Call, portal: Portal) -> list[Handler]:
    return [item for item in portal.events.handlers if item.app_id == call.app_id]


def _is_same(item: Handler, call: Call, event: str, url: str, auth_type: int) -> bool:
    connector = str(call.param("auth_connector", default=""))
    theirs = (item.app_id, item.event, item.url, item.auth_type, item.auth_connector)
    return theirs == (call.app_id, event, url, auth_type, connector)


def _is_offline(call: Call) -> bool:
    return str(call.param("event_type", default="online")).lower() == "offline"


def _auth_type(call: Call) -> int | None:
    """None when not given; 0 for an empty value."""
    given = call.param("auth_type")
    return None if given is None else to_int(given)


def _check_admin(call: Call, doing: str, *, is_offline: bool, auth_type: int | None) -> None:
    if call.is_admin:
        return
    if is_offline:
        text = f"Access denied! Offline events {doing} requires administrator access rights"
        raise Refused(403, "ACCESS_DENIED", text)
    if auth_type not in (None, call.user_id):
        text = f"Access denied! Event {doing} with AUTH_TYPE requires administrator access rights"
        raise Refused(403, "ACCESS_DENIED", text)
