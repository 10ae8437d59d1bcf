"""What a delta round reads of one kind: fresh changes, the rest of a mass change, or all rows, round and round.

A lane asks for pages in the batches of the round and writes what they brought together with its cursor, so a process
that dies repeats one request at most. Everything is walked by ascending ID: a row that somebody edits meanwhile cannot
slip between two pages; it is in the next round's window (docs/adr/0007).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm_mirror.models import DeltaCursor
from crm_mirror.portal.batch import MOST_COMMANDS, Command, Outcome
from crm_mirror.portal.errors import PortalError
from crm_mirror.portal.paging import PAGE, Harvest, Listing, chained, harvest
from crm_mirror.portal.transport import Answer
from crm_mirror.sync.bench import Bench
from crm_mirror.sync.kinds import LINK, Kind
from crm_mirror.sync.links import lacks_companies
from crm_mirror.sync.look import Look
from crm_mirror.sync.write import Parsed, Run, parse_rows, suspect_absent, write_records
from crm_mirror.sync.writer import writing

# DATE_MODIFY has whole seconds, what is being saved shows up a little after the second it bears, and the portal's
# servers need not agree on the time: what changed so shortly before the last look is read again.
OVERLAP = timedelta(seconds=10)
FIRST_FRESH, MOST_FRESH = 2, 20  # pages of fresh changes: at first, and in a round; beyond that is a backlog
WITH_LINKS, MOST_DUE = ("company", "contact"), 10_000
FEWEST_PEOPLE, PEOPLE_ROUNDS = 10, 5  # pages of people in a round; rounds in which all of them are read


@dataclass
class Lane(ABC):
    """The reading of one kind in one round."""

    kind: Kind
    cursor: DeltaCursor
    is_open: bool = True
    is_complete: bool = False  # read to its end in this round
    error: PortalError | None = None
    seen: int = 0  # rows in this round
    came: int = 0  # the same, with those that have no readable ID
    announced: int | None = None  # rows by the first page's total; None: not asked for, or not told
    sees_all: bool = True  # nothing that an administrator's token has read is hidden from the one of this request

    @property
    def name(self) -> str:
        """Prefix of the lane's commands."""
        return f"{type(self).__name__.lower()}_{self.kind.name}"

    @property
    def listing(self) -> Listing:
        return self.kind.listing

    @property
    def fell_short(self) -> bool:
        """The list ended before all announced rows had come: rows were lost on the way, or deleted meanwhile."""
        return self.came < (self.announced or 0)

    @property
    @abstractmethod
    def after(self) -> int:
        """The last ID read."""

    @abstractmethod
    def pages_wanted(self) -> int:
        """Pages that the next request should bring, if there is room."""

    @abstractmethod
    def move(self, found: Harvest, parsed: Parsed, look: Look) -> None:
        """Move the cursor (not saved yet) behind rows that are being written. Not called for what failed."""

    def commands(self, pages: int) -> dict[str, Command]:
        is_counted = self.announced is None and self.kind.name != LINK  # of links no end is waited for
        return chained(self.listing, self.name, after=self.after, seen=self.seen, pages=pages, counted=is_counted)

    def take(self, bench: Bench, outcomes: Mapping[str, Outcome], pages: int, look: Look) -> None:
        """Write the error-free prefix of what the lane's commands brought, and move the cursor behind it."""
        answers = [outcomes[f"{self.name}_{index}"] for index in range(pages)]
        found = harvest(self.listing, answers, after=self.after)
        if self.kind.name == LINK and lacks_companies(found):  # an old portal: links of changed rows have to do
            self.is_open = False
            return
        if self.announced is None and isinstance(answers[0], Answer):
            self.announced = answers[0].total
        self.came += len(found.rows)
        parsed = parse_rows(self.kind, found.rows)
        self.is_complete = found.error is None and found.ends
        self.error, self.is_open = found.error, not (found.error or self.is_complete)
        with writing():
            if self.kind.name in WITH_LINKS:  # kept until their links have been read: a round may break off before
                self.cursor.links_due = sorted({*self.cursor.links_due, *changed_in(self.kind, parsed)})[:MOST_DUE]
            counts = write_records(self.kind, parsed, look)
            self.move(found, parsed, look)
            self.cursor.save()
        self.seen += found.counted
        if found.ends and self.fell_short:
            bench.warn(f"{self.kind.name}: {self.came} of {self.announced} announced rows came; they are read again.")
        bench.report.counts(self.kind.name).add(counts)


@dataclass
class Fresh(Lane):
    """Changes since the last round. `portal_at`: the portal's clock when the round began; None: nothing is moved."""

    last_id: int = 0
    portal_at: datetime | None = None

    @property
    def listing(self) -> Listing:
        assert self.cursor.since  # noqa: S101 - sync.delta sees to it
        return self.kind.listing.changed_since(self.cursor.since - OVERLAP)

    @property
    def after(self) -> int:
        return self.last_id

    def pages_wanted(self) -> int:
        return MOST_FRESH if self.seen else FIRST_FRESH

    def move(self, found: Harvest, parsed: Parsed, look: Look) -> None:
        self.last_id = found.last_id
        is_known = self.portal_at is not None and self.sees_all  # else nobody knows how far this reaches
        self.is_complete = self.is_complete and is_known and not self.fell_short
        if not is_known or self.error:
            return
        if self.is_complete:
            self.cursor.since = self.portal_at
        elif self.seen + found.counted >= MOST_FRESH * PAGE:
            self._leave_the_rest()
            self.cursor.since, self.is_open = self.portal_at, False

    def _leave_the_rest(self) -> None:
        """What is beyond the last ID becomes the backlog; one that is there already grows by it."""
        assert self.cursor.since  # noqa: S101 - as above
        since, behind = self.cursor.since - OVERLAP, self.last_id
        if self.cursor.backlog_since:
            since = min(since, self.cursor.backlog_since)
            behind = min(behind, self.cursor.backlog_last_id)
        self.cursor.backlog_since, self.cursor.backlog_last_id = since, behind


@dataclass
class Backlog(Lane):
    """The rest of a mass change, in the commands that are left over. `began_at`: the ID where this round found it."""

    began_at: int | None = None

    @property
    def listing(self) -> Listing:
        assert self.cursor.backlog_since  # noqa: S101 - else there is no such lane
        return self.kind.listing.changed_since(self.cursor.backlog_since)

    @property
    def after(self) -> int:
        return self.cursor.backlog_last_id

    def pages_wanted(self) -> int:
        return MOST_COMMANDS

    def move(self, found: Harvest, parsed: Parsed, look: Look) -> None:
        if self.began_at is None:
            self.began_at = self.after
        if not self.sees_all or (self.is_complete and self.fell_short):
            self.is_open = self.is_complete = False
            self.cursor.backlog_last_id = self.began_at
            return
        self.cursor.backlog_last_id = found.last_id
        if self.is_complete:
            self.cursor.backlog_since, self.cursor.backlog_last_id = None, 0


@dataclass
class Around(Lane):
    """Rows that tell no time of change: some pages in every round, and from the beginning when they are through."""

    rows_known: int = 0  # by the mirror

    @property
    def after(self) -> int:
        """Lists by offset are short, and read in one go."""
        return 0 if self.listing.by_offset and not self.seen else self.cursor.round_last_id

    def pages_wanted(self) -> int:
        needed = self.rows_known // PAGE + 2
        if self.kind.name == LINK:
            return needed  # as many as there is room for
        return needed if self.listing.by_offset else min(needed, max(FEWEST_PEOPLE, -(-needed // PEOPLE_ROUNDS)))

    def move(self, found: Harvest, parsed: Parsed, look: Look) -> None:
        if not self.after:
            self.cursor.round_started_at = look.at
        if self.kind.name != LINK:
            run = Run(found.last_id, found.rows, closes=self.is_complete)
            suspect_absent(self.kind, self.after, run, parsed.ids, look)
        self.cursor.round_last_id = found.last_id
        self.is_open = self.is_open and self.listing.by_offset
        if self.is_complete:
            self.cursor.round_last_id = 0
            self.is_complete = self.sees_all and not self.fell_short
        if self.is_complete:
            self.cursor.rounded_at = self.cursor.round_started_at


def changed_in(kind: Kind, parsed: Parsed) -> list[int]:
    """IDs of the rows that the mirror does not know as of this DATE_MODIFY. One query; none for kinds without one."""
    stamps = {record.portal_id: getattr(record, "modified_at", None) for record in parsed.records}
    if not any(stamps.values()):
        return []
    rows = kind.model._default_manager.filter(portal_id__in=stamps)
    known = dict(rows.values_list("portal_id", "modified_at"))
    return [one for one, stamp in stamps.items() if known.get(one) != stamp]
