"""What is wrong with the portal's settings, each with its cure; `manage.py check` and every start show it."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from crm_mirror.connection import (
    WrongSettings,
    is_application,
    is_in_the_clear,
    portal_of_application,
    rate_from_settings,
    webhook_from_settings,
)

KEY_LENGTH = 32  # characters
FIELD_NAME = re.compile(r"UF_[A-Z0-9_]{1,47}")  # ≤ 50 characters (docs: crm-company-userfield-add)


@register
def check_portal(**kwargs: Any) -> list[CheckMessage]:
    if not settings.BITRIX_WEBHOOK_URL and not settings.BITRIX_APP_ID:
        return [
            Warning(
                "Neither BITRIX_WEBHOOK_URL nor BITRIX_APP_ID is set: there is no portal to mirror.",
                hint="Create an incoming webhook in the portal as an administrator and put its address into .env.",
                id="crm_mirror.W001",
            )
        ]
    try:
        origin = portal_of_application() if is_application() else webhook_from_settings().origin
    except WrongSettings as error:
        return [Error(str(error), hint=error.remedy, id="crm_mirror.E001")]
    if is_in_the_clear(origin):
        return [
            Warning(
                "The portal is asked over http: the token travels in the clear.",
                hint="Fine inside the company's own network only; otherwise write its address with https://.",
                id="crm_mirror.W002",
            )
        ]
    return []


@register
def check_authorization_server(**kwargs: Any) -> list[CheckMessage]:
    if not is_application() or not is_in_the_clear(settings.BITRIX_OAUTH_SERVER):
        return []
    return [
        Error(
            "BITRIX_OAUTH_SERVER is asked over http: the application's key would travel in the clear.",
            hint="Write https:// in it, or remove the variable: the vendor's server is the default.",
            id="crm_mirror.E004",
        )
    ]


@register
def check_secrets_keys(**kwargs: Any) -> list[CheckMessage]:
    """SECRET_KEY has a check of its own (security.W009)."""
    short = [key for key in settings.SECRETS_KEYS if len(key) < KEY_LENGTH and key != settings.SECRET_KEY]
    if not short:
        return []
    return [
        Error(
            f"SECRETS_KEYS has {len(short)} keys of fewer than {KEY_LENGTH} characters.",
            hint='Make one: python3 -c "import secrets; print(secrets.token_urlsafe(50))".',
            id="crm_mirror.E005",
        )
    ]


@register
def check_rate(**kwargs: Any) -> list[CheckMessage]:
    try:
        rate_from_settings()
    except WrongSettings as error:
        return [Error(str(error), hint=error.remedy, id="crm_mirror.E002")]
    return []


@register
def check_status_field(**kwargs: Any) -> list[CheckMessage]:
    if FIELD_NAME.fullmatch(settings.BITRIX_STATUS_FIELD):
        return []
    return [
        Error(
            "BITRIX_STATUS_FIELD is no name of a custom field.",
            hint="It begins with UF_ and holds capital letters, digits and underscores, 50 characters at most.",
            id="crm_mirror.E003",
        )
    ]


@register
def check_mass_delete(**kwargs: Any) -> list[CheckMessage]:
    if settings.MASS_DELETE_ROWS >= 0 and 0 <= settings.MASS_DELETE_PERCENT <= 100:
        return []
    return [
        Error(
            "MASS_DELETE_ROWS or MASS_DELETE_PERCENT is out of range.",
            hint="Rows: 0 or more, 50 by default. Percent: 0 to 100, 5 by default.",
            id="crm_mirror.E010",
        )
    ]
