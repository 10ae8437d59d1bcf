"""The cleaning queue as somebody sees it: what is about clients of his people, what rang most first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Prefetch, QuerySet

from callguard.access.actors import Actor
from callguard.access.scopes import visible
from callguard.cleaning.finders import Ref
from callguard.cleaning.looking import MODELS
from callguard.models import CleaningDay, CleaningItem, CleaningPart, Flaw
from crm_mirror.models import Employee


@dataclass(frozen=True, slots=True)
class Entity:
    """Whom an item is about. `title` None: a client of people whom the reader does not see."""

    kind: str
    id: int
    title: str | None
    responsible: str


@dataclass(frozen=True, slots=True)
class Task:
    item: CleaningItem
    entities: tuple[Entity, ...]


def open_items(actor: Actor) -> QuerySet[CleaningItem]:
    return visible(CleaningItem.objects.filter(gone_at=None), to=actor)


def counts(actor: Actor) -> dict[Flaw, int]:
    """How much there is of each kind. One query."""
    known = dict(open_items(actor).order_by().values_list("flaw").annotate(count=Count("pk")))
    return {flaw: known.get(flaw, 0) for flaw in Flaw}


def of_kind(flaw: Flaw, actor: Actor) -> QuerySet[CleaningItem]:
    parts = Prefetch("parts", CleaningPart.objects.order_by("place"))
    return open_items(actor).filter(flaw=flaw).order_by("-rings", "pk").prefetch_related(parts)


def tasks(items: Iterable[CleaningItem], actor: Actor) -> list[Task]:
    """The items with the names of whom they are about. At most four queries more."""
    listed = list(items)
    parts = [part for item in listed for part in item.parts.all()]
    titles, people = _titles(parts), _names(parts)
    return [Task(item, tuple(_entity(one, titles, people, actor) for one in item.parts.all())) for item in listed]


def _entity(part: CleaningPart, titles: Mapping[Ref, str], people: Mapping[int, str], actor: Actor) -> Entity:
    is_shown = actor.is_administrator or part.responsible_id in actor.sees
    title = titles.get((part.entity_type, part.entity_id)) or f"ID {part.entity_id}"
    whose = "–" if part.responsible_id is None else people.get(part.responsible_id) or f"ID {part.responsible_id}"
    return Entity(part.entity_type, part.entity_id, title if is_shown else None, whose)


def _titles(parts: Sequence[CleaningPart]) -> dict[Ref, str]:
    found: dict[Ref, str] = {}
    for kind, model in MODELS.items():
        if ids := {one.entity_id for one in parts if one.entity_type == kind}:
            rows = model.objects.filter(portal_id__in=ids).values_list("portal_id", "title")
            found |= {(kind, one): title for one, title in rows}
    return found


def _names(parts: Sequence[CleaningPart]) -> dict[int, str]:
    ids = {one.responsible_id for one in parts if one.responsible_id is not None}
    return dict(Employee.objects.filter(portal_id__in=ids).values_list("portal_id", "name"))


# --- How it goes -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Day:
    """The whole company's. `open`: None of a kind that nobody looked for; `fixed`: put right, of all kinds."""

    day: date
    open: Mapping[Flaw, int | None]
    fixed: int


def progress(*, since: date) -> list[Day]:
    """Days on which somebody looked, oldest first. One query."""
    days: dict[date, list[CleaningDay]] = {}
    for row in CleaningDay.objects.filter(day__gte=since).order_by("day"):
        days.setdefault(row.day, []).append(row)
    return [
        Day(
            day,
            {flaw: next((row.open for row in rows if row.flaw == flaw), None) for flaw in Flaw},
            sum(row.fixed for row in rows),
        )
        for day, rows in days.items()
    ]
