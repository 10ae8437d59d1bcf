"""Roles follow the portal; whose changed, when, from what to what goes into the history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from callguard import history
from callguard.access.actors import Actor, structure
from callguard.access.managers import EMPLOYEE_TYPES
from callguard.access.roles import Role, role_of
from callguard.models import About, History, KnownRole, Origin
from crm_mirror.models import Change, Employee, SyncCursor

KINDS = frozenset({"employee", "department"})


def follow(changes: Sequence[Change], *, at: datetime) -> None:
    """Look anew when the feed tells of people or departments."""
    if any(change.kind in KINDS for change in changes):
        look(at=at)


def keep_up(*, at: datetime) -> None:
    """Look in the beginning, and when somebody has become an administrator or ceased to be one: of neither the feed
    tells. Two queries, three if there is none."""
    known = set(KnownRole.objects.filter(role=Role.ADMINISTRATOR).values_list("employee_id", flat=True))
    if known != administrators() or not (known or KnownRole.objects.exists()):
        look(at=at)


def administrators() -> set[int]:
    """As roles.role_of has them, without reading everybody."""
    told = Q(is_portal_admin=True) | Q(portal_id__in=settings.BITRIX_ADMIN_IDS)
    rows = Employee.objects.filter(told, active=True, deleted_at=None, user_type__in=EMPLOYEE_TYPES)
    return set(rows.values_list("portal_id", flat=True))


@transaction.atomic
def look(*, at: datetime, by: Actor | None = None, origin: Origin = Origin.PORTAL) -> list[History]:
    """Compare everybody's role with what it was at the last look, and note the differences. Three queries if none.

    The first look, after people and departments have been read whole, is the beginning and no change. `by`: who made
    somebody an administrator, where it was done here; the portal does not say who changes a department.
    """
    if not is_everybody_known():
        return []
    company = structure()
    known = {row.employee_id: row for row in KnownRole.objects.all()}
    now = {one: role_of(one, company) for one in {*company.people, *known}}
    if not known:
        KnownRole.objects.bulk_create(
            [KnownRole(employee_id=one, role=role) for one, role in now.items()], ignore_conflicts=True
        )
        return []
    changed = {one: role for one, role in now.items() if one not in known or known[one].role != role}
    lines = noted(changed, known, by=by, origin=origin, at=at)
    history.add(lines)
    return lines


def noted(
    roles: Mapping[int, Role], known: Mapping[int, KnownRole], *, by: Actor | None, origin: Origin, at: datetime
) -> list[History]:
    """The lines for these roles, each remembered by compare-and-set: of two looks at once only one notes a change."""
    names = dict(Employee.objects.filter(portal_id__in=roles).values_list("portal_id", "name"))
    lines = []
    for one, role in sorted(roles.items()):
        before = known[one].role if one in known else None
        if not remember(one, before, role) or (before is None and role == Role.NOBODY):
            continue
        title = names.get(one, "")
        lines.append(
            history.line(About.ROLE, one, before=before, after=str(role), by=by, origin=origin, at=at, title=title)
        )
    return lines


def remember(employee_id: int, before: str | None, role: Role) -> bool:
    if before is None:
        _row, is_new = KnownRole.objects.get_or_create(employee_id=employee_id, defaults={"role": role})
        return is_new
    return KnownRole.objects.filter(employee_id=employee_id, role=before).update(role=role) == 1


def is_everybody_known() -> bool:
    """A head is read with the departments, and what he is with the people: half of it would make wrong roles."""
    return SyncCursor.objects.filter(kind__in=KINDS, true_at__isnull=False).count() == len(KINDS)
