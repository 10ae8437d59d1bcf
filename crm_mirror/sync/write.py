"""Record → row, numbers, quarantine and cursor, in one transaction for each contiguous run of rows.

A run is safe to repeat: rows that are as the mirror knows them are not written. A row that cannot be read goes to
quarantine and does not hold up its neighbours.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db import transaction

from crm_mirror.models import ContactCompany, Quarantine
from crm_mirror.portal.paging import Row
from crm_mirror.portal.records import Contact, Links, MalformedRecord, storable
from crm_mirror.portal.transport import number
from crm_mirror.sync import cursors
from crm_mirror.sync.cursors import Position
from crm_mirror.sync.kinds import LINK, Kind
from crm_mirror.sync.phones import replace_numbers
from crm_mirror.sync.report import Counts
from crm_mirror.sync.stretch import rows_near
from crm_mirror.sync.upsert import insert_new, upsert

STATE = ("missing_since", "deleted_at")
MOST_LISTED = 1000  # IDs in one statement


@dataclass(frozen=True)
class Run:
    """Rows beyond one ID up to another, without gaps. `closes`: nothing is beyond, the pass over the kind is over."""

    last_id: int
    rows: Sequence[Row]
    closes: bool = False


@dataclass
class Parsed:
    records: list[Any] = field(default_factory=list)
    malformed: list[tuple[str, str, Row]] = field(default_factory=list)  # portal ID as text, reason, row
    ids: list[int] = field(default_factory=list)  # of all rows with a readable ID, malformed ones included


def parse_rows(kind: Kind, rows: Iterable[Row]) -> Parsed:
    parsed = Parsed()
    for row in rows:
        raw_id = row.get(kind.listing.id_key)
        row_id = number(raw_id)
        if row_id is not None:
            parsed.ids.append(row_id)
        try:
            parsed.records.append(kind.parse(row))
        except MalformedRecord as error:
            parsed.malformed.append((str(row_id) if row_id is not None else _nameless(raw_id, row), str(error), row))
    return parsed


def _nameless(raw_id: object, row: Row) -> str:
    """What tells a row without a readable ID from others of its kind: what stands for its ID, and a digest of it."""
    digest = hashlib.sha256(json.dumps(row, sort_keys=True, default=str).encode()).hexdigest()[:16]
    return f"{storable(str(raw_id or ''))[:40]}#{digest}"


def write_run(kind: Kind, position: Position, run: Run, *, at: datetime) -> tuple[Position, Counts]:
    """Write one run and move the cursor behind it: both or neither. A constant number of statements."""
    parsed = parse_rows(kind, run.rows)
    with transaction.atomic():
        counts = write_records(kind, parsed, at=at)
        if kind.name != LINK:
            _suspect_absent(kind, position.last_id, run, parsed.ids, at=at)
        moved = cursors.move(position, last_id=run.last_id, seen=len(parsed.ids), closes=run.closes)
    return moved, counts


def write_records(kind: Kind, parsed: Parsed, *, at: datetime) -> Counts:
    """Bring the mirror's rows up to date with these. Inside the caller's transaction."""
    counts = _write_links(parsed.records, at=at) if kind.name == LINK else _write_entities(kind, parsed.records)
    _quarantine(kind, parsed, at=at)
    counts.quarantined = len(parsed.malformed)
    return counts


def _write_entities(kind: Kind, records: list[Any]) -> Counts:
    wanted = {record.portal_id: _values(kind, record) for record in records}
    columns = (*kind.columns, *STATE)
    near = rows_near(kind.model._default_manager.all(), "portal_id", wanted.keys(), *columns)
    known = {row[0]: row for row in near if row[0] in wanted}
    rows = [values for portal_id, values in wanted.items() if known.get(portal_id) != values]
    upsert(kind.model, columns, rows, key="portal_id")
    changed = {row[0] for row in rows}
    if kind.name == "contact":
        _link_main_companies(record for record in records if record.portal_id in changed)
    if kind.phones_of:
        changed |= replace_numbers(kind.phones_of, {record.portal_id: record.phones for record in records})
    return Counts(seen=len(wanted), created=len(wanted.keys() - known.keys()), updated=len(changed & known.keys()))


def _values(kind: Kind, record: Any) -> tuple[Any, ...]:
    """The row as it should be; a row that came is neither missing nor deleted."""
    return (*attrgetter(*kind.columns)(record), None, None)


def _write_links(records: list[Links], *, at: datetime) -> Counts:
    wanted = {(record.portal_id, company_id) for record in records for company_id in record.company_ids}
    contacts = {record.portal_id for record in records}
    columns = ("contact_id", "company_id", "id", "missing_since")
    near = rows_near(ContactCompany.objects.all(), "contact_id", contacts, *columns)
    known = {row[:2]: row[2:] for row in near if row[0] in contacts}
    back = [row_id for pair, (row_id, missing) in known.items() if pair in wanted and missing]
    absent = [row_id for pair, (row_id, missing) in known.items() if pair not in wanted and not missing]
    new = sorted(wanted - known.keys())
    insert_new(ContactCompany, ("contact_id", "company_id"), new)
    if back:
        ContactCompany.objects.filter(id__in=back).update(missing_since=None)
    if absent:
        ContactCompany.objects.filter(id__in=absent).update(missing_since=at)
    return Counts(seen=len(wanted), created=len(new), updated=len(back))


def _link_main_companies(contacts: Iterable[Contact]) -> None:
    """A new contact belongs to its company at once, not only when the links have been read. Removes nothing."""
    pairs = sorted((contact.portal_id, contact.company_id) for contact in contacts if contact.company_id)
    insert_new(ContactCompany, ("contact_id", "company_id"), pairs)


def _suspect_absent(kind: Kind, after: int, run: Run, came: list[int], *, at: datetime) -> None:
    """Mirrored rows of this stretch of IDs that did not come: a suspicion until the pass proves flawless."""
    live = kind.model._default_manager.filter(portal_id__gt=after, deleted_at=None, missing_since=None)
    if run.closes:
        live.filter(portal_id__gt=run.last_id).update(missing_since=at)
    stretch = live.filter(portal_id__lte=run.last_id).values_list("portal_id", flat=True).iterator()
    absent = sorted(set(stretch).difference(came))
    for start in range(0, len(absent), MOST_LISTED):
        live.filter(portal_id__in=absent[start : start + MOST_LISTED]).update(missing_since=at)


def _quarantine(kind: Kind, parsed: Parsed, *, at: datetime) -> None:
    """Keep what could not be read; let go what can be read now."""
    held = Quarantine.objects.filter(kind=kind.name)
    if held.exists():
        held.filter(portal_id__in=[str(record.portal_id) for record in parsed.records]).delete()
    rows = {
        shown: Quarantine(kind=kind.name, portal_id=shown, reason=reason, row=_clean(row), seen_at=at)
        for shown, reason, row in parsed.malformed
    }
    Quarantine.objects.bulk_create(
        list(rows.values()),
        update_conflicts=True,
        unique_fields=["kind", "portal_id"],
        update_fields=["reason", "row", "seen_at"],
    )


def release_unseen(kind: str, *, since: datetime) -> None:
    """After a complete pass: rows in quarantine that did not come again are gone from the portal."""
    Quarantine.objects.filter(kind=kind, seen_at__lt=since).delete()


def _clean(value: Any) -> Any:
    """The row without what a JSON column refuses."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(str(key)): _clean(item) for key, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, list) else value
