"""People and departments for figures: everybody whom the mirror ever knew, for calls outlive people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from crm_mirror.models import Department, Employee

NO_DEPARTMENT = 0  # stands for the people of no department


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person by portal ID; one of whom the mirror knows nothing has the ID for a name."""

    id: int
    name: str
    active: bool = True
    departments: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A department; `depth` 0: below none."""

    id: int
    name: str
    parent_id: int | None = None
    depth: int = 0


@dataclass(frozen=True)
class Company:
    """Today's structure. A department's people are its own and those of the departments below it."""

    people: Mapping[int, Somebody]
    parts: Mapping[int, Part]

    def name_of(self, person_id: int | None) -> str:
        if person_id is None:
            return "–"
        known = self.people.get(person_id)
        return known.name if known and known.name else f"ID {person_id}"

    def people_of(self, department_id: int) -> frozenset[int]:
        """Of NO_DEPARTMENT those in none that exists; nobody of a department that does not exist."""
        return self._people_by_department.get(department_id, frozenset())

    def is_active(self, person_id: int) -> bool:
        known = self.people.get(person_id)
        return known is not None and known.active

    @cached_property
    def in_departments(self) -> frozenset[int]:
        """People of departments that exist."""
        return frozenset(self.people) - self.people_of(NO_DEPARTMENT)

    @cached_property
    def ordered(self) -> list[Part]:
        """Each department behind the one it belongs to, as the portal sorts them."""
        return list(self._below(None, 0, frozenset()))

    def _below(self, parent_id: int | None, depth: int, passed: frozenset[int]) -> Iterator[Part]:
        for part in self._children.get(parent_id, ()):
            if part.id not in passed:
                yield Part(part.id, part.name, parent_id, depth)
                yield from self._below(part.id, depth + 1, passed | {part.id})

    @cached_property
    def _children(self) -> dict[int | None, list[Part]]:
        found: dict[int | None, list[Part]] = {}
        for part in self.parts.values():
            parent_id = part.parent_id if part.parent_id in self.parts else None
            found.setdefault(parent_id, []).append(part)
        return found

    @cached_property
    def _people_by_department(self) -> dict[int, frozenset[int]]:
        own: dict[int, set[int]] = {}
        for person in self.people.values():
            for department_id in self._whole(person.departments):
                own.setdefault(department_id, set()).add(person.id)
        return {department_id: frozenset(people) for department_id, people in own.items()}

    def _whole(self, departments: tuple[int, ...]) -> set[int]:
        """These departments and all above them; a tree that runs in a circle ends where it began."""
        found: set[int] = set()
        for department_id in departments:
            part = self.parts.get(department_id)
            while part and part.id not in found:
                found.add(part.id)
                part = self.parts.get(part.parent_id) if part.parent_id else None
        return found or {NO_DEPARTMENT}


def company() -> Company:
    """Two queries."""
    people = Employee.objects.order_by("name").values_list("portal_id", "name", "active", "department_ids")
    parts = Department.objects.filter(deleted_at=None).order_by("sort", "name", "portal_id")
    return Company(
        {row[0]: Somebody(row[0], row[1], row[2], tuple(row[3] or ())) for row in people},
        {row[0]: Part(*row) for row in parts.values_list("portal_id", "name", "parent_id")},
    )
