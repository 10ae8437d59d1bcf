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

from crm_mirror.models import Contact, ContactCompany, Entity, Quarantine
from crm_mirror.portal import records
from crm_mirror.portal.paging import Row
from crm_mirror.portal.records import Links, MalformedRecord, storable
from crm_mirror.portal.transport import number
from crm_mirror.sync import cursors, news
from crm_mirror.sync.cursors import Position
from crm_mirror.sync.kinds import LINK, Kind
from crm_mirror.sync.look import Look
from crm_mirror.sync.phones import replace_numbers
from crm_mirror.sync.report import Counts
from crm_mirror.sync.stretch import rows_near
from crm_mirror.sync.upsert import insert_new, upsert
from crm_mirror.sync.writer import writing

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


def write_run(kind: Kind, position: Position, run: Run, look: Look) -> tuple[Position, Counts]:
    """Write the run and move the cursor behind it: both or neither. Raises cursors.Overtaken."""
    parsed = parse_rows(kind, run.rows)
    with writing():
        counts = write_records(kind, parsed, look)
        if kind.name != LINK:
            suspect_absent(kind, position.last_id, run, parsed.ids, at=look.at)
        moved = cursors.move(position, last_id=run.last_id, seen=len(parsed.ids), closes=run.closes)
    return moved, counts


def write_records(kind: Kind, parsed: Parsed, look: Look) -> Counts:
    """Bring the mirror's rows up to date with these, and tell the feed. Inside the caller's `writing()`.

    A row that a later request has brought already is left alone (Look.ticket).
    """
    write = write_links if kind.name == LINK else _write_entities
    counts = write(kind, parsed.records, look)
    _quarantine(kind, parsed, at=look.at)
    counts.quarantined = len(parsed.malformed)
    return counts


def _write_entities(kind: Kind, found: list[Any], look: Look) -> Counts:
    columns = (*kind.columns, *state_of(kind))
    came = {record.portal_id for record in found}
    near = rows_near(kind.model._default_manager.all(), "portal_id", came, *columns, "read_ticket")
    known = {row[0]: row for row in near if row[0] in came}
    fresh = {r.portal_id: r for r in found if r.portal_id not in known or known[r.portal_id][-1] <= look.ticket}
    wanted = {portal_id: _values(kind, record) for portal_id, record in fresh.items()}
    rows = [values for portal_id, values in wanted.items() if portal_id not in known or known[portal_id][:-1] != values]
    upsert(kind.model, (*columns, "read_ticket"), [(*values, look.ticket) for values in rows], key="portal_id")
    written = {row[0] for row in rows}
    if kind.name == "contact":
        _link_main_companies(record for record in fresh.values() if record.portal_id in written)
    numbers = replace_numbers(kind.phones_of, {i: r.phones for i, r in fresh.items()}) if kind.phones_of else {}
    before = {one: dict(zip(columns, known[one], strict=False)) for one in known.keys() & (written | numbers.keys())}
    news.tell_rows(kind, [fresh[one] for one in sorted(written | numbers.keys())], before, numbers, look)
    changed = written | numbers.keys()
    return Counts(seen=len(came), created=len(wanted.keys() - known.keys()), updated=len(changed & known.keys()))


def state_of(kind: Kind) -> tuple[str, ...]:
    """Columns of ours that a row which came has empty: it is neither missing nor deleted nor merged."""
    return (*STATE, "merged_into_id") if issubclass(kind.model, Entity) else STATE


def _values(kind: Kind, record: Any) -> tuple[Any, ...]:
    """The row as it should be."""
    return (*attrgetter(*kind.columns)(record), *(None for _ in state_of(kind)))


def write_links(kind: Kind, found: list[Links], look: Look) -> Counts:
    """Contacts with all their companies. A link that a contact came without is suspected, or, with proof, removed."""
    came = {record.portal_id: record for record in found}
    tickets = dict(rows_near(Contact.objects.all(), "portal_id", came.keys(), "portal_id", "links_ticket"))
    contacts = {one for one in came if tickets.get(one, 0) <= look.ticket}
    wanted = {(one, company_id) for one in contacts for company_id in came[one].company_ids}
    columns = ("contact_id", "company_id", "id", "missing_since")
    near = rows_near(ContactCompany.objects.all(), "contact_id", contacts, *columns)
    known = {row[:2]: row[2:] for row in near if row[0] in contacts}
    back = [row_id for pair, (row_id, missing) in known.items() if pair in wanted and missing]
    absent = {
        pair: row_id
        for pair, (row_id, missing) in known.items()
        if pair not in wanted and (look.is_admin or not missing)
    }
    new = sorted(wanted - known.keys())
    insert_new(ContactCompany, ("contact_id", "company_id"), new)
    links = ContactCompany.objects
    links.filter(id__in=back).update(missing_since=None)
    gone = list(absent) if look.is_admin else []
    for ids in _stretches(list(absent.values())):
        unlinked = links.filter(id__in=ids)
        unlinked.delete() if look.is_admin else unlinked.update(missing_since=look.at)
    touched = {pair[0] for pair in (*new, *gone)}
    for ids in _stretches(sorted(touched)):
        Contact.objects.filter(portal_id__in=ids).update(links_ticket=look.ticket)
    news.tell_links(touched, known, wanted, look)
    return Counts(seen=len(wanted), created=len(new), updated=len(back), deleted=len(gone))


def _link_main_companies(contacts: Iterable[records.Contact]) -> None:
    """A new contact belongs to its company at once, not only when the links have been read. Removes nothing."""
    pairs = sorted((contact.portal_id, contact.company_id) for contact in contacts if contact.company_id)
    insert_new(ContactCompany, ("contact_id", "company_id"), pairs)


def _stretches(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + MOST_LISTED] for start in range(0, len(ids), MOST_LISTED))


def suspect_absent(kind: Kind, after: int, run: Run, came: list[int], *, at: datetime) -> None:
    """Mirrored rows of this stretch of IDs that did not come: a suspicion until the pass proves flawless."""
    live = kind.model._default_manager.filter(portal_id__gt=after, deleted_at=None, missing_since=None)
    if run.closes:
        live.filter(portal_id__gt=run.last_id).update(missing_since=at)
    stretch = live.filter(portal_id__lte=run.last_id).values_list("portal_id", flat=True).iterator()
    for ids in _stretches(sorted(set(stretch).difference(came))):
        live.filter(portal_id__in=ids).update(missing_since=at)


def _quarantine(kind: Kind, parsed: Parsed, *, at: datetime) -> None:
    """Keep what could not be read; let go what can be read now."""
    held = Quarantine.objects.filter(kind=kind.name)
    if held.exists():
        held.filter(portal_id__in=[str(record.portal_id) for record in parsed.records]).delete()
    rows = {
        shown: Quarantine(kind=kind.name, portal_id=shown, reason=reason, row=_clean(row), since=at, seen_at=at)
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
