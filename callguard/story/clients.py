"""Whose client was on the line then: the mirror's clients, each with who was responsible before it changed hands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from callguard import lookup
from callguard.verdict import Candidate, Person
from crm_mirror.models import Company, Contact, ContactCompany, EntityType, Lead, PhoneNumber


@dataclass(frozen=True)
class Handover:
    """A company that is no longer its author's: what the portal still tells of it."""

    company_id: int
    title: str
    giver: int
    taker: int
    by: int
    at: datetime


@dataclass(frozen=True)
class Client:
    """Somebody one can call. `painted`: others than the responsible see a colour on his card, not that of a lead."""

    kind: str
    id: int
    responsible: int
    since: datetime
    numbers: tuple[str, ...]
    painted: bool


@dataclass
class Clients:
    """`by_person`: clients in the order of their IDs, by who is responsible today."""

    handovers: tuple[Handover, ...]
    by_person: dict[int, list[Client]] = field(default_factory=lambda: defaultdict(list))
    names: dict[int, str] = field(default_factory=dict)
    shared: frozenset[str] = frozenset()  # numbers of clients of several people
    _found: dict[str, lookup.Found] = field(default_factory=dict)

    def of(self, person: int, *, at: datetime, kind: str = "") -> list[Client]:
        """His clients at that moment, those included that he has lost since."""
        lost = {one.company_id for one in self.handovers if one.giver == person and at < one.at}
        gained = {one.company_id for one in self.handovers if one.taker == person and at < one.at}
        takers = {one.taker for one in self.handovers if one.company_id in lost}
        now = [client for client in self.by_person[person] if client.id not in gained or client.kind != "company"]
        then = [c for taker in sorted(takers) for c in self.by_person[taker] if c.kind == "company" and c.id in lost]
        return [one for one in (*now, *then) if one.since < at and (not kind or one.kind == kind)]

    def company(self, company_id: int) -> Client:
        every = (client for clients in self.by_person.values() for client in clients)
        return next(one for one in every if one.kind == "company" and one.id == company_id)

    def found(self, number: str, *, at: datetime, day: date) -> lookup.Found:
        """What the look-up would have found, with the responsible of that moment. One query for each new number."""
        if number not in self._found:
            self._found[number] = lookup.found([number], caller_id=0, day=day)
        known = self._found[number]
        return replace(known, candidates=[self._then(one, at) for one in known.candidates])

    def _then(self, candidate: Candidate, at: datetime) -> Candidate:
        if candidate.tier.startswith("company"):
            for one in self.handovers:
                if one.company_id == candidate.id and at < one.at:
                    return replace(candidate, responsible=Person(one.giver, self.names[one.giver], active=True))
        return candidate

    def shares_numbers(self, client: Client) -> bool:
        return not self.shared.isdisjoint(client.numbers)


def clients(names: dict[int, str], *, painting: frozenset[str]) -> Clients:
    """`painting`: statuses (by value) whose companies are painted. Six queries."""
    numbers = _numbers()
    companies = list(Company.objects.live().filter(is_my_company=False).order_by("portal_id"))
    book = Clients(tuple(_handovers(companies, names)), names=names)
    of_company: dict[int, list[str]] = defaultdict(list)
    linked = list(ContactCompany.objects.order_by("contact_id", "company_id").values_list("contact_id", "company_id"))
    for contact_id, company_id in linked:
        of_company[company_id] += numbers.get((EntityType.CONTACT, contact_id), [])
    for row in companies:
        own = [*numbers.get((EntityType.COMPANY, row.portal_id), []), *of_company[row.portal_id]]
        book.by_person[row.responsible_id].append(_client("company", row, own, painted=row.status_id in painting))
    attached = {contact_id for contact_id, _company in linked}
    for contact in Contact.objects.live().exclude(portal_id__in=attached).order_by("portal_id"):
        own = numbers.get((EntityType.CONTACT, contact.portal_id), [])
        book.by_person[contact.responsible_id].append(_client("contact", contact, own, painted=True))
    for lead in Lead.objects.live().order_by("portal_id"):
        own = numbers.get((EntityType.LEAD, lead.portal_id), [])
        book.by_person[lead.responsible_id].append(_client("lead", lead, own, painted=False))
    for person, known in book.by_person.items():
        book.by_person[person] = [one for one in known if one.numbers]
    book.shared = _shared(book.by_person)
    return book


def _shared(by_person: Mapping[int, Iterable[Client]]) -> frozenset[str]:
    people: dict[str, set[int]] = defaultdict(set)
    for person, known in by_person.items():
        for client in known:
            for number in client.numbers:
                people[number].add(person)
    return frozenset(number for number, carriers in people.items() if len(carriers) > 1)


def _numbers() -> dict[tuple[str, int], list[str]]:
    found: dict[tuple[str, int], list[str]] = defaultdict(list)
    for kind, entity_id, e164 in PhoneNumber.objects.order_by("id").values_list("entity_type", "entity_id", "e164"):
        found[kind, entity_id].append(e164)
    return found


def _client(kind: str, row: Company | Contact | Lead, numbers: Iterable[str], *, painted: bool) -> Client:
    assert row.created_at is not None  # noqa: S101 - the portal tells it of every row
    return Client(kind, row.portal_id, row.responsible_id or 0, row.created_at, tuple(numbers), painted)


def _handovers(companies: Iterable[Company], names: dict[int, str]) -> Iterable[Handover]:
    """Companies of somebody else than their author, the administrator's aside: he makes them for others."""
    for row in companies:
        giver, taker, by = row.created_by_id, row.responsible_id, row.modified_by_id
        if giver and taker and by and giver != taker and row.modified_at != row.created_at and giver in names:
            assert row.modified_at is not None  # noqa: S101 - compared above
            yield Handover(row.portal_id, row.title, giver, taker, by, row.modified_at)
