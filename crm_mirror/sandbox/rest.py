"""From a REST request to its answer: who calls, may he, is there room, what does the method say.

docs: settings/how-to-call-rest-api/general-principles, _includes/system-errors; rest.md §1, §2
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from crm_mirror.sandbox.access import Caller, caller_by_token, caller_by_webhook, no_auth
from crm_mirror.sandbox.batch import commands_of, method_of, run_batch
from crm_mirror.sandbox.envelope import Timing, envelope
from crm_mirror.sandbox.params import BadBody, decoded
from crm_mirror.sandbox.portal import Portal
from crm_mirror.sandbox.registry import METHODS, Answer, Call, Method, Refused
from crm_mirror.sandbox.rows import spoiled
from crm_mirror.sandbox.wire import Request

CREDENTIALS = ("auth", "AUTH")


@dataclass
class RestCall:
    """A request as read: who says he is whom, which method, with what."""

    method: str
    params: dict[str, Any]
    webhook: tuple[str, str] | None  # user ID, token
    token: str = ""
    commands: tuple[str, ...] = field(default=())


def read_call(request: Request) -> RestCall:
    """/rest/USER/TOKEN/METHOD or /rest/METHOD with `auth`; Refused when the body cannot be read."""
    pieces = [piece for piece in request.path.removeprefix("/rest").split("/") if piece]
    webhook = (pieces[0], pieces[1]) if len(pieces) > 1 and pieces[0].isdigit() else None
    name = "/".join(pieces[2 if webhook else 0 :]).lower().removesuffix(".json")
    try:
        params = decoded(request.query, request.body, request.header("content-type"))
    except BadBody as error:
        raise Refused(400, "INVALID_REQUEST", "The request body is not valid JSON") from error
    token = next((str(params.pop(key)) for key in CREDENTIALS if key in params), _bearer(request))
    commands = tuple(method_of(command) for command in commands_of(params).values()) if name == "batch" else ()
    return RestCall(name, params, webhook, token, commands)


def answer_to(portal: Portal, rest: RestCall, source: str) -> dict[str, Any]:
    """The body of a successful answer; Refused for any other."""
    started = time.perf_counter()
    began = portal.clock.timestamp()
    if not portal.limits.takes_request(source):
        raise Refused(503, "QUERY_LIMIT_EXCEEDED", "Too many requests")
    caller = caller_of(portal, rest)
    if not portal.config.rest_available:
        raise Refused(403, "ACCESS_DENIED", "REST API is available only on commercial plans")
    executor = Executor(portal, caller)
    if rest.method == "batch":
        answer = run_batch(rest.params, executor.command)
        timing = executor.timing(began, started)
    else:
        answer, timing = executor.run(rest.method, rest.params, began=began, started=started)
    return envelope(answer, timing)


def caller_of(portal: Portal, rest: RestCall) -> Caller:
    if rest.webhook:
        return caller_by_webhook(portal, *rest.webhook)
    if not rest.token:
        raise no_auth()
    return caller_by_token(portal, rest.token)


class Executor:
    """Runs methods for one caller: checks, budget, faults of single commands, times."""

    def __init__(self, portal: Portal, caller: Caller) -> None:
        self._portal = portal
        self._caller = caller
        self._is_admin = portal.is_admin(caller.user_id)
        self._says_operating = portal.config.edition == "cloud"

    def command(self, name: str, params: dict[str, Any]) -> tuple[Answer, Timing]:
        """One command of a batch."""
        method = METHODS.get(name)
        if name == "batch" or (method and not method.in_batch):
            raise Refused(405, "ERROR_BATCH_METHOD_NOT_ALLOWED", "Method is not allowed for batch usage")
        return self.run(name, params, began=self._portal.clock.timestamp(), started=time.perf_counter())

    def run(self, name: str, params: dict[str, Any], *, began: float, started: float) -> tuple[Answer, Timing]:
        method = METHODS.get(name)
        if method is None:
            raise Refused(404, "ERROR_METHOD_NOT_FOUND", "Method not found!")
        self._check(method)
        self._check_budget(name)
        now = self._portal.now()
        caller = self._caller
        call = Call(name, params, caller.user_id, self._is_admin, now, caller.scopes, caller.app_id)
        self._portal.events.comes_from(str(call.param("auth_connector", default="")))
        answer = spoiled(self._portal, name, method.run(call, self._portal))
        return answer, self.timing(began, started, name)

    def timing(self, began: float, started: float, method: str = "") -> Timing:
        """Times of what began then; with a method its budget is charged, without one (batch) nothing is."""
        took = time.perf_counter() - started
        finish = began + took
        clock = self._portal.clock
        operating, reset_at = None, None
        if method and self._says_operating:
            charged = self._portal.config.seconds_charged
            usage = self._portal.limits.work_done(self._caller.key, method, took if charged is None else charged)
            operating, reset_at = usage.operating, int(finish + usage.reset_in)
        elif self._says_operating:
            operating, reset_at = 0.0, int(finish) + 600
        return Timing(began, finish, took, clock.at(began), clock.at(finish), operating, reset_at)

    def _check(self, method: Method) -> None:
        caller = self._caller
        refused_scope = method.scope and method.scope not in caller.scopes
        if refused_scope or self._portal.faults.command("scope", method.name.lower()):
            raise Refused(
                403,
                "insufficient_scope",
                "The request requires higher privileges than provided by the webhook token"
                if caller.app_id is None
                else "The request requires higher privileges than provided by the access token",
            )
        if method.application and caller.app_id is None:
            raise Refused(403, "WRONG_AUTH_TYPE", "Current authorization type is denied for this method")
        if method.admin and not self._is_admin:
            raise Refused(403, "ACCESS_DENIED", "Access denied!")

    def _check_budget(self, name: str) -> None:
        faults = self._portal.faults
        if faults.command("error", name):
            raise Refused(500, "INTERNAL_SERVER_ERROR", "Internal server error")
        spent = not self._portal.limits.takes_work(self._caller.key, name)
        if spent or faults.command("429", name):
            # no `time` with it: the docs tell clients to remember operating_reset_at from the last good answer
            raise Refused(429, "OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.")


def _bearer(request: Request) -> str:
    scheme, _, token = request.header("authorization").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
