"""Which entity a gone one was merged into. The portal does not tell, so it is inferred, or left open.

A merge moves all numbers and links to the survivor, changes it, and deletes the other; the events tell of the deletion
only (rest.md §10, trap 16). So the survivor is the one live entity of the same kind that carries all numbers of the
gone one, belongs to all its contacts, and was changed at about the time. Two such are none.

docs: api-reference/crm/duplicates/crm-duplicate-find-by-comm, crm-entity-merge-batch
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import QuerySet

from crm_mirror.models import Change, Contact, ContactCompany, PhoneNumber, SyncCursor
from crm_mirror.portal.batch import MOST_COMMANDS, Command, Outcome, run_batch
from crm_mirror.portal.errors import PortalSlow
from crm_mirror.portal.transport import Answer, number
from crm_mirror.sync import news
from crm_mirror.sync.bench import Bench
from crm_mirror.sync.kinds import LINK, Kind, kinds
from crm_mirror.sync.look import Source
from crm_mirror.sync.rereading import Wanted, portions, reread, write
from crm_mirror.sync.writer import writing

ABOUT = timedelta(minutes=15)  # between the change of one and the loss of the other, differing clocks included
LOOKED_FOR = timedelta(days=1)
MOST_LOOKED_FOR = 500  # gone entities at once; more are no merges
MOST_NUMBERS = 20  # that one search takes; all must be the survivor's, so these will do
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True)
class Gone:
    """What a gone entity had, and between which instants its survivor must have been changed."""

    portal_id: int
    numbers: frozenset[str]
    contacts: frozenset[int]  # of a company
    since: datetime
    until: datetime


def find_survivors(bench: Bench, kind: Kind, ids: Collection[int], *, source: Source = Source.EVENT) -> dict[int, int]:
    """Of these, where they were just buried; asks the portal what the mirror cannot tell. Returns gone → survivor.

    To be called before the links of their contacts are read anew. Raises PortalError when the portal is lost.
    """
    every = _gone(kind, _graves(kind, at=bench.clock()).filter(portal_id__in=ids)) if ids and kind.phones_of else []
    found = survivors(kind, every)
    unclear = [one for one in every if one.portal_id not in found]
    for some in portions(unclear, most=MOST_COMMANDS):
        try:
            _read_around(bench, kind, some, source)
        except PortalSlow as error:  # worth no event that waits: look_again may still find them
            bench.warn(f"{kind.name}: what took over {len(some)} that are gone was not looked for ({error}).")
        found |= survivors(kind, some)
    _tell(kind, found, at=bench.clock(), source=source)
    return found


def look_again(bench: Bench) -> None:
    """At what is gone since a day without a survivor, by what the mirror has learned meanwhile. Asks nobody."""
    for kind in kinds(settings.BITRIX_STATUS_FIELD).values():
        if kind.phones_of:
            every = _gone(kind, _graves(kind, at=bench.clock()))
            _tell(kind, survivors(kind, every), at=bench.clock(), source=Source.EVENT)


def survivors(kind: Kind, every: Sequence[Gone]) -> dict[int, int]:
    """Gone → survivor, by the mirror alone. Three queries, however many."""
    if not every or not kind.phones_of:
        return {}
    numbers = PhoneNumber.objects.filter(
        entity_type=kind.phones_of, e164__in={number for one in every for number in one.numbers}
    )
    carriers = _grouped(numbers.values_list("e164", "entity_id"))
    companies = _companies_of({contact for one in every for contact in one.contacts})
    heirs = {one: _heirs(one, carriers, companies) for one in every}
    live = kind.model._default_manager.filter(deleted_at=None, portal_id__in=set().union(*heirs.values()))
    changed = dict(live.filter(modified_at__isnull=False).values_list("portal_id", "modified_at"))
    found = {}
    for one, ids in heirs.items():
        fitting = [heir for heir in ids if heir in changed and one.since <= changed[heir] <= one.until]
        if len(fitting) == 1:
            found[one.portal_id] = fitting[0]
    return found


def _graves(kind: Kind, *, at: datetime) -> QuerySet[Any]:
    """The newest first: without a survivor so far, and not too old to look for one."""
    rows = kind.model._default_manager.filter(merged_into_id=None, deleted_at__gte=at - LOOKED_FOR)
    return rows.order_by("-deleted_at")


def _gone(kind: Kind, graves: QuerySet[Any]) -> list[Gone]:
    """Those that had a number or a contact to know them by."""
    buried = dict(graves.values_list("portal_id", "deleted_at")[:MOST_LOOKED_FOR])
    if not buried:
        return []
    held = PhoneNumber.objects.filter(entity_type=kind.phones_of, entity_id__in=buried)
    numbers = _grouped(held.values_list("entity_id", "e164"))
    contacts = _contacts_of(buried) if kind.name == "company" else {}
    # When the mirror was true last it still lived, so an old loss may be found late.
    true_at = SyncCursor.objects.filter(kind=kind.name).values_list("true_at", flat=True).first()
    return [
        Gone(
            one,
            frozenset(numbers.get(one, ())),
            frozenset(contacts.get(one, ())),
            min(at, true_at or at) - ABOUT,
            at + ABOUT,
        )
        for one, at in buried.items()
        if one in numbers or one in contacts
    ]


def _contacts_of(companies: Collection[int]) -> dict[int, set[int]]:
    """Live ones: those that are gone themselves were not moved anywhere."""
    links = ContactCompany.objects.filter(company_id__in=companies)
    contacts = Contact.objects.filter(portal_id__in=links.values("contact_id"), deleted_at=None)
    return _grouped(links.filter(contact_id__in=contacts.values("portal_id")).values_list("company_id", "contact_id"))


def _companies_of(contacts: Collection[int]) -> dict[int, set[int]]:
    links = ContactCompany.objects.filter(contact_id__in=contacts)
    return _grouped(links.values_list("contact_id", "company_id"))


def _grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, set[V]]:
    found: dict[K, set[V]] = {}
    for key, value in pairs:
        found.setdefault(key, set()).add(value)
    return found


def _heirs(one: Gone, carriers: Mapping[str, set[int]], companies: Mapping[int, set[int]]) -> set[int]:
    """Everything that carries all the numbers and belongs to all the contacts."""
    holders = [carriers.get(number, set()) for number in one.numbers]
    holders += [companies.get(contact, set()) for contact in one.contacts]
    return set.intersection(*holders) - {one.portal_id}


def _read_around(bench: Bench, kind: Kind, some: Sequence[Gone], source: Source) -> None:
    """Bring into the mirror what may have taken them over: the contacts' links, whoever carries the numbers."""
    _read(bench, {LINK: sorted({contact for one in some for contact in one.contacts})}, source)
    bench.tick()
    commands = {f"gone_{one.portal_id}": _search(kind, one) for one in some if one.numbers}
    outcomes = run_batch(bench.client, commands) if commands else {}
    candidates = {found for outcome in outcomes.values() for found in _ids_in(outcome, kind)}
    if kind.name == "company":
        companies = _companies_of({contact for one in some for contact in one.contacts})
        candidates |= set[int]().union(*companies.values())
    _read(bench, {kind.name: sorted(candidates - {one.portal_id for one in some})}, source)


def _read(bench: Bench, wanted: Wanted, source: Source) -> None:
    ((name, ids),) = wanted.items()
    for some in portions(ids):
        bench.tick()
        found = reread(bench, {name: some}, source=source)
        with writing():
            write(bench, found.readings)


def _search(kind: Kind, one: Gone) -> Command:
    values = sorted(one.numbers)[:MOST_NUMBERS]
    return Command("crm.duplicate.findbycomm", {"type": "PHONE", "values": values, "entity_type": kind.name.upper()})


def _ids_in(outcome: Outcome, kind: Kind) -> Iterable[int]:
    """IDs of one kind out of {"COMPANY": [12, …]}; `[]` is nothing found, an error tells nothing."""
    result = outcome.result if isinstance(outcome, Answer) else None
    ids = result.get(kind.name.upper()) if isinstance(result, dict) else None
    return [one for value in ids if (one := number(value)) is not None] if isinstance(ids, list) else []


def _tell(kind: Kind, found: Mapping[int, int], *, at: datetime, source: Source) -> None:
    """Write the survivors down and tell the feed, unless one of the two has come or gone meanwhile."""
    if not found:
        return
    rows = kind.model._default_manager
    with writing():
        live = set(rows.filter(portal_id__in=set(found.values()), deleted_at=None).values_list("portal_id", flat=True))
        graves = rows.filter(merged_into_id=None, deleted_at__isnull=False)
        merged = {
            gone: survivor
            for gone, survivor in found.items()
            if survivor in live and graves.filter(portal_id=gone).update(merged_into_id=survivor)
        }
        news.tell(
            Change(
                at=at,
                kind=kind.name,
                portal_id=str(gone),
                what=Change.What.MERGED,
                facts={"into": survivor},
                source=source,
            )
            for gone, survivor in merged.items()
        )
