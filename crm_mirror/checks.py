"""What is wrong with the portal's settings, each with its cure; `manage.py check` and every start show it."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from crm_mirror.connection import WrongSettings, is_in_the_clear, rate_from_settings, webhook_from_settings

FIELD_NAME = re.compile(r"UF_[A-Z0-9_]{1,47}")  # ≤ 50 characters (docs: crm-company-userfield-add)


@register
def check_webhook(**kwargs: Any) -> list[CheckMessage]:
    if not settings.BITRIX_WEBHOOK_URL:
        return [
            Warning(
                "BITRIX_WEBHOOK_URL is not set: there is no portal to mirror.",
                hint="Create an incoming webhook in the portal as an administrator and put its address into .env.",
                id="crm_mirror.W001",
            )
        ]
    try:
        webhook = webhook_from_settings()
    except WrongSettings as error:
        return [Error(str(error), hint=error.remedy, id="crm_mirror.E001")]
    if is_in_the_clear(webhook):
        return [
            Warning(
                "The portal is asked over http: the webhook's token travels in the clear.",
                hint="Fine inside the company's own network only; otherwise write https:// in BITRIX_WEBHOOK_URL.",
                id="crm_mirror.W002",
            )
        ]
    return []


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
