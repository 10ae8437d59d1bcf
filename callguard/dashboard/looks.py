"""That somebody looks at another one's record is noted by the page that shows it (callguard.privacy)."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest
from django.utils import timezone

from callguard.access.acting import acting
from callguard.models import Opened
from callguard.privacy import note_access


def noted(request: HttpRequest, page: Opened, *, about: int | Iterable[int] | None, detail: str = "") -> None:
    """`about` None: everybody whom the reader may see. One's own record leaves no line."""
    note_access(acting(request), about=about, page=page, at=timezone.now(), detail=detail)


def noted_person(request: HttpRequest, person_id: int | None) -> None:
    """Of a page that shows figures of many, or of the one who was chosen."""
    if person_id is not None:
        noted(request, Opened.PERSON, about=person_id)
