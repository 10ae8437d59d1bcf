"""Suspicious rows of one kind are asked for again, told apart, and put right if that is wanted.

Whatever raised the suspicion (a count, a page, the portal's search), only the second look counts: what the sync has
brought meanwhile, or what changed in the portal since the comparison began, is no drift.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from crm_mirror.models import Repair
from crm_mirror.portal.batch import MOST_COMMANDS, Command, asked
from crm_mirror.portal.errors import PortalError
from crm_mirror.portal.paging import PAGE
from crm_mirror.sync.bench import Bench
from crm_mirror.sync.compare import DIFFERENT, MISSING, SURPLUS, Difference, differences
from crm_mirror.sync.drift import mirrored_among
from crm_mirror.sync.kinds import LINK, Kind
from crm_mirror.sync.links import telling
from crm_mirror.sync.look import Look, Source
from crm_mirror.sync.questions import PROFILE, told_by_profile
from crm_mirror.sync.tombstones import Confirmation, Doubt, MassDelete, bury, check_mass_delete, confirmed, suspect
from crm_mirror.sync.write import Parsed, parse_rows, write_records
from crm_mirror.sync.writer import writing

AT_ONCE = (MOST_COMMANDS - 1) * PAGE  # rows in a request; one command asks whose token it is
MOST_ASKED = 20 * AT_ONCE  # for one suspicion: a whole table that seems to be gone must not cost hundreds of requests


@dataclass
class Tally:
    """Rows of one kind. Of links the rows are contacts, each with all its companies."""

    portal: int = 0
    mirror: int = 0
    missing: int = 0
    surplus: int = 0
    different: int = 0
    compared: int = 0
    repaired: int = 0
    left: int = 0


@dataclass(frozen=True)
class Terms:
    """`since`: the portal's time when the comparison began, None when it did not say."""

    since: datetime | None
    repair: bool
    allow_mass_delete: bool = False


@dataclass
class Inspection:
    """`drifting`: IDs that differ. `notes`: why some of them were left as they are. `error`: the portal refused it."""

    bench: Bench
    kind: Kind
    terms: Terms
    tally: Tally = field(default_factory=Tally)
    error: PortalError | None = None
    drifting: set[int] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    _absent: set[int] = field(default_factory=set)
    _unlinked: int = 0

    def ask_again(self, suspicious: Iterable[int]) -> None:
        """Judge these rows, and mend those that come; those that do not wait for `close`."""
        ids = sorted(set(suspicious) - self.drifting - self._absent)
        for start in range(0, min(len(ids), MOST_ASKED), AT_ONCE):
            self.bench.tick()
            self._ask(ids[start : start + AT_ONCE])
        self.leave(len(ids[MOST_ASKED:]), "more differ than one run looks into; run it again")

    def close(self) -> None:
        """Forget what is proven to be gone: all of it or, when that is a person's decision, nothing."""
        ids = mirrored_among(self.kind, sorted(self._absent))
        try:
            for one in self._confirmed(ids):
                self._bury(one)
        except Doubt as doubt:
            self._count(ids, SURPLUS)
            self.note(f"{len(ids)} rows are missing, none was marked deleted: {doubt}")
            if self.terms.repair and isinstance(doubt, MassDelete):
                suspect(self.kind, ids, at=self.bench.clock())

    def is_suspect(self, portal_id: int) -> bool:
        return portal_id in self.drifting or portal_id in self._absent

    def leave(self, rows: int, because: str) -> None:
        """Rows that were not looked into."""
        self.tally.left += rows
        if rows:
            self.note(f"{rows} rows were not compared: {because}")

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)
            self.bench.warn(f"{self.kind.name}: {text}.")

    def _ask(self, ids: Sequence[int]) -> None:
        pages = {f"list_{start}": ids[start : start + PAGE] for start in range(0, len(ids), PAGE)}
        commands = {key: self.kind.listing.rows_with(page) for key, page in pages.items()}
        outcomes, ticket = asked(self.bench.client, commands | {PROFILE: Command("profile")})
        look = Look(self.bench.clock(), ticket, Source.RECONCILE, is_admin=told_by_profile(outcomes[PROFILE])[1])
        for key, page in pages.items():
            outcome = outcomes[key]
            if isinstance(outcome, PortalError):
                self.leave(len(page), str(outcome))
            else:
                rows = telling(self.kind, self.kind.listing.rows_of(outcome.result))
                self._judge(page, parse_rows(self.kind, rows), look)

    def _judge(self, asked_for: Sequence[int], parsed: Parsed, look: Look) -> None:
        with writing():
            found = differences(self.kind, parsed, ticket=look.ticket)
            found = {one: what for one, what in found.items() if not self._is_younger(what)}
            mended = self._mended(parsed, found, look) if self.terms.repair and self._may_write(found) else {}
            self._note_repairs(mended, at=look.at)
        for what in (MISSING, DIFFERENT):
            self._count([one for one, difference in found.items() if difference.what == what], what)
        self.tally.repaired += len(mended)
        self.tally.left -= len(mended)
        if self.kind.name != LINK:
            self._absent |= set(asked_for).difference(parsed.ids)

    def _mended(self, parsed: Parsed, found: dict[int, Difference], look: Look) -> dict[int, Difference]:
        """Write the drifting rows; returns those that agree now. Inside `writing()`."""
        drifting = Parsed(
            [record for record in parsed.records if record.portal_id in found],
            [row for row in parsed.malformed if row[0].isdigit() and int(row[0]) in found],
        )
        self.bench.report.counts(self.kind.name).add(write_records(self.kind, drifting, look))
        still = differences(self.kind, drifting, ticket=look.ticket)
        return {one: what for one, what in found.items() if one not in still}

    def _may_write(self, found: dict[int, Difference]) -> bool:
        """Whether no more links would go by now than one pass may forget."""
        if self.kind.name != LINK:
            return True
        pairs = [one.facts["company_ids"] for one in found.values() if "company_ids" in one.facts]
        self._unlinked += sum(len(set(mine).difference(theirs)) for mine, theirs in pairs)
        try:
            check_mass_delete(self.kind, self._unlinked, is_allowed=self.terms.allow_mass_delete)
        except MassDelete as doubt:
            self.note(f"links were not removed: {doubt}")
            return False
        return True

    def _confirmed(self, ids: Sequence[int]) -> list[Confirmation]:
        allowed = self.terms.allow_mass_delete or not self.terms.repair
        return confirmed(self.bench, self.kind, ids, allow_mass_delete=allowed)

    def _bury(self, one: Confirmation) -> None:
        self._count(one.gone, SURPLUS)
        if not self.terms.repair:
            return
        look = Look(self.bench.clock(), one.ticket, Source.RECONCILE, is_admin=True)
        with writing():
            bury(self.kind, one.gone, look)
            gone = Difference(SURPLUS, {"row": ["live", "Not found"]})
            self._note_repairs(dict.fromkeys(one.gone, gone), at=look.at)
        self.bench.report.counts(self.kind.name).deleted += len(one.gone)
        self.tally.repaired += len(one.gone)
        self.tally.left -= len(one.gone)

    def _count(self, ids: Sequence[int], what: str) -> None:
        setattr(self.tally, what, getattr(self.tally, what) + len(ids))
        self.tally.left += len(ids)
        self.drifting |= set(ids)

    def _is_younger(self, one: Difference) -> bool:
        """Whether it came about while we were looking: the sync's business."""
        modified_at, since = getattr(one.record, "modified_at", None), self.terms.since
        return modified_at is not None and since is not None and modified_at > since

    def _note_repairs(self, mended: Mapping[int, Difference], *, at: datetime) -> None:
        Repair.objects.bulk_create(
            Repair(kind=self.kind.name, portal_id=one, at=at, what=what.what, facts=what.facts)
            for one, what in mended.items()
        )
