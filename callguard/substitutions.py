"""Substitutions entered, changed and taken back, each with its history."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from callguard import history
from callguard.access.actors import Actor
from callguard.models import About, Origin, Substitution

FACTS = ("substitute_id", "substituted_id", "first_day", "last_day")


@transaction.atomic
def enter(entry: Substitution, *, by: Actor, at: datetime) -> None:
    """Save a new or changed one."""
    stored = Substitution.objects.select_for_update().filter(pk=entry.pk).first()
    entry.save()
    _note(entry, before=facts_of(stored) if stored else None, after=facts_of(entry), by=by, at=at)


@transaction.atomic
def take_back(entry: Substitution, *, by: Actor, at: datetime) -> None:
    _note(entry, before=facts_of(entry), after=None, by=by, at=at)
    entry.delete()


def facts_of(entry: Substitution) -> dict[str, Any]:
    """Employees by portal ID, days as YYYY-MM-DD."""
    facts = {name: getattr(entry, name) for name in FACTS}
    return facts | {name: facts[name].isoformat() for name in ("first_day", "last_day")}


def _note(
    entry: Substitution, *, before: dict[str, Any] | None, after: dict[str, Any] | None, by: Actor, at: datetime
) -> None:
    history.note(
        About.SUBSTITUTION,
        entry.pk,
        before=before,
        after=after,
        by=by,
        origin=Origin.ADMIN,
        at=at,
        title=str(entry)[:512],
    )
