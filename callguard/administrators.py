"""The list of the portal's administrators as people keep it: who is on it and how we know, each change in the history.

The portal lists them to nobody (access.administrators says how each is learned), so somebody has to say that the list
is whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.db import transaction

from callguard import history, role_history
from callguard.access import administrators as access
from callguard.access.actors import Actor
from callguard.models import About, Account, AdministratorList, History, Origin
from crm_mirror.connection import own_user_id
from crm_mirror.models import Employee

WHOLE_LIST = "list"  # the history's object for what concerns all of them


class Source(StrEnum):
    """How we know. Who is set by the environment or is the connection's own user would be back at the next sync."""

    SETTING = "setting"
    CONNECTION = "connection"
    BY_HAND = "by_hand"
    SHOWN = "shown"  # a card token, a sign-in, a placement: the portal said so of him


LASTING = (Source.SETTING, Source.CONNECTION)


@dataclass(frozen=True, slots=True)
class Known:
    """`name` is empty for whom the mirror does not know, yet or at all. `by` and `at`: who added him by hand."""

    employee_id: int
    name: str
    works_here: bool
    source: Source
    by: str = ""
    at: datetime | None = None

    @property
    def may_be_removed(self) -> bool:
        return self.source not in LASTING


class NotRemovable(Exception):
    """He would be back at the next sync; `source` says why."""

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.source = source


class EmptyList(Exception):
    """A list of nobody cannot be whole: every portal has an administrator."""


def known() -> list[Known]:
    """By name. At most three queries."""
    listed = set(settings.BITRIX_ADMIN_IDS)
    own = own_user_id()
    told = Employee.objects.filter(deleted_at=None).values_list("portal_id", "name", "active", "is_portal_admin")
    people = {row[0]: row for row in told.filter(is_portal_admin=True) | told.filter(portal_id__in=listed)}
    by_hand = added_by_hand()
    found = []
    for portal_id in people.keys() | listed:
        _id, name, active, _admin = people.get(portal_id, (portal_id, "", False, True))
        source = source_of(portal_id, listed=listed, own=own, by_hand=by_hand)
        by, at = (by_hand[portal_id].actor_name, by_hand[portal_id].at) if source == Source.BY_HAND else ("", None)
        found.append(Known(portal_id, name, active, source, by, at))
    return sorted(found, key=lambda one: (one.name, one.employee_id))


def source_of(portal_id: int, *, listed: set[int], own: int | None, by_hand: dict[int, History]) -> Source:
    if portal_id in listed:
        return Source.SETTING
    if portal_id == own:
        return Source.CONNECTION
    return Source.BY_HAND if portal_id in by_hand else Source.SHOWN


def added_by_hand() -> dict[int, History]:
    """The newest line of each person whom somebody added and nobody has removed since. One query."""
    lines = History.objects.filter(about=About.ADMINISTRATORS).exclude(object_id=WHOLE_LIST).order_by("id")
    newest = {int(line.object_id): line for line in lines}
    return {portal_id: line for portal_id, line in newest.items() if line.after is True}


def confirmation() -> AdministratorList | None:
    """That of a person; BITRIX_ADMIN_IDS needs none. One query."""
    return AdministratorList.objects.select_related("confirmed_by").first()


@transaction.atomic
def add(employee: Employee, *, by: Actor, at: datetime) -> None:
    """Somebody here knows that he is one. Harmless where he is on the list already."""
    before = bool(employee.is_portal_admin)
    access.learn(employee.portal_id, is_admin=True)
    note(employee, before=before, after=True, by=by, at=at)
    role_history.look(at=at, by=by, origin=Origin.ADMIN)


@transaction.atomic
def remove(employee: Employee, *, by: Actor, at: datetime) -> None:
    """He is none: from now on that is known of him. Raises NotRemovable."""
    listed = set(settings.BITRIX_ADMIN_IDS)
    source = source_of(employee.portal_id, listed=listed, own=own_user_id(), by_hand={})
    if source in LASTING:
        raise NotRemovable(source)
    before = bool(employee.is_portal_admin)
    access.learn(employee.portal_id, is_admin=False)
    note(employee, before=before, after=False, by=by, at=at)
    role_history.look(at=at, by=by, origin=Origin.ADMIN)


def note(employee: Employee, *, before: bool, after: bool, by: Actor, at: datetime) -> None:
    history.note(
        About.ADMINISTRATORS,
        employee.portal_id,
        before=before,
        after=after,
        by=by,
        origin=Origin.ADMIN,
        at=at,
        title=employee.name,
    )


@transaction.atomic
def confirm(account: Account, *, by: Actor, at: datetime) -> None:
    """The list as it stands is whole. Raises EmptyList."""
    whole = known()
    if not whole:
        raise EmptyList
    access.confirm(by=account, at=at)
    names = [one.name or str(one.employee_id) for one in whole]
    note_list(before=None, after={"confirmed": names}, by=by, at=at)


@transaction.atomic
def withdraw(*, by: Actor, at: datetime) -> None:
    """Somebody may be missing after all: who is unknown is only flagged again."""
    if confirmation() is not None:
        access.withdraw()
        note_list(before="confirmed", after=None, by=by, at=at)


def note_list(*, before: object, after: object, by: Actor, at: datetime) -> None:
    history.note(About.ADMINISTRATORS, WHOLE_LIST, before=before, after=after, by=by, origin=Origin.ADMIN, at=at)
