"""The look through the mirror for what is to be put right: each night, and when an administrator asks for it."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, F, Q

from callguard.cleaning.finders import AT_ONCE, FINDERS, Found, Ref, in_portions
from callguard.models import Call, CleaningDay, CleaningItem, CleaningLook, CleaningPart, Flaw
from callguard.tallies.days import day_of
from crm_mirror.models import Company, Contact, EntityType, Lead, PhoneNumber

logger = logging.getLogger(__name__)

LATELY = timedelta(days=90)  # calls of so long say what to clean first
GIVEN_UP = timedelta(hours=2)  # after which a look that has not ended is taken for dead
MODELS: dict[str, type[Company] | type[Contact] | type[Lead]] = {
    EntityType.COMPANY: Company,
    EntityType.CONTACT: Contact,
    EntityType.LEAD: Lead,
}


class AlreadyLooking(Exception):
    """Another process looks right now."""

    remedy = "Nothing to do: wait for it to end."


def look(*, at: datetime) -> dict[Flaw, int]:
    """How much there is to clean, kind by kind. Harmless when it is broken off: the next look goes through all again.

    Raises AlreadyLooking.
    """
    _take(at)
    try:
        rings = Rings.since(at - LATELY)
        found = {flaw: _look_for(flaw, rings, at=at) for flaw in Flaw}
        CleaningLook.objects.update(finished_at=at)
    finally:
        CleaningLook.objects.update(begun_at=None)
    logger.info("cleaning %s", " ".join(f"{flaw}={count}" for flaw, count in found.items()))
    return found


def _take(at: datetime) -> None:
    """Two looks at once would each take what the other has just seen for put right."""
    CleaningLook.objects.get_or_create(pk=1)
    free = Q(begun_at=None) | Q(begun_at__lt=at - GIVEN_UP)
    if not CleaningLook.objects.filter(free).update(begun_at=at):
        raise AlreadyLooking("somebody looks through the mirror right now")


def _look_for(flaw: Flaw, rings: Rings, *, at: datetime) -> int:
    for portion in in_portions(FINDERS[flaw](), AT_ONCE):
        _keep(flaw, {found.key: found for found in portion}, rings, at=at)
    items = CleaningItem.objects.filter(flaw=flaw, gone_at=None)
    fixed = items.filter(seen_at__lt=at).update(gone_at=at)
    count = items.count()
    day, _is_new = CleaningDay.objects.get_or_create(flaw=flaw, day=day_of(at), defaults={"open": count})
    CleaningDay.objects.filter(pk=day.pk).update(open=count, fixed=F("fixed") + fixed)
    return count


@transaction.atomic
def _keep(flaw: Flaw, portion: Mapping[str, Found], rings: Rings, *, at: datetime) -> None:
    """Twelve queries at most, however long the portion. What had been put right and is back is open again."""
    heard = rings.of(list(portion.values()))
    rows = [
        CleaningItem(
            flaw=flaw, key=key, number=found.number or found.text, rings=heard[key], first_seen_at=at, seen_at=at
        )
        for key, found in portion.items()
    ]
    CleaningItem.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["flaw", "key"],
        update_fields=["number", "rings", "seen_at", "gone_at"],
    )
    ids = dict(CleaningItem.objects.filter(flaw=flaw, key__in=portion).values_list("key", "pk"))
    _keep_parts({ids[key]: found.parts for key, found in portion.items()})


def _keep_parts(parts: Mapping[int, Sequence[Ref]]) -> None:
    whose = _responsibles({ref for refs in parts.values() for ref in refs})
    wanted = {(item, place, *ref, whose.get(ref)) for item, refs in parts.items() for place, ref in enumerate(refs)}
    columns = ("item_id", "place", "entity_type", "entity_id", "responsible_id")
    known = {row[1:]: row[0] for row in CleaningPart.objects.filter(item__in=parts).values_list("pk", *columns)}
    CleaningPart.objects.filter(pk__in=[known[row] for row in known.keys() - wanted]).delete()
    new = (CleaningPart(**dict(zip(columns, row, strict=True))) for row in sorted(wanted - known.keys(), key=_order))
    CleaningPart.objects.bulk_create(new)


def _order(row: tuple[int, int, str, int, int | None]) -> tuple[int, int]:
    return row[:2]


def _responsibles(refs: set[Ref]) -> dict[Ref, int | None]:
    found: dict[Ref, int | None] = {}
    for kind, model in MODELS.items():
        rows = model.objects.filter(portal_id__in=[one for type_, one in refs if type_ == kind])
        found |= {(kind, one): person for one, person in rows.values_list("portal_id", "responsible_id")}
    return found


class Rings:
    """How often clients were on the line of late: by number, and companies by themselves too, for their contacts."""

    def __init__(self, numbers: Mapping[str, int], companies: Mapping[int, int]) -> None:
        self.numbers, self.companies = numbers, companies

    @classmethod
    def since(cls, at: datetime) -> Rings:
        """Two queries."""
        recent = Call.objects.filter(rung_at__gte=at).order_by()
        numbers = recent.exclude(number="").values_list("number").annotate(rings=Count("pk"))
        companies = recent.filter(entity_type=EntityType.COMPANY).values_list("entity_id").annotate(rings=Count("pk"))
        return cls(dict(numbers), dict(companies))

    def of(self, portion: Sequence[Found]) -> dict[str, int]:
        """By key: calls of the number it is about, else of whom it is about. At most two queries."""
        by_entity = self._of_entities({found.parts[0] for found in portion if not found.number})
        return {
            found.key: self.numbers.get(found.number, 0) if found.number else by_entity[found.parts[0]]
            for found in portion
        }

    def _of_entities(self, refs: set[Ref]) -> Counter[Ref]:
        rings: Counter[Ref] = Counter()
        for kind in (EntityType.CONTACT, EntityType.LEAD):
            ids = [one for type_, one in refs if type_ == kind]
            carried = (
                PhoneNumber.objects.filter(entity_type=kind, entity_id__in=ids) if ids else PhoneNumber.objects.none()
            )
            for one, e164 in carried.values_list("entity_id", "e164"):
                rings[(kind, one)] += self.numbers.get(e164, 0)
        rings.update({ref: self.companies.get(ref[1], 0) for ref in refs if ref[0] == EntityType.COMPANY})
        return rings
