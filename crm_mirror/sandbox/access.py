"""Who may call: webhooks, applications and their tokens.

docs: settings/oauth/index, settings/oauth/auto-renewal, _includes/system-errors
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crm_mirror.sandbox.clock import Clock
from crm_mirror.sandbox.registry import Refused

if TYPE_CHECKING:
    from crm_mirror.sandbox.portal import Portal, PortalConfig

DOCUMENTED_SCOPES = frozenset({"crm", "user", "department", "telephony", "placement", "im"})
CODE_LIFE_S = 30
ACCESS_LIFE_S = 3600
REFRESH_LIFE_S = 180 * 24 * 3600


@dataclass(frozen=True)
class App:
    """A local application as its card in the portal describes it."""

    secret: str
    redirect: str = ""  # its page, and where sign-in leads back to
    installer: str = ""  # "initial installation path"
    scopes: frozenset[str] = DOCUMENTED_SCOPES
    title: str = "Sandbox application"
    code: str = ""  # of a local application its client ID
    installed: bool = True


@dataclass(frozen=True)
class Caller:
    """Who stands behind a request after its credentials were checked. `key` names the budget it uses up."""

    user_id: int
    scopes: frozenset[str]
    key: str
    app_id: str | None = None


@dataclass(frozen=True)
class Grant:
    """A code or token: whose it is and until when (monotonic seconds)."""

    client_id: str
    user_id: int
    until: float
    scopes: frozenset[str] = field(default_factory=frozenset)


class Tokens:
    """Codes, access and refresh tokens of applications. A refresh token works once."""

    def __init__(self, config: PortalConfig, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._codes: dict[str, Grant] = {}
        self._access: dict[str, Grant] = {}
        self._refresh: dict[str, Grant] = {}
        self._lock = threading.Lock()

    def new_code(self, client_id: str, user_id: int) -> str:
        code = secrets.token_hex(16)
        self._codes[code] = self._grant(client_id, user_id, CODE_LIFE_S)
        return code

    def issue(self, client_id: str, user_id: int) -> dict[str, Any]:
        """A new pair and everything the authorization server says with it."""
        access, refresh = secrets.token_hex(35), secrets.token_hex(35)
        with self._lock:
            self._access[access] = grant = self._grant(client_id, user_id, ACCESS_LIFE_S)
            self._refresh[refresh] = self._grant(client_id, user_id, REFRESH_LIFE_S)
        return {
            "access_token": access,
            "client_endpoint": f"{self._config.url}/rest/",
            "domain": self._config.host,
            "expires": int(self._clock.timestamp()) + ACCESS_LIFE_S,
            "expires_in": ACCESS_LIFE_S,
            "member_id": self._config.member_id,
            "refresh_token": refresh,
            "scope": ",".join(sorted(grant.scopes)),
            "server_endpoint": f"{self._config.url}/rest/",
            "status": "L",
            "user_id": user_id,
        }

    def redeem_code(self, client_id: str, code: str) -> dict[str, Any] | None:
        return self._redeem(self._codes, client_id, code)

    def redeem_refresh(self, client_id: str, token: str) -> dict[str, Any] | None:
        return self._redeem(self._refresh, client_id, token)

    def grant_of(self, token: str) -> Grant | None:
        return self._access.get(token)

    def is_expired(self, grant: Grant) -> bool:
        return self._clock.monotonic() >= grant.until

    def _redeem(self, grants: dict[str, Grant], client_id: str, secret: str) -> dict[str, Any] | None:
        with self._lock:
            grant = grants.pop(secret, None)
        if grant is None or grant.client_id != client_id or self.is_expired(grant):
            return None
        return self.issue(client_id, grant.user_id)

    def _grant(self, client_id: str, user_id: int, life: float) -> Grant:
        scopes = self._config.apps[client_id].scopes
        return Grant(client_id, user_id, self._clock.monotonic() + life, scopes)


def caller_by_webhook(portal: Portal, user_id: str, token: str) -> Caller:
    """The webhook's user; Refused when there is no such webhook or its owner was dismissed (rest.md trap 13)."""
    if portal.faults.state("revoked") or str(portal.config.webhooks.get(token)) != user_id:
        raise no_auth()
    return _if_active(portal, Caller(int(user_id), portal.config.webhook_scopes, f"webhook {token}"))


def caller_by_token(portal: Portal, token: str) -> Caller:
    grant = portal.tokens.grant_of(token) if token else None
    if grant is None or portal.faults.state("revoked"):
        raise no_auth()
    if portal.faults.state("expired") or portal.tokens.is_expired(grant):
        raise Refused(401, "expired_token", "The access token provided has expired.")
    return _if_active(portal, Caller(grant.user_id, grant.scopes, f"app {grant.client_id}", grant.client_id))


def no_auth() -> Refused:
    return Refused(401, "NO_AUTH_FOUND", "Wrong authorization data")


def _if_active(portal: Portal, caller: Caller) -> Caller:
    if not portal.is_active(caller.user_id):
        raise Refused(403, "INVALID_CREDENTIALS", "Invalid request credentials")
    return caller
