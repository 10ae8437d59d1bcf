"""What the feed tells of companies' statuses, put before the guard: accepted, put back, or flagged; all in the history.

Called inside the feed reader's transaction: the ruling, its history and the call that puts a status back are kept
together with the reader's place, so each change is ruled on once. Everything is read before and written after, for
a whole stretch of the feed at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings

from callguard import history
from callguard.access.actors import Actor
from callguard.access.administrators import list_is_complete
from callguard.access.roles import role_of
from callguard.models import About, CompanyStatus, History, Origin
from callguard.status.authors import Told, author_of, events_of
from callguard.status.change import call_to_set, keep, locked, value_set_by
from callguard.status.guard import Edit, Ground, Mode, Ruling, ruling_on
from callguard.status.newcomers import welcome
from callguard.status.notices import Notices
from callguard.status.office import Office, office_around
from crm_mirror import outbox
from crm_mirror.models import Change, Company, OutboxCall

APPEARED = frozenset({Change.What.CREATED, Change.What.REVIVED})
QUIET = frozenset({Ground.OWN_WRITE, Ground.UNCHANGED})  # in the history already


def watch(changes: Sequence[Change], *, at: datetime) -> None:
    """Rule on every change of a status, note every change of a responsible, give new companies their first status."""
    companies = [change for change in changes if change.kind == "company" and change.what != Change.What.DELETED]
    told = [change for change in companies if is_edit(change) or is_handing_over(change)]
    if told:
        Desk.for_changes(told, at=at).work_off(told)
    welcome({int(change.portal_id) for change in companies if change.what in APPEARED}, at=at)


def is_edit(change: Change) -> bool:
    return "status_id" in change.facts


def is_handing_over(change: Change) -> bool:
    return change.what == Change.What.UPDATED and "responsible_id" in change.facts


@dataclass
class Desk:
    """What the guard knows of one stretch, and what it has to write when it is through."""

    at: datetime
    office: Office
    companies: Mapping[int, Company]
    standings: Mapping[int, CompanyStatus]
    events: Mapping[str, Sequence[Told]]
    admins_complete: bool
    mode: Mode
    notices: Notices
    responsibles: Mapping[str, set[int | None]]  # whoever a company was handed over from or to since, by portal ID
    calls: list[OutboxCall] = field(default_factory=list)
    lines: list[History] = field(default_factory=list)

    @classmethod
    def for_changes(cls, changes: Sequence[Change], *, at: datetime) -> Desk:
        """Eleven queries, however many changes. Standings are locked: status.change writes to them as well."""
        office = office_around(min(change.at for change in changes))
        return cls(
            at=at,
            office=office,
            companies=Company.objects.in_bulk([int(one.portal_id) for one in changes], field_name="portal_id"),
            standings=standings_of([one for one in changes if is_edit(one)], at=at),
            events=events_of([one for one in changes if one.echo_of is None]),
            admins_complete=list_is_complete(),
            mode=Mode(settings.STATUS_GUARD),
            notices=Notices(office.now.names, at=at, administrators=office.now.administrators),
            responsibles=handed_over_since(changes),
        )

    def work_off(self, changes: Sequence[Change]) -> None:
        """In the order of the feed: of two edits of one company the later is held against what the first one left."""
        for change in changes:
            company = self.companies.get(int(change.portal_id))
            if company is None:
                continue
            if is_edit(change):
                self._rule_on(change, company)
            if is_handing_over(change):
                self._note_handing_over(change, company)
        outbox.enqueue_all([*self.calls, *self.notices.calls])
        keep(self.standings.values())
        history.add(self.lines)

    def _rule_on(self, change: Change, company: Company) -> None:
        standing = self.standings[company.portal_id]
        edit = self._edit(change, company, standing)
        ruling, ground = ruling_on(edit, mode=self.mode, admins_complete=self.admins_complete)
        # An echo that does not is that of an earlier write, and a later one is on its way.
        counts = ground != Ground.OWN_WRITE or standing.sent is None or value_set_by(standing.sent) == edit.after
        if ground not in QUIET:
            self._note(change, company, "status_id", About.STATUS, ground=ground)
        elif ground == Ground.OWN_WRITE and counts and edit.after != standing.accepted:
            # ours reached the portal after an edit there had been accepted
            self._write(company, standing.accepted, edit.after, origin=Origin.PORTAL, ground=ground)
        if ruling == Ruling.REVERT:
            self._put_back(edit, standing, company, ground)
        elif ruling == Ruling.FLAG:
            standing.flagged_at = self.at
        elif counts:
            standing.accepted, standing.accepted_at = edit.after, self.at
            standing.flagged_at = standing.refused = None
        if ruling != Ruling.ACCEPT:
            self.notices.tell(company, edit, ruling)

    def _edit(self, change: Change, company: Company, standing: CompanyStatus) -> Edit:
        author_id = self._author_of(change, "status_id")
        # A company handed over at the same moment, or before we come to this, is judged by the managers of either.
        responsible = {company.responsible_id, *self.responsibles.get(change.portal_id, ())}
        after = change.facts["status_id"][1]
        # While nothing of ours is on its way, only what counts can come back: another value somebody has set himself.
        may_be_echo = standing.sent is not None or after == standing.accepted
        return Edit(
            after=after,
            accepted=standing.accepted,
            author=self.office.now.people.get(author_id) if author_id else None,
            managers=self.office.managers_of(responsible),
            is_echo=change.echo_of is not None and may_be_echo,
            is_new=change.what == Change.What.CREATED,
        )

    def _put_back(self, edit: Edit, standing: CompanyStatus, company: Company, ground: Ground) -> None:
        # only while the portal still shows what was ruled on: a change made meanwhile is a new one
        standing.sent = call_to_set(company.portal_id, standing.accepted, at=self.at, instead_of=[edit.after])
        self.calls.append(standing.sent)
        self._write(company, edit.after, standing.accepted, origin=Origin.GUARD, ground=ground)

    def _note_handing_over(self, change: Change, company: Company) -> None:
        self._note(change, company, "responsible_id", About.RESPONSIBLE)

    def _note(self, change: Change, company: Company, column: str, about: About, *, ground: str = "") -> None:
        by = self._actor(self._author_of(change, column))
        before, after = change.facts[column]
        facts: dict[str, Any] = {"by": by, "at": change.at, "origin": Origin.PORTAL, "ground": ground}
        self._write(company, before, after, about=about, **facts)

    def _write(
        self,
        company: Company,
        before: Any,
        after: Any,
        *,
        origin: Origin,
        ground: str,
        about: About = About.STATUS,
        by: Actor | None = None,
        at: datetime | None = None,
    ) -> None:
        """One more line of history; `at` None: now."""
        facts: dict[str, Any] = {"before": before, "after": after, "by": by, "origin": origin, "at": at or self.at}
        self.lines.append(history.line(about, company.portal_id, title=company.title, ground=ground, **facts))

    def _author_of(self, change: Change, column: str) -> int | None:
        return author_of(change, self.events.get(change.portal_id, ()), column=column)

    def _actor(self, author_id: int | None) -> Actor | None:
        if author_id is None:
            return None
        return Actor(self.office.now.names.get(author_id, ""), role_of(author_id, self.office.now), author_id)


def handed_over_since(changes: Sequence[Change]) -> dict[str, set[int | None]]:
    """Who was responsible for each of the companies from the first of these changes on. One query."""
    ids, first = {change.portal_id for change in changes}, min(change.at for change in changes)
    handed = Change.objects.filter(kind="company", portal_id__in=ids, at__gte=first, facts__has_key="responsible_id")
    found: defaultdict[str, set[int | None]] = defaultdict(set)
    for portal_id, facts in handed.values_list("portal_id", "facts"):
        found[portal_id].update(facts["responsible_id"])
    return found


def standings_of(edits: Sequence[Change], *, at: datetime) -> dict[int, CompanyStatus]:
    """What stands for each of the companies, locked; what was there before its first edit, where nothing did yet."""
    first = {int(edit.portal_id): edit.facts["status_id"][0] for edit in reversed(edits)}
    return locked(first, at=at)
