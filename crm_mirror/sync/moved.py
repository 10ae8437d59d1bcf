"""Links that moved: read again for contacts and companies that changed, from both ends.

A link leaves no reliable trace in either end's DATE_MODIFY (rest.md §4); what neither end tells is found by the delta's
round over all links.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from crm_mirror.models import Contact, ContactCompany
from crm_mirror.portal.errors import PortalError
from crm_mirror.sync.bench import Bench
from crm_mirror.sync.kinds import LINK, link_kind
from crm_mirror.sync.look import Source
from crm_mirror.sync.rereading import COMPANY_CONTACTS, CONTACTS_METHOD, MOST_QUESTIONS, portions, reread, write
from crm_mirror.sync.writer import writing

MOST_COMPANIES = 4 * MOST_QUESTIONS  # one command each; of a mass change the contacts' ends have to do
MOST_CONTACTS = 10_000
METHODS = {CONTACTS_METHOD, link_kind().listing.method}


@dataclass
class Unread:
    """Rows whose links the portal did not tell, by kind, and the first reason for it."""

    ids: dict[str, list[int]] = field(default_factory=lambda: {"company": [], "contact": []})
    error: PortalError | None = None

    def note(self, kind: str, refused: Mapping[int, PortalError]) -> None:
        self.ids[kind] += refused
        self.error = self.error or next(iter(refused.values()), None)


def reread_links(bench: Bench, *, companies: Sequence[int], contacts: Sequence[int]) -> Unread:
    """Bring the links of these rows up to date; returns those that are left.

    Raises PortalError when the portal is lost. While a method that is needed rests, nothing is asked: everything else
    would wait with it.
    """
    if METHODS & bench.client.allowance.paused_methods().keys():
        return Unread({"company": list(companies), "contact": list(contacts)})
    unread = Unread()
    moved = set(contacts[:MOST_CONTACTS])
    for some in portions(companies if len(companies) <= MOST_COMPANIES else (), most=MOST_QUESTIONS):
        bench.tick()
        found = reread(bench, {COMPANY_CONTACTS: some}, source=Source.DELTA)
        unread.note("company", found.refused[COMPANY_CONTACTS])
        moved |= misplaced(found.contacts)
    for ids in portions(sorted(moved)):
        bench.tick()
        found = reread(bench, {LINK: ids}, source=Source.DELTA)
        unread.note("contact", found.refused[LINK])
        with writing():
            write(bench, found.readings)
    return unread


def misplaced(told: Mapping[int, Collection[int]]) -> set[int]:
    """Live contacts that mirror and portal do not place with the same companies. `told`: company → contacts."""
    mirrored: defaultdict[int, set[int]] = defaultdict(set)
    pairs = ContactCompany.objects.filter(company_id__in=told).values_list("company_id", "contact_id")
    for company_id, contact_id in pairs:
        mirrored[company_id].add(contact_id)
    moved = {contact for company, contacts in told.items() for contact in set(contacts) ^ mirrored[company]}
    gone = Contact.objects.filter(portal_id__in=moved, deleted_at__isnull=False)
    return moved.difference(gone.values_list("portal_id", flat=True))
