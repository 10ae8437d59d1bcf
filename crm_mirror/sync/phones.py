"""The numbers of mirrored rows: replaced together with the rows, by a handful of statements for a whole run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings

from crm_mirror.models import EntityType, PhoneNumber, UnreadablePhone
from crm_mirror.phones import numbers_in
from crm_mirror.sync.upsert import insert_new


def replace_numbers(entity_type: EntityType, phones: dict[int, Sequence[str]]) -> set[int]:
    """Bring the numbers of these entities (portal ID → phone values) up to date; returns whose changed."""
    numbers: set[tuple[int, str]] = set()
    unreadable: set[tuple[int, str, str]] = set()
    for entity_id, values in phones.items():
        for value in values:
            parsed = numbers_in(value, settings.PHONE_REGION)
            numbers.update((entity_id, number) for number in parsed.numbers)
            if not parsed.numbers:
                unreadable.add((entity_id, value, str(parsed.kind)))
    changed = _replace(PhoneNumber, ("entity_id", "e164"), entity_type, list(phones), numbers)
    return changed | _replace(UnreadablePhone, ("entity_id", "value", "kind"), entity_type, list(phones), unreadable)


def _replace(
    model: type[PhoneNumber | UnreadablePhone],
    columns: tuple[str, ...],
    entity_type: EntityType,
    entity_ids: list[int],
    wanted: set[Any],
) -> set[int]:
    """Delete what is no longer wanted, insert what is new."""
    kept = model.objects.filter(entity_type=entity_type, entity_id__in=entity_ids).values_list("id", *columns)
    known = {row[1:]: row[0] for row in kept}
    gone = [known[row] for row in known.keys() - wanted]
    new = wanted - known.keys()
    if gone:
        model.objects.filter(id__in=gone).delete()
    insert_new(model, ("entity_type", *columns), [(entity_type.value, *row) for row in sorted(new)])
    return {row[0] for row in new | (known.keys() - wanted)}
