"""Access as a local application: its tokens are renewed when they have run out, never before each request.

docs: settings/oauth/index, settings/oauth/auto-renewal, settings/oauth/error-codes. Tokens live in the store that is
handed in, for all processes; they are in no repr, message or log line.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from crm_mirror.portal.errors import (
    ApplicationLost,
    NotAllowed,
    PortalError,
    PortalFaulty,
    PortalUnreachable,
    TokenExpired,
)
from crm_mirror.portal.secret import Secret, hidden
from crm_mirror.portal.transport import Timeouts, parsed

MARGIN = 30.0  # seconds before its end at which a token is no longer used
BRIEF = Timeouts(connect=5.0, read=15.0)
ATTEMPTS = Retry(  # some 45 s in all at the very worst; errors of its own quote no body, which is where the secrets are
    total=2, backoff_factor=0.3, status_forcelist=(500, 502, 503, 504), allowed_methods=None, raise_on_status=False
)
ONCE = Retry(total=0, raise_on_status=False)
REFUSALS: dict[str, type[PortalError]] = {
    "invalid_grant": ApplicationLost,
    "invalid_client": ApplicationLost,
    "PAYMENT_REQUIRED": NotAllowed,
    "insufficient_scope": NotAllowed,
    "invalid_scope": NotAllowed,
}


@dataclass(frozen=True, slots=True)
class Tokens:
    """A pair that works until `expires_at` (our clock, seconds since the epoch)."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: float


@dataclass(frozen=True, slots=True)
class Grant:
    """What the authorization server hands out for a refresh token, which is thereby used up."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    lives: float  # seconds
    member_id: str
    user_id: int | None
    scopes: str  # crm,user,…


class Store(Protocol):
    """Where the tokens of one portal are kept for all processes."""

    def tokens(self) -> Tokens: ...

    def renewed(self, refused: str, ask: Callable[[str], Grant]) -> Tokens:
        """Others than `refused`: those that another process has put there, else what `ask(refresh token)` brings.

        Only one process at a time asks, for each refresh token is good once.
        """


class AuthorizationServer:
    """Renews tokens, and hands them out for a sign-in's code. `url`: https://oauth.bitrix.info"""

    def __init__(self, url: str, client_id: str, client_secret: str, timeouts: Timeouts = BRIEF) -> None:
        self._address = f"{url.rstrip('/')}/oauth/token/"
        self._client_id = client_id
        self._client_secret = Secret(client_secret)
        self._timeouts = timeouts

    def refreshed(self, refresh_token: str) -> Grant:
        """A new pair. Raises ApplicationLost when there will be none any more, another PortalError when there is none
        for now. In the body, as the vendor's own SDK sends it: addresses end up in logs."""
        return self._granted({"grant_type": "refresh_token", "refresh_token": refresh_token}, ATTEMPTS)

    def redeemed(self, code: str) -> Grant:
        """The pair of whoever has just signed in to the portal. Raises as `refreshed` does.

        Asked once: a code is good for one attempt and 30 s, so a second one would only hide what became of the first.
        """
        return self._granted({"grant_type": "authorization_code", "code": code}, ONCE)

    def _granted(self, asked: Mapping[str, str], attempts: Retry) -> Grant:
        secrets = {"client_id": self._client_id, "client_secret": self._client_secret}
        response = self._post({**asked, **secrets}, attempts)
        body = hidden(parsed(response.content))
        if not isinstance(body, dict):
            raise PortalFaulty(f"authorization server: HTTP {response.status_code} without an answer")
        if "error" in body or not response.ok:
            raise refusal(body, response.status_code)
        return grant_in(body)

    def _post(self, form: Mapping[str, str], attempts: Retry) -> requests.Response:
        cause = ""
        try:
            with requests.Session() as session:
                session.mount("http://", HTTPAdapter(max_retries=attempts))
                session.mount("https://", HTTPAdapter(max_retries=attempts))
                limits = (self._timeouts.connect, self._timeouts.read)
                return session.post(self._address, data=form, timeout=limits, allow_redirects=False)
        except requests.exceptions.RequestException as error:
            cause = type(error).__name__
        raise PortalUnreachable(f"authorization server: the connection failed ({cause})")


def refusal(body: Mapping[str, Any], status: int) -> PortalError:
    """Codes only: who knows what a server repeats in its description."""
    code = str(body.get("error") or "")
    kind = REFUSALS.get(code, PortalFaulty)
    return kind(f"authorization server: {code or f'HTTP {status}'}", code=code, status=status)


def grant_in(body: Mapping[str, Any]) -> Grant:
    try:
        user_id = int(body["user_id"]) if body.get("user_id") else None
        access, refresh, lives = Secret(body["access_token"]), Secret(body["refresh_token"]), float(body["expires_in"])
    except (KeyError, TypeError, ValueError):
        raise PortalFaulty("authorization server: an answer without tokens") from None
    return Grant(access, refresh, lives, str(body.get("member_id") or ""), user_id, str(body.get("scope") or ""))


class Application:
    """The portal as a local application sees it."""

    def __init__(
        self, origin: str, store: Store, server: AuthorizationServer, clock: Callable[[], float] = time.time
    ) -> None:
        self.origin = origin
        self._store = store
        self._server = server
        self._clock = clock
        self._tokens: Tokens | None = None

    def address(self, method: str) -> str:
        return f"{self.origin}/rest/{method}"

    def token(self) -> str:
        if self._tokens is None or self._is_over(self._tokens):
            self._tokens = self._store.tokens()
        if self._is_over(self._tokens):
            self.renew(self._tokens.access)
        return self._tokens.access

    def renew(self, refused: str) -> None:
        self._tokens = self._store.renewed(refused, self._server.refreshed)

    def without_secrets(self, text: str) -> str:
        return text.replace(self._tokens.access, "…") if self._tokens else text

    def _is_over(self, tokens: Tokens) -> bool:
        return tokens.expires_at - MARGIN <= self._clock()


@dataclass
class Visitor:
    """Somebody's access token as it came to us, good for asking who that is. Nothing renews it."""

    origin: str
    given: str = field(repr=False)

    def address(self, method: str) -> str:
        return f"{self.origin}/rest/{method}"

    def token(self) -> str:
        return self.given

    def renew(self, refused: str) -> None:
        raise TokenExpired("the token that came with the call has run out")

    def without_secrets(self, text: str) -> str:
        return text.replace(self.given, "…")
