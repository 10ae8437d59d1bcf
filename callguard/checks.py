"""Django's system checks for our settings: what is wrong, and the cure.

`manage.py check` runs them, and so does a server before it serves (config.serving).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

FACTS_DAYS = 30  # so long facts of telephony and changes are kept, and late ones may still excuse a conflict
SECRET_BYTES = 32  # RFC 7518 §3.2: a key for HS256 is at least as long as its hash
RATE = re.compile(r"[1-9][0-9]*/(s|sec|m|min|h|hour|d|day)")

Apps = Sequence[AppConfig] | None


@register(Tags.security)
def card_secret(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    secret = settings.CARD_TOKEN_SECRET
    if not secret or len(secret.encode()) >= SECRET_BYTES:
        return []
    return [
        Warning(
            f"CARD_TOKEN_SECRET has {len(secret.encode())} bytes; HS256 wants {SECRET_BYTES} or more.",
            hint='Make one: python3 -c "import secrets; print(secrets.token_urlsafe(50))". Give it to the portal too.',
            id="callguard.W001",
        )
    ]


@register(Tags.security)
def card_origins(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    return [
        Error(
            f"CARD_ORIGINS has {origin!r}, which is not an origin.",
            hint="Write scheme and host without a path: https://portal.example",
            id="callguard.E005",
        )
        for origin in settings.CARD_ORIGINS
        if not is_origin(origin)
    ]


@register(Tags.security)
def portal_may_call(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    if not settings.PORTAL_ORIGIN or settings.PORTAL_ORIGIN in settings.CARD_ORIGINS:
        return []
    return [
        Warning(
            f"CARD_ORIGINS does not name the portal itself ({settings.PORTAL_ORIGIN}): its cards cannot ask.",
            hint="Add it to CARD_ORIGINS, or remove that variable: the portal's own origin is the default.",
            id="callguard.W007",
        )
    ]


def is_origin(text: str) -> bool:
    """Scheme and host with perhaps a port, as browsers send it in `Origin`."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and text == f"{parts.scheme}://{parts.netloc}"


@register
def rate_per_caller(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    if RATE.fullmatch(settings.API_RATE_PER_CALLER):
        return []
    return [
        Error(
            f"API_RATE_PER_CALLER is {settings.API_RATE_PER_CALLER!r}.",
            hint="Write a number of requests and a unit of time: 120/min",
            id="callguard.E006",
        )
    ]


@register(Tags.security)
def signing_in(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    limits = {
        "SESSION_HOURS": settings.SESSION_COOKIE_AGE,
        "PASSWORD_ATTEMPTS": settings.AXES_FAILURE_LIMIT,
        "PASSWORD_PAUSE_MINUTES": settings.AXES_COOLOFF_TIME.total_seconds(),
    }
    return [
        Error(f"{name} is less than 1.", hint="Write a whole number: as in .env.example.", id="callguard.E008")
        for name, value in limits.items()
        if value < 1
    ]


@register
def letters(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    if settings.EMAIL_CONFIGURED and "@" not in settings.DEFAULT_FROM_EMAIL:
        return [
            Error(
                "EMAIL_URL is set, and DEFAULT_FROM_EMAIL names no sender: mail servers refuse such letters.",
                hint="Write whom letters come from: Call Guard <callguard@example.com>",
                id="callguard.E009",
            )
        ]
    if settings.EMAIL_CONFIGURED and not settings.PUBLIC_URL:
        return [
            Warning(
                "Letters and messages cannot lead to their pages: PUBLIC_URL is not set.",
                hint="Write this server's own address into it: https://callguard.example",
                id="callguard.W010",
            )
        ]
    return []


@register
def retention(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    names = ("RETENTION_MASK_DAYS", "RETENTION_CALLS_DAYS", "RETENTION_ACCESS_DAYS")
    below: list[CheckMessage] = [
        Error(f"{name} is less than 0.", hint="Write a number of days; 0 keeps for ever.", id="callguard.E011")
        for name in names
        if getattr(settings, name) < 0
    ]
    return below or [*_masked_too_late(), *_masked_too_early()]


def _masked_too_late() -> list[CheckMessage]:
    masked, kept = settings.RETENTION_MASK_DAYS, settings.RETENTION_CALLS_DAYS
    if not 0 < kept <= masked:
        return []
    return [
        Warning(
            f"RETENTION_CALLS_DAYS ({kept}) is not longer than RETENTION_MASK_DAYS ({masked}): nothing is ever masked.",
            hint="Numbers are masked first and calls removed later, e.g. 90 and 1095.",
            id="callguard.W012",
        )
    ]


def _masked_too_early() -> list[CheckMessage]:
    masked = settings.RETENTION_MASK_DAYS
    if not 0 < masked < FACTS_DAYS:
        return []
    return [
        Warning(
            f"RETENTION_MASK_DAYS ({masked}) is less than {FACTS_DAYS}: excuses are found by number.",
            hint=f"Write {FACTS_DAYS} or more; 0 masks nothing.",
            id="callguard.W013",
        )
    ]
