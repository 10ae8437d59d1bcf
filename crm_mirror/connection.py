"""The client of the configured portal: address from the settings, allowance and tokens from the database.

The portal lets us in by an incoming webhook (BITRIX_WEBHOOK_URL), or by a local application (BITRIX_APP_ID) whose
tokens came when an administrator opened it in the portal (crm_mirror.installation).
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_noop

from crm_mirror.allowance import AllowanceRows
from crm_mirror.portal.client import Client, Patience
from crm_mirror.portal.limits import Allowance, Purpose, Rate
from crm_mirror.portal.oauth import Application, AuthorizationServer
from crm_mirror.portal.transport import Access, Timeouts, Webhook
from crm_mirror.secrets import SecretLost, opened
from crm_mirror.tokens import NotConnected, TokenRows, connection_to

logger = logging.getLogger(__name__)

# somebody waits at a terminal or a page
HASTY = Patience(attempts=2, attempts_when_busy=3, attempts_when_slow=1, longest=2.0)
BRIEF = Timeouts(connect=5.0, read=15.0)


class WrongSettings(Exception):
    """The environment cannot work as it is. `remedy` says what to write where.

    English, as logs want it, and marked for translation: doors say it in their reader's language (crm_mirror.words).
    `names` fill the places that `message` leaves open.
    """

    def __init__(self, message: str, remedy: str, **names: object) -> None:
        super().__init__(message % names if names else message)
        self.message, self.names = message, names
        self.remedy = remedy


class Refused(Exception):
    """The portal, or who stands before it, is not as it must be. In a person's language; `remedy`: what to do."""

    def __init__(self, detail: str, remedy: str) -> None:
        super().__init__(detail)
        self.remedy = remedy


def is_application() -> bool:
    """Whether the portal is reached as a local application. A webhook, where there is one, goes before it."""
    return bool(settings.BITRIX_APP_ID) and not settings.BITRIX_WEBHOOK_URL


def own_user_id() -> int | None:
    """Portal ID of the user for whom we act, as far as it is known without asking: it stands in a webhook's address."""
    if is_application():
        row = connection_to(settings.PORTAL_ORIGIN)
        return row.user_id if row else None
    found = re.search(r"/rest/([0-9]{1,18})/", settings.BITRIX_WEBHOOK_URL)
    return int(found[1]) if found else None


def application_tokens() -> set[str]:
    """What an event of the portal may carry as its application token; empty: no event is believed."""
    row = connection_to(settings.PORTAL_ORIGIN)
    try:
        learned = opened(row.application_token) if row else ""
    except SecretLost as lost:
        logger.error("%s. %s", lost, lost.remedy)
        learned = ""
    return {settings.BITRIX_APPLICATION_TOKEN, learned} - {""}


def access_from_settings(*, sleep: Callable[[float], None] = time.sleep) -> Access:
    """What opens the portal. Raises WrongSettings when nothing can."""
    return application_from_settings(sleep=sleep) if is_application() else webhook_from_settings()


def application_from_settings(*, sleep: Callable[[float], None]) -> Application:
    """The connected application, its tokens read; WrongSettings when it is not complete or not connected yet."""
    rows = TokenRows(portal_of_application(), sleep)
    try:
        rows.tokens()
    except NotConnected:
        raise WrongSettings(
            gettext_noop("The application is not connected to the portal yet"),
            gettext_noop(
                "Open it in the portal as an administrator; its address for the initial installation is "
                "/bitrix/install/ of this server."
            ),
        ) from None
    except SecretLost as lost:
        raise WrongSettings(str(lost), lost.remedy) from None
    return Application(settings.PORTAL_ORIGIN, rows, authorization_server())


def portal_of_application() -> str:
    """Origin of the portal; WrongSettings when the application's settings are not complete."""
    needed = ("BITRIX_APP_ID", "BITRIX_APP_SECRET", "BITRIX_OAUTH_SERVER")
    if missing := [name for name in needed if not getattr(settings, name)]:
        raise WrongSettings(
            gettext_noop("%(missing)s: not set"),
            gettext_noop(
                "Add a local application in the portal (Applications, Developer resources) and copy its ID and key."
            ),
            missing=", ".join(missing),
        )
    if not settings.PORTAL_ORIGIN:
        raise WrongSettings(
            gettext_noop("BITRIX_PORTAL_URL is not set, or is no address"),
            gettext_noop("Write the portal's address as it stands in the browser, such as https://portal.example."),
        )
    return str(settings.PORTAL_ORIGIN)


def authorization_server(timeouts: Timeouts = BRIEF) -> AuthorizationServer:
    known = (settings.BITRIX_OAUTH_SERVER, settings.BITRIX_APP_ID, settings.BITRIX_APP_SECRET)
    return AuthorizationServer(*known, timeouts)


def webhook_from_settings() -> Webhook:
    """The webhook; WrongSettings when it is missing or cannot be one. The message never repeats the address."""
    if not settings.BITRIX_WEBHOOK_URL:
        raise WrongSettings(
            gettext_noop("BITRIX_WEBHOOK_URL is not set"),
            gettext_noop(
                "Create an incoming webhook in the portal (as an administrator) and put its address into .env, "
                "or connect a local application (BITRIX_APP_ID)."
            ),
        )
    try:
        return Webhook.parse(settings.BITRIX_WEBHOOK_URL)
    except ValueError as error:
        raise WrongSettings(
            gettext_noop("BITRIX_WEBHOOK_URL is no webhook: %(reason)s"),
            gettext_noop("Copy the whole address from the portal; it looks like https://portal.example/rest/1/token/."),
            reason=error,
        ) from None


def is_administrator(profile: Mapping[str, Any]) -> bool:
    """Whether `profile` is an administrator's: by the portal's word, however it spells yes, or by BITRIX_ADMIN_IDS.

    docs: api-reference/common/users/profile.
    """
    listed = str(profile.get("ID")) in {str(portal_id) for portal_id in settings.BITRIX_ADMIN_IDS}
    return listed or profile.get("ADMIN") in (True, "Y", "1", 1)


def is_in_the_clear(address: str) -> bool:
    """Whether a token sent there leaves this machine unencrypted."""
    parts = urlsplit(address)
    return parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "::1", "localhost"}


def rate_from_settings() -> Rate:
    rate = Rate(settings.BITRIX_RATE_PER_SECOND, settings.BITRIX_RATE_BURST)
    if rate.per_second < 0 or rate.burst < 1:
        raise WrongSettings(
            gettext_noop("BITRIX_RATE_PER_SECOND or BITRIX_RATE_BURST is out of range"),
            gettext_noop(
                "Use 2 and 50, or 5 and 250 for the Enterprise plan, "
                "or 0 requests a second for a portal without limits."
            ),
        )
    return rate


def client_from_settings(
    *,
    purpose: Purpose = Purpose.ASK,
    patience: Patience | None = None,
    timeouts: Timeouts | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Client:
    """A client on the allowance that all processes of this database share. Close it after use."""
    return client_with(access_from_settings(sleep=sleep), purpose, patience=patience, timeouts=timeouts, sleep=sleep)


def client_with(
    access: Access,
    purpose: Purpose = Purpose.ASK,
    *,
    patience: Patience | None = None,
    timeouts: Timeouts | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Client:
    if is_in_the_clear(access.origin):
        logger.warning("the portal is asked over http: fine inside the company's own network only")
    allowance = Allowance(
        AllowanceRows(access.origin), rate_from_settings(), clock=time.time, sleep=sleep, purpose=purpose
    )
    return Client(access, allowance, patience=patience, timeouts=timeouts, sleep=sleep)
