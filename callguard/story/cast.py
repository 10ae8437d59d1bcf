"""Who plays in the story, out of the mirror: the sales department and, by name, those to whom something happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from crm_mirror.models import Department, Employee

SALES = "Отдел продаж"
POACHER, HONEST, ON_LEAVE, HEAD = "Роман Щукин", "Вера Голубева", "Лариса Титова", "Марина Соколова"


class StoryUntold(Exception):
    """The mirror does not hold the portal of the story (sandbox_portal --size story)."""


class Seller(NamedTuple):
    id: int
    name: str


@dataclass(frozen=True)
class Cast:
    """`sellers` in the order of their IDs; `people_of`: whom a head of a room manages, by the head's ID."""

    sellers: tuple[Seller, ...]
    people_of: dict[int, tuple[int, ...]]
    names: dict[int, str]

    def named(self, name: str) -> int:
        found = next((seller.id for seller in self.sellers if seller.name == name), None)
        if found is None:
            raise StoryUntold(name)
        return found


def cast() -> Cast:
    """Three queries."""
    rooms = _rooms()
    people = list(Employee.objects.filter(active=True, deleted_at=None).order_by("portal_id"))
    here = [one for one in people if set(one.department_ids) & rooms.keys()]
    heads = {head: room for room, head in rooms.items() if head}
    people_of = {
        head: tuple(one.portal_id for one in here if room in one.department_ids and one.portal_id != head)
        for head, room in heads.items()
    }
    names = dict(Employee.objects.values_list("portal_id", "name"))
    return Cast(tuple(Seller(one.portal_id, one.name) for one in here), people_of, names)


def _rooms() -> dict[int, int | None]:
    """The sales department and its rooms, with their heads."""
    rows = list(Department.objects.filter(deleted_at=None).values_list("portal_id", "parent_id", "head_id", "name"))
    top = next((portal_id for portal_id, _parent, _head, name in rows if name == SALES), None)
    if top is None:
        raise StoryUntold(SALES)
    return {portal_id: head for portal_id, parent, head, _name in rows if top in (portal_id, parent)}
