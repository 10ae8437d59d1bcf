"""Events about rows: the rows are read again, those that are gone are buried, what took them over is found."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from django.conf import settings

from crm_mirror.models import Contact, ContactCompany, Quarantine
from crm_mirror.portal.errors import PortalSlow
from crm_mirror.sync.bench import Bench
from crm_mirror.sync.hints import ENTITIES
from crm_mirror.sync.inquest import NO_ADMIN, Inquest, inquests
from crm_mirror.sync.kinds import LINK, kinds
from crm_mirror.sync.look import Source
from crm_mirror.sync.merges import find_survivors
from crm_mirror.sync.rereading import (
    COMPANY_CONTACTS,
    CONTACTS_METHOD,
    MOST_QUESTIONS,
    Reading,
    Reread,
    commands_needed,
    portions,
    reread,
    write,
)
from crm_mirror.sync.subjects import Subject, finish
from crm_mirror.sync.tombstones import bury
from crm_mirror.sync.writer import writing

FEWEST_QUESTIONS = 6  # in one request
WHOSE = {LINK: "contact", COMPANY_CONTACTS: "company"}  # what is asked along with another kind

Known = Mapping[tuple[str, int], Subject]  # by kind and portal ID


class EntityEvents:
    """`reasons`: whose events must wait, and why."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.kinds = kinds(settings.BITRIX_STATUS_FIELD)
        self.reasons: dict[Subject, str] = {}
        self._most_questions = MOST_QUESTIONS

    def work_off(self, subjects: Iterable[Subject]) -> dict[Subject, str]:
        """A request's worth at a time; returns the reasons. Raises PortalError when the portal is lost."""
        left = self._askable(list(subjects))
        while left:
            portion = self._portion(left)
            self.bench.tick()
            try:
                found = reread(self.bench, self._wanted(portion))
            except PortalSlow:
                if self._most_questions <= FEWEST_QUESTIONS:
                    raise
                self._most_questions //= 2
            else:
                self._settle(portion, found)
                left = left[len(portion) :]
        return self.reasons

    def _askable(self, subjects: list[Subject]) -> list[Subject]:
        """Those whose methods need not be left alone for now: they do not wait for the others."""
        methods = {name: self.kinds[name].listing.method for name in {one.kind for one in subjects}}
        resting = {name for name, method in methods.items() if self.bench.client.allowance.is_paused(method)}
        self.reasons |= {
            one: f"{methods[one.kind]}: the portal's time budget for it is spent"
            for one in subjects
            if one.kind in resting
        }
        return [one for one in subjects if one.kind not in resting]

    def _portion(self, subjects: list[Subject]) -> list[Subject]:
        """The first of them, as many as one request asks for."""
        counts: Counter[str] = Counter()
        for place, one in enumerate(subjects):
            counts.update(_asked_of(one))
            if commands_needed(counts) > self._most_questions:
                return subjects[:place]
        return subjects

    def _wanted(self, portion: list[Subject]) -> dict[str, list[int]]:
        wanted: defaultdict[str, list[int]] = defaultdict(list)
        for one in portion:
            for name in _asked_of(one):
                wanted[name].append(one.id)
        if self.bench.client.allowance.is_paused(CONTACTS_METHOD):
            wanted.pop(COMPANY_CONTACTS, None)  # the delta's own round over the links makes up for it
        return wanted

    def _settle(self, portion: list[Subject], found: Reread) -> None:
        """Bury what is gone, look who took it over, then write what came with the state of the events.

        In this order: links that are written anew no longer tell which contacts the gone companies had.
        """
        known = {(one.kind, one.id): one for one in portion}
        for name, errors in found.refused.items():
            self.reasons |= {known[WHOSE.get(name, name), one]: str(error) for one, error in errors.items()}
        readings, acted = [*found.readings, *self._moved_links(found, known)], _acted(portion)
        for name in ENTITIES:
            for one in self._inquests(name, found, known):
                with writing():
                    write(self.bench, [Reading(one.kind, one.rows, one.look)], acted)
                    buried = bury(one.kind, one.gone, replace(one.look, by=acted[name]))
                self.bench.report.counts(name).deleted += len(buried)
            find_survivors(self.bench, self.kinds[name], found.absent.get(name, []))
        with writing():
            write(self.bench, readings, acted)
            finish([one for one in portion if one not in self.reasons], at=self.bench.clock())

    def _moved_links(self, found: Reread, known: Known) -> list[Reading]:
        """The links of contacts that the portal and the mirror do not place with the same companies.

        Those with events of their own are read already. What is refused is left to the delta's round over the links.
        """
        mirrored: defaultdict[int, set[int]] = defaultdict(set)
        pairs = ContactCompany.objects.filter(company_id__in=found.contacts).values_list("company_id", "contact_id")
        for company_id, contact_id in pairs:
            mirrored[company_id].add(contact_id)
        moved = {contact for company, contacts in found.contacts.items() for contact in contacts ^ mirrored[company]}
        gone = Contact.objects.filter(portal_id__in=moved, deleted_at__isnull=False).values_list("portal_id", flat=True)
        again = sorted(one for one in moved.difference(gone) if ("contact", one) not in known)
        readings: list[Reading] = []
        for ids in portions(again):
            self.bench.tick()
            readings += reread(self.bench, {LINK: ids}).readings
        return readings

    def _inquests(self, name: str, found: Reread, known: Known) -> list[Inquest]:
        """Of rows that did not come although the mirror, or its quarantine, holds them. Others never were ours."""
        absent = found.absent.get(name, [])
        if not absent:
            return []
        if not found.is_admin:
            self.reasons |= {known[name, one]: NO_ADMIN for one in absent}
            return []
        rows = self.kinds[name].model._default_manager.filter(portal_id__in=absent, deleted_at=None)
        held = Quarantine.objects.filter(kind=name, portal_id__in=[str(one) for one in absent])
        ours = {*rows.values_list("portal_id", flat=True), *map(int, held.values_list("portal_id", flat=True))}
        results = list(inquests(self.bench, self.kinds[name], sorted(ours), source=Source.EVENT))
        for one in results:
            self.reasons |= {known[name, row]: reason for row, reason in one.doubts.items()}
        return results


def _asked_of(one: Subject) -> list[str]:
    """What is read again of it. Links have no events of their own: they are looked at from both ends."""
    more = {"company": [COMPANY_CONTACTS], "contact": [LINK]}
    return [one.kind, *more.get(one.kind, [])]


def _acted(portion: Iterable[Subject]) -> dict[str, dict[int, int]]:
    acted: dict[str, dict[int, int]] = {name: {} for name in ENTITIES}
    for one in portion:
        if one.by is not None:
            acted.setdefault(one.kind, {})[one.id] = one.by
    return acted
