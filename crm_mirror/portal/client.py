"""Calls to one portal: waits for the allowance, repeats what passes by itself, writes one log line for each attempt.

Everything that is not pure comes in at construction: clock, sleep, random, the allowance's store.
"""

from __future__ import annotations

import logging
import random as random_module
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from crm_mirror.portal.errors import (
    MethodExhausted,
    PortalBusy,
    PortalError,
    PortalSlow,
    TokenExpired,
    halts_everything,
)
from crm_mirror.portal.limits import Allowance
from crm_mirror.portal.transport import Access, Answer, Timeouts, Transport

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long (seconds) a call is repeated. Waiting doubles each time, by half at random."""

    attempts: int = 5
    attempts_when_busy: int = 10
    attempts_when_slow: int = 3  # each may take a minute
    first: float = 0.5
    longest: float = 30.0
    budget_unknown: float = 60.0  # a method's budget is spent and the portal does not say until when

    def attempts_for(self, error: PortalError) -> int:
        if isinstance(error, PortalSlow):
            return self.attempts_when_slow
        return self.attempts_when_busy if isinstance(error, PortalBusy) else self.attempts

    def seconds_before(self, attempt: int, chance: float) -> float:
        """`attempt` 2 is the first repetition; `chance` between 0 and 1."""
        full = min(self.longest, self.first * float(2 ** (attempt - 2)))
        return full * (0.5 + chance / 2)


class Client:
    """The portal as a function: `call(method, params)`. `requests` counts what was really sent."""

    def __init__(
        self,
        access: Access,
        allowance: Allowance,
        *,
        patience: Patience | None = None,
        timeouts: Timeouts | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        random: Callable[[], float] = random_module.random,
    ) -> None:
        self.requests = 0
        self.allowance = allowance
        self.access = access
        self._transport = Transport(access, timeouts or Timeouts())
        self._patience = patience or Patience()
        self._clock, self._sleep, self._random = clock, sleep, random
        self._reset_at: dict[str, float] = {}  # by method, our clock
        self._worker = ThreadPoolExecutor(1, "portal")

    def call(self, method: str, params: Mapping[str, Any] | None = None, *, repeatable: bool = True) -> Answer:
        """The portal's answer; a PortalError when there is none to be had.

        `repeatable=False`: the call changes something, so it is sent again only when it surely was not carried out.
        """
        return self.begin(method, params or {}, repeatable=repeatable).result()

    def begin(
        self, method: str, params: Mapping[str, Any], *, methods: Sequence[str] = (), repeatable: bool = True
    ) -> Pending:
        """Send now, read later: the answer travels while the caller does something else. `methods`: of a batch."""
        return Pending(self, method, params, methods or (method,), repeatable=repeatable)

    def noted(self, method: str, outcome: Answer | PortalError) -> None:
        """Remember a method's time budget, out of an answer or of one command's share of a batch."""
        if isinstance(outcome, Answer):
            if outcome.operating_reset_in is not None:
                self._reset_at[method.lower()] = self._clock() + outcome.operating_reset_in
        elif isinstance(outcome, MethodExhausted):
            self.allowance.pause(method, self._budget_back(method, outcome))

    def close(self) -> None:
        self._worker.shutdown(wait=False, cancel_futures=True)
        self._transport.close()

    def submit(self, method: str, params: Mapping[str, Any], methods: Sequence[str], attempt: int) -> Sent:
        """Wait for permission and token here, exchange in the worker: it touches no store and no database."""
        ticket = self.allowance.wait_for(methods)
        token = self.access.token()
        self.requests += 1
        commands = len(methods) if method == "batch" else 0
        return Sent(ticket, token, self._worker.submit(self._exchange, method, params, token, commands, attempt))

    def prepare_repetition(self, error: PortalError, method: str, attempt: int, *, repeatable: bool) -> None:
        """Wait until the attempt makes sense; raises the error when it never will, and lets all processes know."""
        if halts_everything(error, method):
            self.allowance.halt(error)
        surely_not_done = isinstance(error, PortalBusy | MethodExhausted)
        if not error.retryable or attempt > self._patience.attempts_for(error) or not (repeatable or surely_not_done):
            raise error
        seconds = self._patience.seconds_before(attempt, self._random())
        if isinstance(error, PortalBusy):
            self.allowance.refused(seconds)  # the wait is the next permission's
        elif isinstance(error, MethodExhausted):
            self.noted(method, error)
        else:
            self._sleep(seconds)

    def _exchange(self, method: str, params: Mapping[str, Any], token: str, commands: int, attempt: int) -> Answer:
        began, status, outcome = time.perf_counter(), [0], "ok"
        try:
            return self._transport.exchange(method, params, token, status.append)
        except PortalError as error:
            outcome = type(error).__name__
            raise
        finally:
            milliseconds = (time.perf_counter() - began) * 1000
            logger.info(
                "portal call method=%s commands=%d status=%d ms=%d attempt=%d outcome=%s",
                *(method, commands, status[-1], milliseconds, attempt, outcome),
            )

    def _budget_back(self, method: str, error: MethodExhausted) -> float:
        """When to ask again, by our clock: what the last good answer said, else a while from now (docs: limits)."""
        known = self._reset_at.pop(method.lower(), 0.0)
        now = self._clock()
        if known <= now and error.reset_in is not None:
            known = now + error.reset_in
        return known + 1.0 if known > now else now + self._patience.budget_unknown


@dataclass(frozen=True, slots=True)
class Sent:
    """One attempt at a call. `ticket`: the number of its request; `token`: what went along as `auth`."""

    ticket: int
    token: str = field(repr=False)
    answer: Future[Answer] = field(repr=False)


class Pending:
    """A call on its way. `ticket`: the number of its request (limits.Allowance), of the last repetition."""

    def __init__(
        self, client: Client, method: str, params: Mapping[str, Any], methods: Sequence[str], *, repeatable: bool
    ) -> None:
        self._client = client
        self._method, self._params, self._methods = method, params, methods
        self._repeatable = repeatable
        self._sent = client.submit(method, params, methods, 1)

    @property
    def ticket(self) -> int:
        return self._sent.ticket

    def result(self) -> Answer:
        attempt, is_renewed = 1, False
        while True:
            try:
                answer = self._sent.answer.result()
            except TokenExpired:  # surely not carried out (docs: settings/oauth/auto-renewal)
                if is_renewed:
                    raise
                self._client.access.renew(self._sent.token)
                attempt, is_renewed = attempt + 1, True
            except PortalError as error:
                attempt += 1
                self._client.prepare_repetition(error, self._method, attempt, repeatable=self._repeatable)
            else:
                self._client.allowance.answered()
                self._client.noted(self._method, answer)
                return answer
            self._sent = self._client.submit(self._method, self._params, self._methods, attempt)
