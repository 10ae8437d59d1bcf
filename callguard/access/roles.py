"""What somebody is here: administrator, supervisor, employee or nobody. Pure; see status-and-roles.md."""

from __future__ import annotations

from enum import StrEnum

from callguard.access.managers import Structure, heads_something


class Role(StrEnum):
    """From the widest to none."""

    ADMINISTRATOR = "administrator"
    SUPERVISOR = "supervisor"
    EMPLOYEE = "employee"
    NOBODY = "nobody"


def role_of(employee_id: int | None, structure: Structure) -> Role:
    """The role of a portal user. Who is unknown, dismissed or no employee (extranet, bot) is nobody.

    An administrator is one whom somebody has told us of; of the others it is not known that they are none.
    """
    person = structure.people.get(employee_id) if employee_id else None
    if person is None or not person.works_here:
        return Role.NOBODY
    if person.is_admin:
        return Role.ADMINISTRATOR
    return Role.SUPERVISOR if heads_something(person.id, structure) else Role.EMPLOYEE
