"""Writing history: one line for each change, in the transaction of the change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from callguard.access.actors import Actor
from callguard.models import About, History, Origin

ROWS_AT_ONCE = 1000


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
    row = line(about, object_id, before=before, after=after, by=by, origin=origin, at=at, title=title, ground=ground)
    row.save(force_insert=True)
    return row


def line(
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
) -> History:
    """A line that is not written yet, for `add`."""
    return History(
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


def add(lines: Iterable[History]) -> None:
    """Write lines of `line`, those where nothing changed left out. One statement for a thousand."""
    changed = [one for one in lines if one.before != one.after]
    History.objects.bulk_create(changed, batch_size=ROWS_AT_ONCE)


def of(about: About, object_id: object) -> QuerySet[History]:
    """The lines of one object, newest first."""
    return History.objects.filter(about=about, object_id=str(object_id))
