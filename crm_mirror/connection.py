"""The client of the configured portal: address from the settings, allowance from the database."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from crm_mirror.allowance import AllowanceRows
from crm_mirror.portal.client import Client, Patience
from crm_mirror.portal.limits import Allowance, Purpose, Rate
from crm_mirror.portal.transport import Timeouts, Webhook

logger = logging.getLogger(__name__)


class WrongSettings(Exception):
    """The environment cannot work as it is. `remedy` says what to write where."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


def webhook_from_settings() -> Webhook:
    """The webhook; WrongSettings when it is missing or cannot be one. The message never repeats the address."""
    if not settings.BITRIX_WEBHOOK_URL:
        raise WrongSettings(
            "BITRIX_WEBHOOK_URL is not set",
            "Create an incoming webhook in the portal (as an administrator) and put its address into .env.",
        )
    try:
        return Webhook.parse(settings.BITRIX_WEBHOOK_URL)
    except ValueError as error:
        raise WrongSettings(
            f"BITRIX_WEBHOOK_URL is no webhook: {error}",
            "Copy the whole address from the portal; it looks like https://portal.example/rest/1/token/.",
        ) from None


def is_administrator(profile: Mapping[str, Any]) -> bool:
    """Whether `profile` is an administrator's: by the portal's word, however it spells yes, or by BITRIX_ADMIN_IDS.

    docs: api-reference/common/users/profile.
    """
    listed = str(profile.get("ID")) in {str(portal_id) for portal_id in settings.BITRIX_ADMIN_IDS}
    return listed or profile.get("ADMIN") in (True, "Y", "1", 1)


def application_tokens() -> set[str]:
    """What an event of the portal may carry as its application token; empty: no event is believed."""
    return {settings.BITRIX_APPLICATION_TOKEN} - {""}


def is_application() -> bool:
    """Whether the portal is reached as a local application, not by a webhook."""
    return bool(settings.BITRIX_APP_ID and not settings.BITRIX_WEBHOOK_URL)


def is_in_the_clear(webhook: Webhook) -> bool:
    """Whether the token leaves this machine unencrypted."""
    parts = urlsplit(webhook.origin)
    return parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "::1", "localhost"}


def rate_from_settings() -> Rate:
    rate = Rate(settings.BITRIX_RATE_PER_SECOND, settings.BITRIX_RATE_BURST)
    if rate.per_second < 0 or rate.burst < 1:
        raise WrongSettings(
            "BITRIX_RATE_PER_SECOND or BITRIX_RATE_BURST is out of range",
            "Use 2 and 50, or 5 and 250 for the Enterprise plan, or 0 requests a second for a portal without limits.",
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
    webhook = webhook_from_settings()
    if is_in_the_clear(webhook):
        logger.warning("the portal is asked over http: fine inside the company's own network only")
    allowance = Allowance(
        AllowanceRows(webhook.origin), rate_from_settings(), clock=time.time, sleep=sleep, purpose=purpose
    )
    return Client(webhook, allowance, patience=patience, timeouts=timeouts, sleep=sleep)
