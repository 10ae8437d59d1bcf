"""The values of the status field beside the mirror's, which are few: all of them are compared."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings

from crm_mirror.models import Repair, Status
from crm_mirror.portal.batch import Outcome
from crm_mirror.portal.errors import PortalError
from crm_mirror.sync import statuses
from crm_mirror.sync.bench import Bench
from crm_mirror.sync.compare import DIFFERENT, MISSING, SURPLUS, Facts
from crm_mirror.sync.inspection import Tally, Terms
from crm_mirror.sync.kinds import STATUS
from crm_mirror.sync.look import Source
from crm_mirror.sync.reference import write_reference
from crm_mirror.sync.writer import writing


def reference_now(bench: Bench, field: Outcome, *, asked_at: datetime) -> statuses.Reference | None:
    """The portal's values by its answer about the field; None when there is no such field. Raises PortalError."""
    if isinstance(field, PortalError):
        raise field
    described = statuses.field_named(settings.BITRIX_STATUS_FIELD, field.result)
    if described is None:
        return None
    entity_id = settings.BITRIX_STATUS_REFERENCE or statuses.reference_of(described)
    if not entity_id or described.get("USER_TYPE_ID") != statuses.REFERENCE_KIND:
        return statuses.list_in(described, seen_at=asked_at)
    command, asked_at = statuses.reference_command(entity_id), bench.clock()
    rows = bench.client.call(command.method, command.params).result
    return statuses.reference_in(rows, entity_id, field=described, seen_at=asked_at)


def compare_statuses(bench: Bench, reference: statuses.Reference, terms: Terms) -> Tally:
    """A field without any value proves nothing: those known before are kept, as in every sync.

    An edit of ours that the portal does not have yet is no difference.
    """
    values = reference.values
    found = _differences(values)
    tally = Tally(portal=len(values), mirror=Status.objects.filter(in_portal=True).count(), compared=len(values))
    tally.missing, tally.surplus, tally.different = (
        sum(what == one for what, _ in found.values()) for one in (MISSING, SURPLUS, DIFFERENT)
    )
    if terms.repair and found and values:
        with writing():
            counts = write_reference(reference, at=bench.clock(), source=Source.RECONCILE)
            bench.report.counts(STATUS).add(counts)
            still = _differences(values)
            mended = {value: one for value, one in found.items() if value not in still}
            _note_repairs(bench, mended)
        tally.repaired = len(mended)
    tally.left = len(found) - tally.repaired
    return tally


def _differences(values: list[statuses.Value]) -> dict[str, tuple[str, Facts]]:
    """By value: what it is, and the facts."""
    mine: dict[str, list[Any]] = {
        row.value: [row.portal_name, row.portal_sort] if row.edited_at else [row.name, row.sort]
        for row in Status.objects.filter(in_portal=True)
    }
    theirs: dict[str, list[Any]] = {one.value: [one.name, one.sort] for one in values}
    return {
        value: (
            MISSING if value not in mine else SURPLUS if value not in theirs else DIFFERENT,
            {"value": [value, value], "name and order": [mine.get(value), theirs.get(value)]},
        )
        for value in sorted(mine.keys() | theirs.keys())
        if mine.get(value) != theirs.get(value)
    }


def _note_repairs(bench: Bench, mended: dict[str, tuple[str, Facts]]) -> None:
    """Values are texts, so a repair names our row; 0 where the row goes on under another value."""
    rows = dict(Status.objects.filter(value__in=mended).values_list("value", "id"))
    Repair.objects.bulk_create(
        Repair(kind=STATUS, portal_id=rows.get(value, 0), at=bench.clock(), what=what, facts=facts)
        for value, (what, facts) in mended.items()
    )
