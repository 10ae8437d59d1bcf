"""Who answers for whom, out of the portal's departments. Pure; see status-and-roles.md, "Who is who"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice

EMPLOYEE_TYPES = frozenset({"", "employee"})  # USER_TYPE; not extranet, e-mail users, bots (docs: user-get)


class Scope(StrEnum):
    """SUPERVISOR_SCOPE: the next head alone, or every head above as well."""

    DIRECT = "direct"
    CHAIN = "chain"


@dataclass(frozen=True, slots=True)
class Person:
    """An employee as the mirror knows him. `is_admin` None: nobody has told us; unknown is not "no"."""

    id: int
    active: bool = True
    departments: tuple[int, ...] = ()
    is_admin: bool | None = None
    user_type: str = "employee"

    @property
    def works_here(self) -> bool:
        return self.active and self.user_type in EMPLOYEE_TYPES


@dataclass(frozen=True, slots=True)
class Department:
    """`head_id` None: the post is vacant; `parent_id` None: the whole company."""

    id: int
    parent_id: int | None = None
    head_id: int | None = None


@dataclass(frozen=True)
class Structure:
    """People and departments by ID. Either may name somebody or something that is not there."""

    people: Mapping[int, Person] = field(default_factory=dict)
    departments: Mapping[int, Department] = field(default_factory=dict)

    @property
    def administrators(self) -> frozenset[int]:
        """Those of whom somebody has told us."""
        return frozenset(one.id for one in self.people.values() if one.is_admin and one.works_here)


def managers_of(employee_id: int, structure: Structure, scope: Scope = Scope.DIRECT) -> frozenset[int]:
    """Who manages this employee: for each of his departments the nearest head who is at work and not himself.

    Empty for the head of the whole company, for people without a department and for those the portal does not list
    (integrators, bots): only administrators answer for them.
    """
    person = structure.people.get(employee_id)
    found: set[int] = set()
    for department_id in person.departments if person else ():
        heads = _heads_from(department_id, structure, but=employee_id)
        found.update(heads if scope == Scope.CHAIN else islice(heads, 1))
    return frozenset(found)


def people_of(manager_id: int, structure: Structure, scope: Scope = Scope.DIRECT) -> frozenset[int]:
    """Whom this person manages, dismissed employees included: their clients are still his to sort out."""
    if not heads_something(manager_id, structure):
        return frozenset()
    return frozenset(one for one in structure.people if manager_id in managers_of(one, structure, scope))


def heads_something(person_id: int, structure: Structure) -> bool:
    """Whether he is the head of a department and at work."""
    person = structure.people.get(person_id)
    heads = (department.head_id for department in structure.departments.values())
    return person is not None and person.works_here and person_id in heads


def _heads_from(department_id: int, structure: Structure, *, but: int) -> Iterator[int]:
    """Heads at work from this department upwards, nearest first. A tree that runs in a circle ends where it began."""
    passed: set[int] = set()
    department = structure.departments.get(department_id)
    while department and department.id not in passed:
        passed.add(department.id)
        head = structure.people.get(department.head_id) if department.head_id else None
        if head and head.works_here and head.id != but:
            yield head.id
        department = structure.departments.get(department.parent_id) if department.parent_id else None
