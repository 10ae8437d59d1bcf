"""Rows of the portal beside those of the mirror, field by field, through the parser that the sync uses too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.db import models

from crm_mirror.models import Contact, ContactCompany, EntityType, PhoneNumber, Quarantine, UnreadablePhone
from crm_mirror.sync.kinds import LINK, Kind
from crm_mirror.sync.phones import read_phones
from crm_mirror.sync.stretch import rows_near
from crm_mirror.sync.write import Parsed

Facts = dict[str, list[Any]]  # column → [mirror, portal]; numbers, companies and the row itself among the columns

MISSING, SURPLUS, DIFFERENT = "missing", "surplus", "different"


@dataclass(frozen=True, slots=True)
class Difference:
    """`what`: MISSING (no live row in the mirror) or DIFFERENT. `record`: the portal's, None when it is malformed."""

    what: str
    facts: Facts
    record: Any = None


def differences(kind: Kind, parsed: Parsed, *, ticket: int) -> dict[int, Difference]:
    """By portal ID, of rows that came with this ticket. What a later request has brought is no difference."""
    found = _of_links(parsed, ticket) if kind.name == LINK else _of_entities(kind, parsed, ticket)
    return found | _of_malformed(kind, parsed)


def _of_entities(kind: Kind, parsed: Parsed, ticket: int) -> dict[int, Difference]:
    records = {record.portal_id: record for record in parsed.records}
    columns = (*kind.columns, "missing_since", "deleted_at", "read_ticket")
    near = rows_near(kind.model._default_manager.all(), "portal_id", records.keys(), "portal_id", *columns)
    known = {row[0]: dict(zip(columns, row[1:], strict=True)) for row in near if row[0] in records}
    records = {one: record for one, record in records.items() if known.get(one, {}).get("read_ticket", 0) <= ticket}
    phones = _of_phones(kind.phones_of, records) if kind.phones_of else {}
    found: dict[int, Difference] = {}
    for one, record in records.items():
        mirror = known.get(one)
        if mirror is None or mirror["deleted_at"] or (kind.is_kept and mirror["missing_since"]):
            found[one] = Difference(MISSING, {"row": ["deleted" if mirror else None, "live"]}, record)
            continue
        values = zip(kind.columns, attrgetter(*kind.columns)(record), strict=True)
        facts = {name: [mirror[name], value] for name, value in values if mirror[name] != value}
        if facts := facts | phones.get(one, {}):
            found[one] = Difference(DIFFERENT, facts, record)
    return found


def _of_phones(entity_type: EntityType, records: Mapping[int, Any]) -> dict[int, Facts]:
    """Numbers, and values that gave none, of entities with others than the mirror has."""
    numbers, unreadable = read_phones({one: record.phones for one, record in records.items()})
    found: defaultdict[int, Facts] = defaultdict(dict)
    for name, model, columns, wanted in (
        ("numbers", PhoneNumber, ("e164",), numbers),
        ("unreadable", UnreadablePhone, ("value", "kind"), unreadable),
    ):
        mine, theirs = _grouped(_known(model, entity_type, records.keys(), columns)), _grouped(wanted)
        for one in mine.keys() | theirs.keys():
            if mine[one] != theirs[one]:
                found[one][name] = [mine[one], theirs[one]]
    return found


def _known(
    model: type[models.Model], entity_type: EntityType, ids: Collection[int], columns: tuple[str, ...]
) -> Iterable[tuple[Any, ...]]:
    rows = model._default_manager.filter(entity_type=entity_type)
    return (row for row in rows_near(rows, "entity_id", ids, "entity_id", *columns) if row[0] in ids)


def _grouped(rows: Iterable[tuple[Any, ...]]) -> defaultdict[int, list[Any]]:
    """First column → the second ones, in order."""
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for first, second, *_ in sorted(rows):
        found[first].append(second)
    return found


def _of_links(parsed: Parsed, ticket: int) -> dict[int, Difference]:
    """Contacts whose companies are others."""
    records = {record.portal_id: record for record in parsed.records}
    tickets = dict(rows_near(Contact.objects.all(), "portal_id", records.keys(), "portal_id", "links_ticket"))
    rows = rows_near(ContactCompany.objects.all(), "contact_id", records.keys(), "contact_id", "company_id")
    mine = _grouped(rows)
    found: dict[int, Difference] = {}
    for one, record in records.items():
        theirs = sorted(record.company_ids)
        if mine[one] != theirs and tickets.get(one, 0) <= ticket:
            found[one] = Difference(DIFFERENT, {"company_ids": [mine[one], theirs]}, record)
    return found


def _of_malformed(kind: Kind, parsed: Parsed) -> dict[int, Difference]:
    """Rows that cannot be read and are not in quarantine yet. Those without a readable ID are left to the full sync."""
    reasons = {int(shown): reason for shown, reason, _ in parsed.malformed if shown.isdigit()}
    held = Quarantine.objects.filter(kind=kind.name, portal_id__in=[str(one) for one in reasons])
    known = {int(shown) for shown in held.values_list("portal_id", flat=True)}
    return {
        one: Difference(DIFFERENT, {"quarantine": [None, reason]})
        for one, reason in reasons.items()
        if one not in known
    }
