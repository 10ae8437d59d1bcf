"""A full pass: everything of every kind, 50 pages of 50 rows a request, kinds packed together.

While a request travels, the rows of the one before are written: the portal's limit is on requests, so neither waits
for the other. Each stretch of rows is written with its cursor, so a killed run goes on where it was.
"""

from __future__ import annotations

import logging

from crm_mirror.portal.batch import MOST_COMMANDS, Command, Outcome, PendingBatch, run_batch
from crm_mirror.portal.errors import MethodMissing, PortalError, PortalSlow
from crm_mirror.portal.paging import Harvest, chained, harvest, head_of
from crm_mirror.sync import cursors
from crm_mirror.sync.bench import Bench
from crm_mirror.sync.cursors import Position
from crm_mirror.sync.kinds import LINK, Kind, without_status
from crm_mirror.sync.links import read_singly
from crm_mirror.sync.look import Look, Source
from crm_mirror.sync.plan import Pass, pages_for
from crm_mirror.sync.questions import Questions
from crm_mirror.sync.write import Run, release_unseen, write_run

logger = logging.getLogger(__name__)

FEWEST_COMMANDS = 12  # in one request; the first one asks almost as many questions


class FullSync:
    """One round over the kinds whose positions it is given."""

    def __init__(self, bench: Bench, kinds: dict[str, Kind], positions: dict[str, Position], asked: Questions) -> None:
        self.bench = bench
        self.asked = asked
        self.passes = [Pass(kinds[name], position) for name, position in positions.items()]
        self.needs_links_singly = False
        self._most_commands = MOST_COMMANDS

    def run(self) -> None:
        """Read and write everything. Raises PortalError when the portal is lost; what is written stays."""
        harvests: list[tuple[Pass, Harvest]] = []
        ticket = 0
        while True:
            commands, shares = self._next_request()
            pending = PendingBatch(self.bench.client, commands) if commands else None
            self._write(harvests, ticket)
            if pending is None:
                break
            harvests, ticket = self._read(shares, self._outcomes(pending)), pending.ticket
        for one in self.passes:
            if one.kind.name == LINK and self.needs_links_singly:
                read_singly(self.bench, one)
        self._give_up_refused()
        self._recount([one for one in self.passes if one.fell_short])
        for one in self.passes:
            if one.is_over and not one.error and not one.fell_short:
                release_unseen(one.kind.name, since=one.position.started_at)

    def _outcomes(self, pending: PendingBatch) -> dict[str, Outcome]:
        """The answers; none when the portal took too long, which asks for half as much from then on."""
        try:
            return pending.outcomes()
        except PortalSlow:
            if self._most_commands <= FEWEST_COMMANDS:
                raise
            self._most_commands //= 2
            logger.warning("sync commands_per_request=%d (the portal took too long)", self._most_commands)
            return {}

    def errors(self) -> list[PortalError]:
        """Kinds that the portal refused, by their errors."""
        return [one.error for one in self.passes if one.error]

    def _next_request(self) -> tuple[dict[str, Command], list[tuple[Pass, int]]]:
        self.bench.tick()
        commands = self.asked.open()
        paused = self.bench.client.allowance.paused_methods()
        for one in self.passes:
            if one.expected is None and not one.is_over and one.method not in paused:
                commands[f"{one.kind.name}_head"] = one.kind.listing.head()
        room = max(1, self._most_commands - len(commands))
        shares = pages_for(self.passes, room, paused)
        for one, pages in shares:
            commands |= chained(one.kind.listing, one.kind.name, after=one.last_id, seen=one.seen, pages=pages)
        return commands, shares

    def _read(self, shares: list[tuple[Pass, int]], outcomes: dict[str, Outcome]) -> list[tuple[Pass, Harvest]]:
        if not outcomes:
            return []
        self.asked.answered(outcomes)
        for one in self.passes:
            if head := outcomes.get(f"{one.kind.name}_head"):
                self._announce(one, head)
            if self.asked.has_status_field is False and one.kind.name == "company":
                one.kind = without_status(one.kind)
        return [(one, self._harvest(one, pages, outcomes)) for one, pages in shares]

    def _announce(self, one: Pass, head: Outcome) -> None:
        try:
            one.announced(*head_of(one.kind.listing, head))
        except PortalError as error:
            if one.kind.name == LINK and isinstance(error, MethodMissing):
                self._leave_links_for_later(one)
            else:
                one.not_announced(error)
        cursors.learned(
            one.position,
            expected=one.expected,
            is_admin=self.asked.is_admin,
            portal_at=self.asked.portal_at,
        )

    def _harvest(self, one: Pass, pages: int, outcomes: dict[str, Outcome]) -> Harvest:
        answers = [outcomes[f"{one.kind.name}_{index}"] for index in range(pages)]
        found = harvest(one.kind.listing, answers, after=one.last_id)
        if one.kind.name == LINK and lacks_companies(found):
            self._leave_links_for_later(one)
            return Harvest(one.last_id, one.last_id, [])
        one.took(found)
        return found

    def _leave_links_for_later(self, one: Pass) -> None:
        self.needs_links_singly, one.is_over, one.error = True, True, None

    def _write(self, harvests: list[tuple[Pass, Harvest]], ticket: int) -> None:
        for one, found in harvests:
            if one.kind.name == LINK and self.needs_links_singly:
                continue
            closes = one.is_over and one.error is None
            if found.rows or closes:
                run = Run(found.last_id, found.rows, closes=closes)
                look = Look(self.bench.clock(), ticket, Source.FULL, is_first=one.position.is_first)
                one.position, counts = write_run(one.kind, one.position, run, look)
                self.bench.report.counts(one.kind.name).add(counts)
                self.bench.on_rows(one.kind.name, found.counted, one.expected)
            if one.is_over:
                logger.info("sync kind=%s seen=%d announced=%s", one.kind.name, one.position.seen, one.expected)

    def _give_up_refused(self) -> None:
        for one in self.passes:
            if one.error:
                cursors.give_up(one.position)
                self.bench.warn(f"{one.kind.name}: {one.error}")

    def _recount(self, short: list[Pass]) -> None:
        """Fewer rows came than were announced: deleted meanwhile, or lost on the way?"""
        if not short:
            return
        heads = run_batch(self.bench.client, {one.kind.name: one.kind.listing.head() for one in short})
        for one in short:
            try:
                announced = head_of(one.kind.listing, heads[one.kind.name])[0]
            except PortalError:
                announced = one.expected or 0
            if one.position.seen < announced:
                cursors.flawed(one.position)
                self.bench.warn(
                    f"{one.kind.name}: {one.position.seen} rows came where {announced} were announced. "
                    "The next full sync asks again; nothing is marked deleted until then."
                )


def lacks_companies(found: Harvest) -> bool:
    """Whether this portal's crm.item.list does not tell a contact's companies (older than `companyIds`)."""
    if isinstance(found.error, MethodMissing):
        return True
    return bool(found.rows) and not any("companyIds" in row for row in found.rows)
