"""Events about rows: the rows are read again, those that are gone are buried, what took them over is found."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from django.conf import settings

from crm_mirror.models import Quarantine
from crm_mirror.portal.errors import PortalSlow
from crm_mirror.sync.bench import Bench
from crm_mirror.sync.hints import ENTITIES
from crm_mirror.sync.inquest import NO_ADMIN, Inquest, inquests
from crm_mirror.sync.kinds import LINK, Kind, kinds
from crm_mirror.sync.look import Source
from crm_mirror.sync.merges import find_survivors
from crm_mirror.sync.moved import misplaced
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
from crm_mirror.sync.tombstones import bury, live_rows
from crm_mirror.sync.writer import writing

FEWEST_QUESTIONS = 6  # in one request
WHOSE = {LINK: "contact", COMPANY_CONTACTS: "company"}  # what is asked along with another kind

Known = Mapping[tuple[str, int], Subject]  # by kind and portal ID


class EntityEvents:
    """`reasons`: whose events must wait, and why."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
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
        every = kinds(settings.BITRIX_STATUS_FIELD)
        methods = {name: every[name].listing.method for name in {one.kind for one in subjects}}
        paused = self.bench.client.allowance.paused_methods()
        resting = {name for name, method in methods.items() if method.lower() in paused}
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
        if CONTACTS_METHOD in self.bench.client.allowance.paused_methods():
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
        for kind in [one.kind for one in found.readings if one.kind.name in ENTITIES]:
            for one in self._inquests(kind, found, known):
                with writing():
                    write(self.bench, [Reading(kind, one.rows, one.look)], acted)
                    buried = bury(kind, one.gone, replace(one.look, by=acted[kind.name]))
                self.bench.report.counts(kind.name).deleted += len(buried)
            find_survivors(self.bench, kind, found.absent[kind.name])
        with writing():
            write(self.bench, readings, acted)
            finish([one for one in portion if one not in self.reasons], at=self.bench.clock())

    def _moved_links(self, found: Reread, known: Known) -> list[Reading]:
        """The links of contacts that the portal and the mirror do not place with the same companies.

        Those with events of their own are read already. What is refused is left to the delta's round over the links.
        """
        again = sorted(one for one in misplaced(found.contacts) if ("contact", one) not in known)
        readings: list[Reading] = []
        for ids in portions(again):
            self.bench.tick()
            readings += reread(self.bench, {LINK: ids}).readings
        return readings

    def _inquests(self, kind: Kind, found: Reread, known: Known) -> list[Inquest]:
        """Of rows that did not come although the mirror, or its quarantine, holds them. Others never were ours."""
        absent = found.absent[kind.name]
        if not found.is_admin:
            self.reasons |= {known[kind.name, one]: NO_ADMIN for one in absent}
        if not absent or not found.is_admin:
            return []
        held = Quarantine.objects.filter(kind=kind.name, portal_id__in=[str(one) for one in absent])
        rows = live_rows(kind).filter(portal_id__in=absent)
        ours = {*rows.values_list("portal_id", flat=True), *map(int, held.values_list("portal_id", flat=True))}
        results = list(inquests(self.bench, kind, sorted(ours), source=Source.EVENT))
        for one in results:
            self.reasons |= {known[kind.name, row]: reason for row, reason in one.doubts.items()}
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
