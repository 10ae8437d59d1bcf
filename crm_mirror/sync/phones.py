"""The numbers of mirrored rows: replaced together with the rows, by a handful of statements for a whole run."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import phonenumbers
from django.conf import settings

from crm_mirror.connection import WrongSettings
from crm_mirror.models import EntityType, PhoneNumber, UnreadablePhone
from crm_mirror.phones import numbers_in
from crm_mirror.sync.stretch import rows_near
from crm_mirror.sync.upsert import insert_new


def check_region() -> None:
    """WrongSettings when numbers cannot be read by PHONE_REGION: a sync would empty the index of numbers."""
    if settings.PHONE_REGION not in phonenumbers.SUPPORTED_REGIONS:
        raise WrongSettings(
            f"PHONE_REGION is no region: {settings.PHONE_REGION!r}",
            "Write the two capital letters of the country whose numbers are dialled without a code, for example RU.",
        )


def replace_numbers(
    entity_type: EntityType, phones: dict[int, Sequence[str]]
) -> dict[int, tuple[list[str], list[str]]]:
    """Bring the numbers of these entities (portal ID → phone values) up to date.

    Returns whose numbers or unreadable values changed, with the numbers before and now.
    """
    numbers, unreadable = read_phones(phones)
    known = _replace(PhoneNumber, ("entity_id", "e164"), entity_type, phones.keys(), numbers)
    known_unreadable = _replace(UnreadablePhone, ("entity_id", "value", "kind"), entity_type, phones.keys(), unreadable)
    changed = {row[0] for row in (known ^ numbers) | (known_unreadable ^ unreadable)}
    before, now = _by_entity(known, changed), _by_entity(numbers, changed)
    return {one: (before[one], now[one]) for one in changed}


def read_phones(phones: Mapping[int, Sequence[str]]) -> tuple[set[tuple[int, str]], set[tuple[int, str, str]]]:
    """Phone values by portal ID → numbers (ID, E.164), and values that gave none (ID, value, why)."""
    numbers: set[tuple[int, str]] = set()
    unreadable: set[tuple[int, str, str]] = set()
    for entity_id, values in phones.items():
        for value in values:
            parsed = numbers_in(value, settings.PHONE_REGION)
            numbers.update((entity_id, number) for number in parsed.numbers)
            if not parsed.numbers:
                unreadable.add((entity_id, value, str(parsed.kind)))
    return numbers, unreadable


def _by_entity(numbers: set[tuple[int, str]], entities: set[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {one: [] for one in entities}
    for entity_id, number in sorted(row for row in numbers if row[0] in entities):
        found[entity_id].append(number)
    return found


def _replace(
    model: type[PhoneNumber | UnreadablePhone],
    columns: tuple[str, ...],
    entity_type: EntityType,
    entity_ids: Collection[int],
    wanted: set[Any],
) -> set[Any]:
    """Delete what is no longer wanted, insert what is new; returns what there was."""
    rows = rows_near(model.objects.filter(entity_type=entity_type), "entity_id", entity_ids, *columns, "id")
    known = {row[:-1]: row[-1] for row in rows if row[0] in entity_ids}
    gone = [known[row] for row in known.keys() - wanted]
    new = wanted - known.keys()
    if gone:
        model.objects.filter(id__in=gone).delete()
    insert_new(model, ("entity_type", *columns), [(entity_type.value, *row) for row in sorted(new)])
    return set(known)
