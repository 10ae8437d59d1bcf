"""How an answer goes wrong on its way: replaced as a whole, or spoiled, cut, held back, lost."""

from __future__ import annotations

from dataclasses import replace

from crm_mirror.sandbox.envelope import dumps, error_body
from crm_mirror.sandbox.faults import WHOLE, Fault
from crm_mirror.sandbox.portal import Portal
from crm_mirror.sandbox.registry import Refused
from crm_mirror.sandbox.wire import HTML, Reply, Request

STALL_S = 90.0
SLOW_S = 1.0
RENAMED_TO = "renamed.bitrix24.example"

REFUSALS = {
    "503": Refused(503, "QUERY_LIMIT_EXCEEDED", "Too many requests"),
    "overload": Refused(503, "OVERLOAD_LIMIT", "REST API is blocked due to overload."),
    "500": Refused(500, "INTERNAL_SERVER_ERROR", "Internal server error"),
    "unexpected": Refused(500, "ERROR_UNEXPECTED_ANSWER", "Server returned an unexpected response"),
    "plan_ended": Refused(403, "ACCESS_DENIED", "REST API is available only on commercial plans"),
    "deleted": Refused(500, "PORTAL_DELETED", "Portal was deleted"),
}
PAGES = {"502": (502, "Bad Gateway"), "504": (504, "Gateway Time-out"), "413": (413, "Request Entity Too Large")}
MAINTENANCE = "<!DOCTYPE html><html><head><title>Портал</title></head><body><h1>Ведутся работы</h1></body></html>"
WARNING = (
    b'<br />\n<b>Warning</b>:  Undefined array key "PHONE" in <b>/bitrix/modules/crm/lib/x.php</b> on line <b>42</b>'
    b"<br />\n"
)
BOM = b"\xef\xbb\xbf"


def whole_answer(portal: Portal, struck: dict[str, Fault], request: Request) -> Reply | None:
    """The reply that takes the place of the portal's own; None when no such fault struck."""
    name = next((name for name in struck if name in WHOLE), "")
    if not name:
        return None
    if name in REFUSALS:
        refused = REFUSALS[name]
        return Reply(refused.status, dumps(error_body(refused)), fault=name)
    if name in PAGES:
        status, title = PAGES[name]
        page = f"<html><head><title>{status} {title}</title></head><body><h1>{status} {title}</h1></body></html>"
        return Reply(status, page.encode(), HTML, fault=name)
    if name == "renamed":
        return _moved(portal, struck[name], request)
    return Reply(200, MAINTENANCE.encode() if name == "html" else b"", HTML, fault=name)


def broken(reply: Reply, struck: dict[str, Fault]) -> Reply:
    """The reply as the faults of the wire leave it."""
    for name, fault in struck.items():
        if name == "slow":
            reply = replace(reply, seconds=fault.seconds(SLOW_S), fault=name)
        elif name in {"bom", "warning"}:
            reply = replace(reply, body=(BOM if name == "bom" else WARNING) + reply.body, fault=name)
        elif name == "half":
            reply = replace(reply, body=reply.body[: len(reply.body) // 2], fault=name)
        elif name in {"cut", "reset", "stall"}:
            reply = replace(reply, broken=name, seconds=_held(name, fault, reply), fault=name)
    return reply


def _held(name: str, fault: Fault, reply: Reply) -> float:
    return fault.seconds(STALL_S) if name == "stall" else reply.seconds


def _moved(portal: Portal, fault: Fault, request: Request) -> Reply:
    """The portal was renamed: 302 to the same path on another host (change-domen)."""
    scheme = "https" if portal.config.https else "http"
    query = f"?{request.query}" if request.query else ""
    location = f"{scheme}://{fault.amount or RENAMED_TO}{request.path}{query}"
    return Reply(302, b"", HTML, {"Location": location}, fault="renamed")
