"""The application's tokens: rows of PortalConnection, sealed, renewed by one process at a time.

A process takes the right to renew by compare-and-set and holds no lock or transaction while it asks: on SQLite that
would stop every writer for as long as the authorization server takes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from crm_mirror.models import PortalConnection
from crm_mirror.portal.errors import ApplicationLost, PortalError
from crm_mirror.portal.oauth import Grant, Tokens
from crm_mirror.secrets import opened, sealed

logger = logging.getLogger(__name__)

RENEWING = timedelta(seconds=90)  # longer than the authorization server is waited for (portal.oauth)
PAUSE = 0.3  # seconds between two looks at what the other process is doing


class NotConnected(Exception):
    """No application has been connected to this portal yet."""


class TokenRows:
    """oauth.Store over PortalConnection. `portal`: origin, e.g. https://portal.example"""

    def __init__(self, portal: str, sleep: Callable[[float], None]) -> None:
        self._portal = portal
        self._sleep = sleep

    def tokens(self) -> Tokens:
        return tokens_of(self._row())

    def renewed(self, refused: str, ask: Callable[[str], Grant]) -> Tokens:
        while True:
            row = self._row()
            known = tokens_of(row)
            if known.access != refused:
                return known
            if until := take_turn(row, at=timezone.now()):
                renew(row, until, known.refresh, ask)
                return self.tokens()
            self._sleep(PAUSE)

    def _row(self) -> PortalConnection:
        row = connection_to(self._portal)
        if row is None:
            raise NotConnected
        return row


def connection_to(portal: str) -> PortalConnection | None:
    """The application's connection to the portal of this origin; tokens are never sent to another."""
    return PortalConnection.objects.filter(origin=portal).order_by("connected_at").last() if portal else None


def tokens_of(row: PortalConnection) -> Tokens:
    """Raises secrets.SecretLost."""
    return Tokens(opened(row.access_token), opened(row.refresh_token), row.expires_at.timestamp())


def take_turn(row: PortalConnection, *, at: datetime) -> datetime | None:
    """Until when this process alone may renew; None while another does. Who dies at it loses the turn by itself."""
    nobody = Q(renewing_until=None) | Q(renewing_until__lt=at)
    mine = PortalConnection.objects.filter(nobody, pk=row.pk, access_token=row.access_token)
    return at + RENEWING if mine.update(renewing_until=at + RENEWING) else None


def renew(row: PortalConnection, until: datetime, refresh: str, ask: Callable[[str], Grant]) -> None:
    """Ask, and store what comes. Whoever connects the application anew meanwhile has taken our turn away, and wins."""
    turn = PortalConnection.objects.filter(pk=row.pk, renewing_until=until)
    try:
        grant = granted(row, refresh, ask)
    except PortalError as error:
        is_final = error.code == "invalid_grant"
        turn.update(renewing_until=None, **({"refresh_token": ""} if is_final else {}))
        raise
    at = timezone.now()
    turn.update(
        access_token=sealed(grant.access),
        refresh_token=sealed(grant.refresh),
        expires_at=at + timedelta(seconds=grant.lives),
        refreshed_at=at,
        user_id=grant.user_id or row.user_id,
        scopes=grant.scopes[:255] or row.scopes,
        renewing_until=None,
    )
    logger.info("portal tokens renewed portal=%s seconds=%d", row.origin, grant.lives)


def granted(row: PortalConnection, refresh: str, ask: Callable[[str], Grant]) -> Grant:
    if not refresh:
        raise ApplicationLost("the application's tokens are renewed no more")
    grant = ask(refresh)
    if grant.member_id != row.member_id:  # docs: settings/oauth/index; the ID stays when the address changes
        raise ApplicationLost("the tokens that came belong to another portal", code="invalid_grant")
    return grant
