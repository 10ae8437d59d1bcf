"""One request in, one reply out: chooses the room (REST, OAuth, control page), applies the faults, keeps the log."""

from __future__ import annotations

import logging
import time
from dataclasses import replace

from crm_mirror.sandbox import control, installation, oauth
from crm_mirror.sandbox.breakage import broken, whole_answer
from crm_mirror.sandbox.envelope import dumps, error_body
from crm_mirror.sandbox.faults import Fault
from crm_mirror.sandbox.log import Entry
from crm_mirror.sandbox.portal import Portal
from crm_mirror.sandbox.registry import Refused
from crm_mirror.sandbox.rest import RestCall, answer_to, read_call
from crm_mirror.sandbox.wire import HTML, Reply, Request

logger = logging.getLogger(__name__)

CLOCK_FAULT_S = 300.0
# The portal's own words to browsers: applications in frames ask REST from their own pages (practice: rest module).
FOR_BROWSERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "origin, content-type, accept",
}


class App:
    """What the portal answers. No sockets here, so it can be served by anything."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal

    def reply(self, request: Request) -> Reply:
        if request.path.startswith("/rest/"):
            reply = Reply(200, b"", HTML) if request.verb == "OPTIONS" else self._rest(request)
            return replace(reply, headers=reply.headers | FOR_BROWSERS)
        if request.path.startswith("/oauth/"):
            return self._oauth(request)
        if request.path.startswith(installation.PATH):
            return installation.reply(self.portal, request)
        if request.path.startswith("/_sandbox"):
            return control.reply(self.portal, request)
        if request.path == "/":
            return Reply(302, b"", HTML, {"Location": "/_sandbox/"})
        return Reply(404, b"<h1>Not found</h1>", HTML)

    def _rest(self, request: Request) -> Reply:
        started = time.perf_counter()
        try:
            rest = read_call(request)
        except Refused as refused:
            return self._logged(request, "", (), _refusal(refused))
        struck = self.portal.faults.request(rest.method)
        self._set_clock(struck)
        reply = whole_answer(self.portal, struck, request) or self._answer(request, rest)
        reply = broken(reply, struck)
        return self._logged(request, rest.method, rest.commands, reply, time.perf_counter() - started)

    def _oauth(self, request: Request) -> Reply:
        name = request.path.strip("/")
        struck = self.portal.faults.request(name, only_named=True)
        reply = whole_answer(self.portal, struck, request) or oauth.reply(self.portal, request)
        return self._logged(request, name, (), broken(reply, struck))

    def _answer(self, request: Request, rest: RestCall) -> Reply:
        if self.portal.config.require_https and not self.portal.config.https:
            return _refusal(Refused(400, "INVALID_REQUEST", "Https required"))
        try:
            return Reply(200, dumps(answer_to(self.portal, rest, request.source)))
        except Refused as refused:
            return _refusal(refused)
        except Exception:
            logger.exception("The sandbox failed at %s", rest.method)
            return _refusal(Refused(500, "INTERNAL_SERVER_ERROR", "Internal server error"))

    def _set_clock(self, struck: dict[str, Fault]) -> None:
        self.portal.clock.be_wrong(struck["clock"].seconds(CLOCK_FAULT_S) if "clock" in struck else 0.0)

    def _logged(
        self, request: Request, method: str, commands: tuple[str, ...], reply: Reply, seconds: float = 0.0
    ) -> Reply:
        entry = Entry(
            at=self.portal.now(),
            source=request.source,
            verb=request.verb,
            method=method,
            status=0 if reply.broken in {"reset", "stall"} else reply.status,
            commands=commands,
            received=len(request.body),
            sent=len(reply.body),
            seconds=seconds,
            fault=reply.fault,
        )
        self.portal.log.add(entry)
        return replace(reply, body=b"") if request.verb == "HEAD" else reply


def _refusal(refused: Refused) -> Reply:
    return Reply(refused.status, dumps(error_body(refused)))
