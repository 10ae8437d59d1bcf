"""Who managed whom around a change: the structure as it is, and as it was shortly before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.conf import settings

from callguard.access.actors import NamedStructure, structure
from callguard.access.managers import Scope, Structure, managers_of
from crm_mirror.models import Change

AROUND = timedelta(minutes=15)  # changes of the structure seen so long before, or since, may be later than the edit
PERSONS = {"active": "active", "department_ids": "departments", "user_type": "user_type"}  # column → field
DEPARTMENTS = {"parent_id": "parent_id", "head_id": "head_id"}


@dataclass(frozen=True, slots=True)
class Office:
    """The structure as the mirror has it `now`, and as it was at each look shortly before, the latest first."""

    now: NamedStructure
    before: tuple[Structure, ...]
    scope: Scope

    def managers_of(self, people: Iterable[int | None]) -> frozenset[int]:
        """Everybody who managed one of these people around the change."""
        known = {one for one in people if one}
        states = (self.now, *self.before)
        return frozenset().union(*(managers_of(one, state, self.scope) for one in known for state in states))


def office_around(first: datetime) -> Office:
    """For changes seen at `first` or later. Three queries."""
    now = structure()
    latest = Change.objects.filter(
        kind__in=["employee", "department"], what=Change.What.UPDATED, at__gte=first - AROUND
    )
    return Office(now, tuple(looked_back(now, latest.order_by("-id"))), Scope(settings.SUPERVISOR_SCOPE))


def looked_back(now: Structure, latest: Iterable[Change]) -> Iterator[Structure]:
    """The structure before each look that brought some of these changes, which come newest first."""
    state = now
    for _at, changes in groupby(latest, key=attrgetter("at")):
        state = undone(state, changes)
        yield state


def undone(now: Structure, latest: Iterable[Change]) -> Structure:
    """The structure before these changes, newest first. People and departments that came meanwhile stay."""
    people, departments = dict(now.people), dict(now.departments)
    for change in latest:
        one = int(change.portal_id)
        if change.kind == "employee" and one in people:
            people[one] = replace(people[one], **_were(change, PERSONS))
        elif change.kind == "department" and one in departments:
            departments[one] = replace(departments[one], **_were(change, DEPARTMENTS))
    return Structure(people, departments)


def _were(change: Change, fields: dict[str, str]) -> dict[str, Any]:
    """What the fields were before the change."""
    were = {fields[column]: pair[0] for column, pair in change.facts.items() if column in fields}
    if "departments" in were:
        were["departments"] = tuple(were["departments"] or ())
    return were
