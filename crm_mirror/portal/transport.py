"""One HTTP exchange with a portal: request out, answer in, every failure turned into its PortalError. No retries here.

Nothing that leaves this module (results, errors, logs, reprs) holds the address with its token.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter

from crm_mirror.portal.errors import (
    MethodExhausted,
    PortalError,
    PortalFaulty,
    PortalMoved,
    PortalSlow,
    PortalUnreachable,
    TokenExpired,
    error_class,
)
from crm_mirror.portal.secret import Secret

logger = logging.getLogger(__name__)

MOST_MOVES = 3  # redirects of one call
REDIRECTS = frozenset({301, 302, 303, 307, 308})
SECRET_PATH = re.compile(r"/rest/\d+/[^/\s]+/")


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. A cloud request is cut at 60 s (docs: limits), so nobody waits much longer for one."""

    connect: float = 5.0
    read: float = 65.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful call. `total` and `next` only in lists.

    `operating_reset_in`: seconds until the oldest minute falls out of the method's time budget, where there is one.
    """

    result: Any
    total: int | None = None
    next: int | None = None
    operating_reset_in: float | None = None


class Access(Protocol):
    """Where a portal is and what opens it: a webhook's address, or an application's token."""

    origin: str  # https://portal.example; changes when the portal was renamed

    def address(self, method: str) -> str: ...

    def token(self) -> str:
        """What goes along as `auth`; "" when the address says it all. May wait, and may look into the database."""

    def renew(self, refused: str) -> None:
        """The portal called this token expired. Returns when there is another; raises a PortalError otherwise."""

    def without_secrets(self, text: str) -> str: ...


@dataclass
class Webhook:
    """An incoming webhook. Its token is in `path`, hence in no repr."""

    origin: str
    path: str = field(repr=False)  # /rest/1/token/

    @classmethod
    def parse(cls, url: str) -> Webhook:
        """From `https://portal/rest/1/token/`; ValueError says what is wrong, without repeating the text."""
        parts = urlsplit(url.strip())
        if parts.scheme not in {"https", "http"} or not parts.hostname:
            raise ValueError("it is no http(s) address")
        if "@" in parts.netloc:  # would be kept in the clear, as part of the portal's origin
            raise ValueError("it holds a user name or password before the portal's name; leave them out")
        if not re.fullmatch(r"(/[^/]+)*/rest/\d+/[^/]+/?(profile(\.json)?/?)?", parts.path) or parts.query:
            raise ValueError("its path is not /rest/<user ID>/<token>/")
        path = re.sub(r"profile(\.json)?/?$", "", parts.path)  # the portal's own page shows it with an example method
        return cls(f"{parts.scheme}://{parts.netloc}", Secret(path.rstrip("/") + "/"))

    def address(self, method: str) -> str:
        return Secret(f"{self.origin}{self.path}{method}")

    def token(self) -> str:
        return ""

    def renew(self, refused: str) -> None:
        raise TokenExpired("the portal calls the webhook expired")

    def without_secrets(self, text: str) -> str:
        token = Secret(self.path.rstrip("/").rsplit("/", 1)[-1])
        return SECRET_PATH.sub("/rest/…/", text.replace(token, "…"))


class Transport:
    """A pooled session to one portal. Not for several threads at once."""

    def __init__(self, access: Access, timeouts: Timeouts) -> None:
        self._access = access
        self._timeouts = timeouts
        self._session = requests.Session()
        self._session.trust_env = True  # HTTPS_PROXY of the company's network
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=2, max_retries=0)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def exchange(self, method: str, params: Mapping[str, Any], token: str, told: Callable[[int], None]) -> Answer:
        """One call. `token`: see Access. `told(status)` is called with the HTTP status as soon as there is one."""
        body = {**params, "auth": token} if token else params
        for _ in range(MOST_MOVES + 1):
            response = self._post(method, body)
            told(response.status_code)
            if response.status_code not in REDIRECTS:
                return self._answer(method, response)
            self._move(response)
        raise PortalMoved(f"{method}: the portal redirects in circles")

    def close(self) -> None:
        self._session.close()

    def _post(self, method: str, body: Mapping[str, Any]) -> requests.Response:
        limits = (self._timeouts.connect, self._timeouts.read)
        address = self._access.address(method)
        kind: type[PortalUnreachable] = PortalUnreachable
        cause = ""
        try:
            return self._session.post(address, json=body, timeout=limits, allow_redirects=False)
        except requests.exceptions.ReadTimeout:
            kind, cause = PortalSlow, "no answer in time"
        except requests.exceptions.Timeout:
            cause = "no connection in time"
        except requests.exceptions.SSLError:
            cause = "its certificate was not accepted"
        except requests.exceptions.RequestException as error:
            cause = f"the connection failed ({type(error).__name__})"
        # Outside of the except block: requests' own errors quote the address, token included, and must not be chained.
        raise kind(f"{method}: {cause}")

    def _move(self, response: requests.Response) -> None:
        """The portal was renamed: its new host, the old path (docs: change-domen). Remembered for later calls."""
        parts = urlsplit(urljoin(self._access.origin, response.headers.get("Location", "")))
        if parts.scheme not in {"http", "https"} or (parts.scheme, self._access.origin[:6]) == ("http", "https:"):
            raise PortalMoved("the portal redirects to an address that is not https: the token stays here")
        self._access.origin = f"{parts.scheme}://{parts.netloc}"
        logger.warning("portal moved to=%s (put its address into .env)", self._access.origin)

    def _answer(self, method: str, response: requests.Response) -> Answer:
        try:
            return answer_in(method, response.status_code, response.content)
        except PortalError as error:
            error.args = (self._access.without_secrets(str(error)),)
            raise


def answer_in(method: str, status: int, content: bytes) -> Answer:
    """The answer in a body. Raises the portal's error; PortalFaulty when the body is neither answer nor error."""
    body = parsed(content)
    if not isinstance(body, dict) or (status < 400 and not body.keys() & {"error", "result"}):
        kind = PortalSlow if status == 504 else PortalFaulty
        raise kind(f"{method}: HTTP {status} without an answer", status=status)
    if "error" in body or "result" not in body or status >= 400:
        raise portal_error(method, body, status)
    return answer_of(body["result"], body)


def parsed(content: bytes) -> Any:
    """The JSON of an answer; None when there is none. A BOM or PHP warnings may stand before the brace (trap 23)."""
    try:
        return json.loads(content)
    except ValueError:
        pass
    start = content.find(b'{"')  # the first only: of a cut answer some inner object might still be whole
    try:
        return json.loads(content[start:]) if start >= 0 else None
    except ValueError:
        return None


def answer_of(result: Any, facts: Mapping[str, Any]) -> Answer:
    """An answer out of an envelope or of one command's share of a batch. `facts`: total, next, time."""
    return Answer(result, number(facts.get("total")), number(facts.get("next")), reset_in(facts.get("time")))


def reset_in(timing: Any) -> float | None:
    """Seconds to `operating_reset_at`, by the portal's own clock where it tells the time: it may differ from ours."""
    if not isinstance(timing, dict) or not timing.get("operating_reset_at"):
        return None
    try:
        return float(timing["operating_reset_at"]) - float(timing.get("finish") or time.time())
    except (TypeError, ValueError):
        return None


def portal_error(method: str, body: Mapping[str, Any], status: int = 0) -> PortalError:
    """The error in a body or in a batch's `result_error`. The code may be empty or the number 0 (rest.md §1)."""
    code = str(body.get("error") or "")
    kind = error_class(code, status)
    text = " ".join(str(body.get("error_description") or "").split())[:300]
    message = f"{method}: {' '.join(part for part in (code, text) if part) or f'HTTP {status}'}"
    if issubclass(kind, MethodExhausted):
        return kind(message, code=code, status=status, reset_in=reset_in(body.get("time")))
    return kind(message, code=code, status=status)


def number(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


class _WithoutTokens(logging.Filter):
    """urllib3 logs each path at DEBUG level, token included."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = SECRET_PATH.sub("/rest/…/", record.getMessage()), ()
        return True


logging.getLogger("urllib3.connectionpool").addFilter(_WithoutTokens())
