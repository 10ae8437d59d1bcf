"""Who acts: an account or an employee with what he is and whom he manages, read from the mirror when he acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings

from callguard.access.managers import Department, Person, Scope, Structure, people_of
from callguard.access.roles import Role, role_of
from callguard.models import Account
from crm_mirror import models as mirror


@dataclass(frozen=True, slots=True)
class Actor:
    """`employee_id` None: an account of ours without a person in the portal, or the program itself (`name` says which).

    `manages`: portal IDs of the people whose manager he is, by SUPERVISOR_SCOPE; empty for who is no supervisor.
    """

    name: str
    role: Role
    employee_id: int | None = None
    account_id: int | None = None
    manages: frozenset[int] = frozenset()

    @property
    def is_administrator(self) -> bool:
        return self.role == Role.ADMINISTRATOR

    @property
    def sees(self) -> frozenset[int]:
        """Employees whose calls and clients he may look at; of administrators nobody asks."""
        return self.manages | ({self.employee_id} if self.employee_id else set())


NOBODY = Actor("", Role.NOBODY)


def actor_of(account: object) -> Actor:
    """The actor behind a signed-in account; NOBODY for who is not signed in or may no longer. Two queries."""
    if not isinstance(account, Account) or not account.is_active:
        return NOBODY
    if account.is_superuser:
        return Actor(account.get_username(), Role.ADMINISTRATOR, account.employee_id, account.pk)
    return employee_actor(account.employee_id, account_id=account.pk)


def employee_actor(employee_id: int | None, *, account_id: int | None = None, is_admin: bool | None = None) -> Actor:
    """The actor behind a portal user. `is_admin`: what his card token says of him; None: nothing. Two queries."""
    company = structure()
    role = role_of(employee_id, company)
    if role == Role.NOBODY or employee_id is None:
        return NOBODY
    if is_admin:
        role = Role.ADMINISTRATOR
    manages = people_of(employee_id, company, Scope(settings.SUPERVISOR_SCOPE))
    return Actor(company.names[employee_id], role, employee_id, account_id, manages)


@dataclass(frozen=True)
class NamedStructure(Structure):
    """The structure with the people's names, by portal ID."""

    names: Mapping[int, str] = field(default_factory=dict)


def structure() -> NamedStructure:
    """Everybody and all departments as the mirror has them now. Two queries."""
    columns = ("portal_id", "name", "active", "department_ids", "is_portal_admin", "user_type")
    rows = list(mirror.Employee.objects.filter(deleted_at=None).values_list(*columns))
    people = {
        row[0]: Person(
            row[0], row[2], tuple(row[3] or ()), True if row[0] in settings.BITRIX_ADMIN_IDS else row[4], row[5]
        )
        for row in rows
    }
    departments = mirror.Department.objects.filter(deleted_at=None).values_list("portal_id", "parent_id", "head_id")
    return NamedStructure(people, {row[0]: Department(*row) for row in departments}, {row[0]: row[1] for row in rows})
