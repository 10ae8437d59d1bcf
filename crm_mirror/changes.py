"""The feed of what changed, read with a cursor: how callguard learns of the portal without being imported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from crm_mirror.models import Change, ChangeReader

Handler = Callable[[Sequence[Change]], None]
STRETCH = 500  # changes handed over at once


def read_changes(name: str, handle: Handler, *, stretch: int = STRETCH) -> int:
    """Hand the changes that this reader has not seen to `handle`, in order; returns how many.

    Each stretch is handled in one transaction with the reader's cursor: what the handler writes and that it was
    handled are kept both or neither. Two readers of one name take turns.
    """
    total = 0
    while count := _read_stretch(name, handle, stretch):
        total += count
    return total


def newest_id() -> int:
    """ID of the last change; 0 when there was none."""
    return Change.objects.aggregate(newest=Max("id"))["newest"] or 0


def tell_of(kind: str, column: str, *, since_id: int) -> bool:
    """Whether a row of the kind has another value in the column since that change. One query."""
    return Change.objects.filter(kind=kind, id__gt=since_id, facts__has_key=column).exists()


def forget_before(at: datetime) -> int:
    """Delete changes that every reader has seen and that are older than `at`; returns how many."""
    seen = min(ChangeReader.objects.values_list("last_id", flat=True), default=0)
    return Change.objects.filter(id__lte=seen, at__lt=at).delete()[0]


@transaction.atomic
def _read_stretch(name: str, handle: Handler, stretch: int) -> int:
    ChangeReader.objects.get_or_create(name=name)
    reader = ChangeReader.objects.select_for_update().get(name=name)
    changes = list(Change.objects.filter(id__gt=reader.last_id).order_by("id")[:stretch])
    if changes:
        handle(changes)
        reader.last_id = changes[-1].id
        reader.save(update_fields=["last_id"])
    return len(changes)
