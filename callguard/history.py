"""Writing history: one line for each change, in the transaction of the change."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from callguard.access.actors import Actor
from callguard.models import About, History, Origin


def note(
    about: About,
    object_id: object,
    *,
    before: Any,
    after: Any,
    by: Actor | None,
    origin: Origin,
    at: datetime,
    title: str = "",
    ground: str = "",
) -> History | None:
    """Add a line; None when nothing changed. `by` None: nobody knows who."""
    if before == after:
        return None
    return History.objects.create(
        at=at,
        about=about,
        object_id=str(object_id),
        title=title,
        before=before,
        after=after,
        actor_id=by.employee_id if by else None,
        actor_name=by.name if by else "",
        origin=origin,
        ground=ground,
    )


def of(about: About, object_id: object) -> QuerySet[History]:
    """The lines of one object, newest first."""
    return History.objects.filter(about=about, object_id=str(object_id))
