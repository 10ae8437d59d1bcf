"""Substitutions entered, changed and taken back, each with its history."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from callguard import history
from callguard.access.actors import Actor
from callguard.fairness.judge import judge_again
from callguard.fairness.late import during
from callguard.models import About, Origin, Substitution
from crm_mirror.models import Employee

FACTS = ("substitute_id", "substituted_id", "first_day", "last_day")


class Overlapping(Exception):
    """The same pair has an entry for some of these days: two would only confuse whoever ends one of them early."""

    def __init__(self, entry: Substitution) -> None:
        super().__init__(f"{entry.pk}: {entry}, {entry.first_day} – {entry.last_day}")
        self.entry = entry


class OwnDaysGone(Exception):
    """Days that have come, on which he himself stands in: with them he would excuse his own conflicts."""


@transaction.atomic
def enter(entry: Substitution, *, by: Actor, at: datetime) -> None:
    """Save a new or changed one. Conflicts of days gone by that it covers are judged again.

    Raises OwnDaysGone, and Overlapping, also for who enters it at the same moment as somebody else.
    """
    _lock(entry)
    refuse_own_days_gone(entry, by=by, at=at)
    if meeting := overlapping(entry):
        raise Overlapping(meeting)
    stored = Substitution.objects.select_for_update().filter(pk=entry.pk).first()
    entry.save()
    _note(entry, before=facts_of(stored) if stored else None, after=facts_of(entry), by=by, at=at)
    _judge_covered([entry, *([stored] if stored else [])], at=at)


@transaction.atomic
def take_back(entry: Substitution, *, by: Actor, at: datetime) -> None:
    """Raises OwnDaysGone."""
    stored = Substitution.objects.select_for_update().filter(pk=entry.pk).first()
    if stored and _own_days_gone(stored, by=by, at=at):
        raise OwnDaysGone
    _note(entry, before=facts_of(entry), after=None, by=by, at=at)
    entry.delete()
    _judge_covered([entry], at=at)


def _judge_covered(entries: Iterable[Substitution], *, at: datetime) -> None:
    for entry in entries:
        judge_again(during(entry), at=at)


def refuse_own_days_gone(entry: Substitution, *, by: Actor, at: datetime) -> None:
    """Raises OwnDaysGone for an entry, new or changed, that moves days up to today on which he himself stands in."""
    stored = Substitution.objects.filter(pk=entry.pk).first()
    before = _own_days_gone(stored, by=by, at=at) if stored else None
    if _own_days_gone(entry, by=by, at=at) != before:
        raise OwnDaysGone


def _own_days_gone(entry: Substitution, *, by: Actor, at: datetime) -> tuple[int, date, date] | None:
    """For whom he himself stands in, and on which days up to today; None: on none, or somebody else does."""
    today = timezone.localdate(at)
    if by.employee_id is None or entry.substitute_id != by.employee_id or entry.first_day > today:
        return None
    return entry.substituted_id, entry.first_day, min(entry.last_day, today)


def overlapping(entry: Substitution) -> Substitution | None:
    """Another entry of the same pair that shares a day with this one. One query."""
    same_pair = Substitution.objects.filter(
        substitute_id=entry.substitute_id, substituted_id=entry.substituted_id
    ).select_related("substitute", "substituted")
    meeting = same_pair.filter(first_day__lte=entry.last_day, last_day__gte=entry.first_day)
    return meeting.exclude(pk=entry.pk).first()


def _lock(entry: Substitution) -> None:
    """The absent one's row: what two people enter about him goes one after the other."""
    list(Employee.objects.select_for_update().filter(portal_id=entry.substituted_id).values_list("pk"))


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
