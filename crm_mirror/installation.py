"""How a local application is connected: the portal posts its tokens to us, and nothing posted is believed unproved.

docs: settings/app-installation/local-apps, settings/oauth/simple-way, api-reference/common/events/on-app-install,
api-reference/events/safe-event-handlers
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from crm_mirror.connection import BRIEF, HASTY, Refused, client_with, is_administrator, portal_of_application
from crm_mirror.models import PortalConnection
from crm_mirror.portal.client import Client
from crm_mirror.portal.errors import CallRefused, NotAllowed, PortalError, TokenExpired, WrongToken
from crm_mirror.portal.oauth import Visitor
from crm_mirror.portal.secret import hidden
from crm_mirror.secrets import sealed

logger = logging.getLogger(__name__)

PATH = "/bitrix/install/"
ACCESS_LIFE = 3600  # seconds at most (docs: settings/oauth/index)
# How the two ways of telling name the same things: the frame that an administrator opens, and the event ONAPPINSTALL.
FRAME = {
    "access": "AUTH_ID",
    "refresh": "REFRESH_ID",
    "lives": "AUTH_EXPIRES",
    "member_id": "member_id",
    "application_token": "APPLICATION_TOKEN",
    "scopes": "APPLICATION_SCOPE",
}
EVENT = {
    "access": "auth[access_token]",
    "refresh": "auth[refresh_token]",
    "lives": "auth[expires_in]",
    "member_id": "auth[member_id]",
    "application_token": "auth[application_token]",
    "scopes": "auth[scope]",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """What somebody brings who says that he is the portal. None of it is signed."""

    member_id: str
    lives: int  # seconds
    scopes: str
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    application_token: str = field(repr=False)


def offer_in(form: Mapping[str, str]) -> Offer:
    """Raises Refused when the form is not what the portal posts."""
    form = hidden(dict(form.items()))  # no report of an error shows it
    names = FRAME if FRAME["access"] in form else EVENT
    told = {ours: form.get(theirs, "") for ours, theirs in names.items()}
    if not (told["access"] and told["refresh"] and told["member_id"]):
        raise Refused(
            _("The portal opens this page and brings the application's tokens; none came."),
            _("Open the application in the portal."),
        )
    lives = told.pop("lives")
    return Offer(lives=min(int(lives), ACCESS_LIFE) if lives.isdecimal() else ACCESS_LIFE, **told)


def connect(offer: Offer, *, at: datetime) -> PortalConnection:
    """Keep the tokens, after the configured portal itself has said that an administrator brings them.

    The portal that the form names is not asked. Raises Refused, WrongSettings, PortalError. What cannot be proved here,
    that the refresh token and the portal's ID belong to it, the authorization server says at the first renewal.
    """
    origin = portal_of_application()
    with closing(client_with(Visitor(origin, offer.access), patience=HASTY, timeouts=BRIEF)) as client:
        user_id = proved(client)
        if not offer.application_token:
            bind_installation(client)
    row, is_new = PortalConnection.objects.update_or_create(
        member_id=offer.member_id[:64],
        defaults={
            "origin": origin,
            "access_token": sealed(offer.access),
            "refresh_token": sealed(offer.refresh),
            "expires_at": at + timedelta(seconds=offer.lives),
            "user_id": user_id,
            "scopes": offer.scopes[:255],
            "connected_at": at,
            "refreshed_at": None,
            "renewing_until": None,
            **({"application_token": sealed(offer.application_token)} if offer.application_token else {}),
        },
    )
    logger.info("portal application connected portal=%s user=%d new=%s", origin, user_id, is_new)
    return row


def proved(client: Client) -> int:
    """Portal ID of the administrator behind the token, which is our application's; Refused otherwise.

    docs: api-reference/common/users/profile, api-reference/common/system/app-info
    """
    try:
        profile: Any = client.call("profile").result
        application: Any = client.call("app.info").result
    except (WrongToken, TokenExpired, NotAllowed, CallRefused) as error:
        logger.warning("portal application not connected: %s", error)
        raise Refused(
            _("The portal does not accept the token that came with the call."),
            _("Open the application in the portal that is configured here, %(portal)s.")
            % {"portal": settings.PORTAL_ORIGIN},
        ) from error
    if not (isinstance(profile, dict) and str(profile.get("ID") or "").isdigit() and is_administrator(profile)):
        raise Refused(
            _("You are no administrator of the portal, and the application needs one's rights."),
            _("Let an administrator open the application once."),
        )
    if code_of(application) not in ("", settings.BITRIX_APP_ID):
        raise Refused(
            _("Another application of the portal calls, not the one that is configured here."),
            _("Put its ID and key into BITRIX_APP_ID and BITRIX_APP_SECRET, or open the configured one."),
        )
    return int(profile["ID"])


def code_of(application: Any) -> str:
    """Of the answer to `app.info`; "" where it has none. Practice: a local application's code is its ID."""
    return str(application.get("CODE") or "") if isinstance(application, dict) else ""


def bind_installation(client: Client) -> None:
    """The frame of an old portal brings no application token; the event that follows its end does."""
    handler = {"event": "ONAPPINSTALL", "handler": f"{settings.PUBLIC_URL}{PATH}"}
    try:
        client.call("event.bind", handler, repeatable=False)
    except PortalError as error:  # bound already, or no public address: the doctor says that the token is missing
        logger.warning("portal application: %s", error)
