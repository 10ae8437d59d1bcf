"""The access log: who looked at whose record. Doors call `note_access` when they show or hand out somebody's calls."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from callguard.access.actors import Actor
from callguard.models import AccessLog, Opened

DETAIL = 255  # characters of AccessLog.detail


def note_access(
    actor: Actor, *, about: int | Iterable[int] | None, page: Opened | str, at: datetime, detail: str = ""
) -> None:
    """Add a line for each person shown. One statement, none when he looks at nobody but himself.

    `about`: portal ID of whose record it is, or several; None: of everybody whom the actor may see.
    """
    AccessLog.objects.bulk_create(
        AccessLog(
            at=at,
            reader_id=actor.employee_id,
            reader_name=actor.name,
            account_id=actor.account_id,
            about_id=person,
            page=page,
            detail=detail[:DETAIL],
        )
        for person in _people(about, actor)
        if person is None or person != actor.employee_id
    )


def _people(about: int | Iterable[int] | None, actor: Actor) -> list[int] | list[None]:
    """An administrator's “everybody” stays one line; a supervisor's are the people whom he sees."""
    if about is None:
        return [None] if actor.is_administrator else sorted(actor.sees)
    return [about] if isinstance(about, int) else sorted(set(about))


def looks_at(employee_id: int) -> QuerySet[AccessLog]:
    """Who looked at this person's record, newest first, lists of the whole company included."""
    return AccessLog.objects.filter(Q(about_id=employee_id) | Q(about_id=None)).exclude(reader_id=employee_id)
