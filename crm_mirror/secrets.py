"""Secrets at rest: sealed before they are stored, opened where they are used, in no log and no repr between.

The keys are texts (SECRETS_KEYS, newest first). The newest seals; all of them open, until `manage.py rotate_secrets`
has sealed everything anew.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db.models import Model
from django.utils.translation import gettext_noop

from crm_mirror.models import PortalConnection
from crm_mirror.portal.secret import Secret

STORED: dict[type[Model], tuple[str, ...]] = {
    PortalConnection: ("access_token", "refresh_token", "application_token"),
}


class SecretLost(Exception):
    """A stored secret that none of the keys opens. Its text is in no message."""

    remedy = gettext_noop(
        "Put the key it was sealed with (an earlier SECRET_KEY) behind the newest one in SECRETS_KEYS, "
        "or connect the application again."
    )

    def __init__(self) -> None:
        super().__init__(gettext_noop("A stored secret cannot be opened: its key is not in SECRETS_KEYS"))


class Fate(StrEnum):
    """What a rotation did about one stored secret."""

    RESEALED = "resealed"
    CURRENT = "current"  # by the newest key already
    LOST = "lost"


def sealed(text: str) -> str:
    """What is stored of a secret. Of none, nothing."""
    return MultiFernet(_fernets()).encrypt(text.encode()).decode() if text else ""


def opened(stored: str) -> str:
    """The secret again; SecretLost when no key fits."""
    try:
        return Secret(MultiFernet(_fernets()).decrypt(stored.encode()).decode() if stored else "")
    except InvalidToken:
        raise SecretLost from None


def rotate() -> Counter[Fate]:
    """Seal every stored secret by the newest key. One that is written meanwhile is left: who wrote it sealed it."""
    fates: Counter[Fate] = Counter(dict.fromkeys(Fate, 0))
    for model, pk, field, stored in _stored():
        fate, text = _anew(stored)
        fates[fate] += 1
        if fate is Fate.RESEALED:
            model._default_manager.filter(pk=pk, **{field: stored}).update(**{field: text})
    return fates


def _stored() -> Iterator[tuple[type[Model], int, str, str]]:
    for model, fields in STORED.items():
        for pk, *texts in model._default_manager.values_list("pk", *fields):
            yield from ((model, pk, field, text) for field, text in zip(fields, texts, strict=True) if text)


def _anew(stored: str) -> tuple[Fate, str]:
    newest = _fernets()[0]
    try:
        newest.decrypt(stored.encode())
    except InvalidToken:
        try:
            return Fate.RESEALED, sealed(opened(stored))
        except SecretLost:
            return Fate.LOST, stored
    return Fate.CURRENT, stored


def _fernets() -> list[Fernet]:
    return [_fernet(key) for key in settings.SECRETS_KEYS]


@lru_cache(maxsize=16)
def _fernet(key: str) -> Fernet:
    """From a text of any length; the `info` keeps it apart from whatever else is derived from SECRET_KEY."""
    derived = HKDF(SHA256(), length=32, salt=None, info=b"callguard stored secrets").derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
