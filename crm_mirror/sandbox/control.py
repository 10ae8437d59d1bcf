"""The control page /_sandbox/: what the portal is doing, and switches for people and tests.

GET /_sandbox/            the page; GET /_sandbox/state  the same as JSON
GET /_sandbox/log         requests so far as JSON
POST /_sandbox/faults     {"spec": "503=0.1,…"} adds;  /_sandbox/heal {"name": "503" or nothing}
POST /_sandbox/limits     {"on": 0|1};  /_sandbox/reset  log, limits, faults
POST /_sandbox/advance    {"seconds": 60} time passes;  /_sandbox/jump {"seconds": -3600} the clock is set
POST /_sandbox/webhook    {"url": "https://…"} an outgoing webhook of all events; answers with its application_token
A form gets the page back, JSON gets the state.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from crm_mirror.sandbox.control_page import page, webhook_page
from crm_mirror.sandbox.methods.events import BY_HAND
from crm_mirror.sandbox.params import BadBody, decoded
from crm_mirror.sandbox.wire import HTML, JSON, Reply, Request

if TYPE_CHECKING:
    from crm_mirror.sandbox.portal import Portal

PREFIX = "/_sandbox/"


def reply(portal: Portal, request: Request) -> Reply:
    what = request.path.removeprefix(PREFIX.rstrip("/")).strip("/")
    if request.verb == "POST":
        return _change(portal, request, what)
    if what == "":
        return Reply(200, page(state(portal), list(portal.log)[-50:]).encode(), HTML)
    if what == "state":
        return _json(state(portal))
    if what == "log":
        return _json([entry.as_dict() for entry in portal.log])
    return _json({"error": f"nothing at {request.path}"}, 404)


def state(portal: Portal) -> dict[str, Any]:
    """Everything but secrets: webhooks and applications are printed by the command, not shown to whoever asks."""
    return {
        "url": portal.config.url,
        "edition": portal.config.edition,
        "now": portal.now().isoformat(),
        "limits_on": portal.limits.on,
        "rate_per_second": portal.limits.rate_per_second,
        "rate_burst": portal.limits.rate_burst,
        "operating_limit_s": portal.limits.operating_limit_s,
        "requests": len(portal.log),
        "faults": portal.faults.as_list(),
        "handlers": [
            {"event": item.event, "url": item.url, "offline": item.offline} for item in portal.events.handlers
        ],
        "users": [_person(user) for user in portal.store.users()[:100]],
    }


def _change(portal: Portal, request: Request, what: str) -> Reply:
    action = ACTIONS.get(what)
    if action is None:
        return _json({"error": f"nothing at {request.path}"}, 404)
    try:
        told = action(portal, decoded(request.query, request.body, request.header("content-type")))
    except (BadBody, ValueError) as error:
        return _json({"error": str(error)}, 400)
    if "json" in request.header("content-type") + request.header("accept"):
        return _json(state(portal) | (told or {}))
    if told:
        return Reply(200, webhook_page(**told).encode(), HTML)
    return Reply(303, b"", HTML, {"Location": PREFIX})


def _add_faults(portal: Portal, params: dict[str, Any]) -> None:
    portal.faults.add_spec(str(params.get("spec", "")))


def _heal(portal: Portal, params: dict[str, Any]) -> None:
    portal.faults.heal(str(params.get("name", "")))


def _switch_limits(portal: Portal, params: dict[str, Any]) -> None:
    portal.limits.on = str(params.get("on", "1")).lower() in {"1", "true", "on", "y"}


def _advance(portal: Portal, params: dict[str, Any]) -> None:
    portal.clock.advance(float(params.get("seconds", 0)))


def _jump(portal: Portal, params: dict[str, Any]) -> None:
    portal.clock.jump(float(params.get("seconds", 0)))


def _make_webhook(portal: Portal, params: dict[str, Any]) -> dict[str, str]:
    url = str(params.get("url", ""))
    return {"webhook_url": url, "application_token": portal.events.outgoing_webhook(url, BY_HAND)}


def _reset(portal: Portal, params: dict[str, Any]) -> None:
    portal.log.clear()
    portal.limits.reset()
    portal.faults.heal()


ACTIONS: dict[str, Callable[[Portal, dict[str, Any]], dict[str, str] | None]] = {  # what a caller is told besides
    "faults": _add_faults,
    "heal": _heal,
    "limits": _switch_limits,
    "advance": _advance,
    "jump": _jump,
    "webhook": _make_webhook,
    "reset": _reset,
}


def _person(user: dict[str, Any]) -> dict[str, Any]:
    name = f"{user.get('NAME') or ''} {user.get('LAST_NAME') or ''}".strip()
    return {"id": user["ID"], "name": name, "active": user["ACTIVE"], "is_admin": bool(user.get("IS_ADMIN"))}


def _json(body: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(body, ensure_ascii=False).encode(), JSON)
