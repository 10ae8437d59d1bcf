"""The card of one employee as tests hold it: a bearer header, and the body of a ring."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from callguard.access.tokens import CardToken, issued
from tests.cast import Person


def token_of(person: Person) -> str:
    return issued(CardToken(person.id), secret=settings.CARD_TOKEN_SECRET, ttl=timedelta(hours=1), at=timezone.now())


def bearer(person: Person) -> dict[str, str]:
    return {"Authorization": f"Bearer {token_of(person)}"}


def ringing(phone: str = "+7 916 123-45-67", **fields: Any) -> dict[str, Any]:
    """The body of POST /api/v1/calls/; a fresh call ID, unless one is given."""
    return {"call_id": f"externalCall.{uuid.uuid4().hex}.1764000000", "phone": phone, "direction": "outgoing"} | fields
