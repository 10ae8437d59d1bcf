"""Who is before us, by the word of the portal: a local application's sign-in (OAuth, code flow).

docs: settings/oauth/index. The portal's page takes `client_id` and `state` and leads back to the address that stands
in the application's settings; there is no other parameter, so none for PKCE either: what binds the way back to the
browser that left is the state, and our secret is shown to the authorization server alone.

The tokens that come are good for one question, who that is, and are forgotten with the answer.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from crm_mirror.connection import HASTY, Refused, authorization_server, client_with, portal_of_application
from crm_mirror.installation import code_of
from crm_mirror.portal.batch import Command, Outcome, run_batch
from crm_mirror.portal.errors import ApplicationLost, CallRefused, NotAllowed, PortalError, TokenExpired, WrongToken
from crm_mirror.portal.oauth import Grant, Visitor
from crm_mirror.portal.transport import Timeouts
from crm_mirror.tokens import connection_to

logger = logging.getLogger(__name__)

IMPATIENT = Timeouts(connect=3.0, read=8.0)  # a person waits before an empty page
YES, NO = (True, "Y", "1", 1), (False, "N", "0", 0)  # as `profile` spells ADMIN on this portal or that


@dataclass(frozen=True, slots=True)
class Guest:
    """Whom the portal has vouched for. `is_admin` None: it has not said."""

    portal_id: int
    first_name: str = ""
    last_name: str = ""
    is_admin: bool | None = None


def may_come() -> bool:
    """Whether the settings know an application to sign in with. A webhook beside it does not matter."""
    names = ("BITRIX_APP_ID", "BITRIX_APP_SECRET", "BITRIX_OAUTH_SERVER", "PORTAL_ORIGIN")
    return all(getattr(settings, name) for name in names)


def door(state: str) -> str:
    """The portal's page where an employee says that it is he. Raises WrongSettings."""
    query = {"client_id": settings.BITRIX_APP_ID, "state": state}
    return f"{portal_of_application()}/oauth/authorize/?{urlencode(query)}"


def guest_with(code: str, *, member_id: str) -> Guest:
    """Whom the portal's one-time code stands for. Raises Refused, WrongSettings, PortalError.

    Of what came with the code only `member_id` is looked at, and only to refuse early: the address that is asked is
    that of the settings, never one that was handed to us.
    """
    portal = portal_of_application()
    refuse_foreign(portal, member_id)
    grant = redeemed(code)
    refuse_foreign(portal, grant.member_id)
    guest = guest_bearing(grant.access)
    if grant.user_id not in (None, guest.portal_id):
        raise Refused(_("The portal does not vouch for you."), _("Sign in once more."))
    logger.info("signed in by the portal portal=%s user=%d", portal, guest.portal_id)
    return guest


def refuse_foreign(portal: str, member_id: str) -> None:
    """With a webhook no connection tells the portal's ID: then its own answer to `profile` has to do."""
    connection = connection_to(portal)
    if connection and not constant_time_compare(connection.member_id, member_id):
        logger.warning("sign-in refused: it comes from another portal than %s", portal)
        raise Refused(
            _("You come from another portal than the one that is connected here."),
            _("Sign in on %(portal)s.") % {"portal": portal},
        )


def redeemed(code: str) -> Grant:
    try:
        return authorization_server(IMPATIENT).redeemed(code)
    except ApplicationLost as error:
        logger.warning("sign-in refused: %s", error)
        if error.code == "invalid_client":
            raise Refused(
                _("The portal does not know this application."),
                _("An administrator compares BITRIX_APP_ID and BITRIX_APP_SECRET with the application's page."),
            ) from error
        raise Refused(_("The portal's one-time code has been used or is too old."), _("Sign in once more.")) from error


def guest_bearing(access: str) -> Guest:
    """What the configured portal says of an access token's bearer. Raises Refused, WrongSettings, PortalError.

    The token must be our application's: others hold tokens of the same people, and could come in their names.
    docs: api-reference/common/users/profile, api-reference/common/system/app-info
    """
    portal = portal_of_application()
    try:
        with closing(client_with(Visitor(portal, access), patience=HASTY, timeouts=IMPATIENT)) as client:
            answers = run_batch(client, {"profile": Command("profile"), "application": Command("app.info")})
        profile, application = (answered(answers[name]) for name in ("profile", "application"))
    except (WrongToken, TokenExpired, NotAllowed, CallRefused) as error:
        logger.warning("sign-in refused: %s", error)
        raise Refused(
            _("The portal does not vouch for you."), _("Sign in on %(portal)s.") % {"portal": portal}
        ) from error
    if code_of(application) != settings.BITRIX_APP_ID:
        logger.warning("sign-in refused: the token is of the application %r", code_of(application))
        raise Refused(_("The portal does not vouch for you."), _("Sign in on %(portal)s.") % {"portal": portal})
    return guest_in(profile)


def answered(outcome: Outcome) -> Any:
    if isinstance(outcome, PortalError):
        raise outcome
    return outcome.result


def guest_in(profile: Any) -> Guest:
    if not isinstance(profile, Mapping) or not str(profile.get("ID") or "").isdecimal():
        raise PortalError("profile: an answer without a user")
    admin = profile.get("ADMIN")
    return Guest(
        portal_id=int(profile["ID"]),
        first_name=str(profile.get("NAME") or ""),
        last_name=str(profile.get("LAST_NAME") or ""),
        is_admin=True if admin in YES else False if admin in NO else None,
    )
