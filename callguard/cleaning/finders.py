"""What in the mirror misleads callers, kind by kind: each finder reads the tables once and gives what it finds.

Deleted entities and the portal's own legal entities (IS_MY_COMPANY) mislead nobody: they do not match (verdict.md §2).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TypeVar

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from callguard.models import Flaw
from crm_mirror.models import Company, Contact, ContactCompany, EntityType, Lead, PhoneNumber, UnreadablePhone

AT_ONCE = 2000  # rows of the database held at a time
MOST_PARTS = 20  # entities named with one item: of a switchboard's number the rest can wait
Ref = tuple[str, int]  # kind, portal ID
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Found:
    """`parts`: whom it is about, the one to be changed first. `number`: E.164, where it is about one; `text`: in its
    place what stands in the CRM and is none.
    """

    key: str
    parts: tuple[Ref, ...]
    number: str = ""
    text: str = ""


def live_companies() -> QuerySet[Company]:
    return Company.objects.filter(deleted_at=None, is_my_company=False)


def live_contacts() -> QuerySet[Contact]:
    return Contact.objects.filter(deleted_at=None)


def live_leads() -> QuerySet[Lead]:
    return Lead.objects.filter(deleted_at=None)


def of_phone(rows: QuerySet[Company] | QuerySet[Contact] | QuerySet[Lead]) -> Exists:
    """That the entity of a phone's row is among these."""
    return Exists(rows.filter(portal_id=OuterRef("entity_id")))


def live_phones() -> Q:
    return (
        Q(of_phone(live_companies()), entity_type=EntityType.COMPANY)
        | Q(of_phone(live_contacts()), entity_type=EntityType.CONTACT)
        | Q(of_phone(live_leads()), entity_type=EntityType.LEAD)
    )


# --- Finders ---------------------------------------------------------------------------------------------------------
def shared_numbers() -> Iterator[Found]:
    """Numbers on several entities with different responsibles. Leads count where nobody else has the number: the
    others are leads of known clients.
    """
    several = PhoneNumber.objects.values("e164").annotate(carriers=Count("pk")).filter(carriers__gt=1).values("e164")
    rows = PhoneNumber.objects.filter(live_phones(), e164__in=several).order_by("e164", "entity_type", "entity_id")
    whose = rows.annotate(
        of_company=responsible_of(live_companies()),
        of_contact=responsible_of(live_contacts()),
        of_lead=responsible_of(live_leads()),
    ).values_list("e164", "entity_type", "entity_id", "of_company", "of_contact", "of_lead")
    for e164, carriers in groupby(whose.iterator(chunk_size=AT_ONCE), key=itemgetter(0)):
        known = [((kind, one), _own(kind, people)) for _number, kind, one, *people in carriers]
        clients = [pair for pair in known if pair[0][0] != EntityType.LEAD] or known
        if len({person for _ref, person in clients}) > 1:
            yield Found(e164, tuple(ref for ref, _person in clients[:MOST_PARTS]), e164)


def responsible_of(rows: QuerySet[Company] | QuerySet[Contact] | QuerySet[Lead]) -> Subquery:
    return Subquery(rows.filter(portal_id=OuterRef("entity_id")).values("responsible_id")[:1])


def _own(kind: str, people: list[int | None]) -> int | None:
    """Companies, contacts and leads have IDs of their own kind: only the responsible of the right one counts."""
    return people[(EntityType.COMPANY, EntityType.CONTACT, EntityType.LEAD).index(EntityType(kind))]


def contacts_apart() -> Iterator[Found]:
    """Contacts whose responsible is not their company's."""
    contact, company = (
        Subquery(rows.filter(portal_id=OuterRef(link)).values("responsible_id")[:1])
        for rows, link in ((live_contacts(), "contact_id"), (live_companies(), "company_id"))
    )
    links = ContactCompany.objects.annotate(of_contact=contact, of_company=company)
    apart = links.filter(of_contact__isnull=False, of_company__isnull=False).exclude(of_contact=F("of_company"))
    for one, other in apart.values_list("contact_id", "company_id").iterator(chunk_size=AT_ONCE):
        yield Found(f"{one}:{other}", ((EntityType.CONTACT, one), (EntityType.COMPANY, other)))


def loose_contacts() -> Iterator[Found]:
    """Contacts without a company, whose number a company carries."""
    linked = ContactCompany.objects.filter(
        Exists(live_companies().filter(portal_id=OuterRef("company_id"))), contact_id=OuterRef("entity_id")
    )
    loose = PhoneNumber.objects.filter(of_phone(live_contacts()), ~Exists(linked), entity_type=EntityType.CONTACT)
    yield from _beside(loose, EntityType.CONTACT, Q(of_phone(live_companies()), entity_type=EntityType.COMPANY))


def leads_of_clients() -> Iterator[Found]:
    """Leads in progress that are linked to nobody, whose number a company or a contact carries."""
    in_progress = live_leads().exclude(semantic__in=["S", "F"]).filter(company_id=None, contact_id=None)
    leads = PhoneNumber.objects.filter(of_phone(in_progress), entity_type=EntityType.LEAD)
    clients = Q(of_phone(live_companies()), entity_type=EntityType.COMPANY) | Q(
        of_phone(live_contacts()), entity_type=EntityType.CONTACT
    )
    yield from _beside(leads, EntityType.LEAD, clients)


def _beside(rows: QuerySet[PhoneNumber], kind: str, others: Q) -> Iterator[Found]:
    """The entities of the phones, each with those others that carry the same number, companies before contacts."""
    same = PhoneNumber.objects.filter(others, e164=OuterRef("e164"))
    found = rows.filter(Exists(same)).order_by("e164", "entity_id").values_list("e164", "entity_id")
    for part in in_portions(found.iterator(chunk_size=AT_ONCE)):
        carriers: defaultdict[str, list[Ref]] = defaultdict(list)
        known = PhoneNumber.objects.filter(others, e164__in={e164 for e164, _one in part})
        for e164, type_, other in known.order_by("-entity_type", "entity_id").values_list(
            "e164", "entity_type", "entity_id"
        ):
            carriers[e164].append((type_, other))
        for e164, one in part:
            yield Found(f"{one}:{e164}", ((kind, one), *_companies_first(carriers[e164])[: MOST_PARTS - 1]), e164)


def _companies_first(refs: Iterable[Ref]) -> list[Ref]:
    return sorted(refs, key=lambda ref: (ref[0] != EntityType.COMPANY, ref[1]))


def unreadable_phones() -> Iterator[Found]:
    rows = UnreadablePhone.objects.filter(live_phones()).values_list("entity_type", "entity_id", "value")
    for kind, one, value in rows.distinct().iterator(chunk_size=AT_ONCE):
        yield Found(f"{kind}:{one}:{value}", ((kind, one),), text=value)


def companies_without_status() -> Iterator[Found]:
    rows = live_companies().filter(status=None).values_list("portal_id", flat=True)
    for one in rows.iterator(chunk_size=AT_ONCE):
        yield Found(str(one), ((EntityType.COMPANY, one),))


FINDERS: dict[Flaw, Callable[[], Iterator[Found]]] = {
    Flaw.SHARED: shared_numbers,
    Flaw.APART: contacts_apart,
    Flaw.LOOSE: loose_contacts,
    Flaw.KNOWN_LEAD: leads_of_clients,
    Flaw.UNREADABLE: unreadable_phones,
    Flaw.NO_STATUS: companies_without_status,
}


def in_portions(rows: Iterable[Row], size: int = AT_ONCE) -> Iterator[list[Row]]:
    portion: list[Row] = []
    for row in rows:
        portion.append(row)
        if len(portion) == size:
            yield portion
            portion = []
    if portion:
        yield portion
