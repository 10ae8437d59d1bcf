"""One delta round: what changed since the last one, of all kinds, in as few requests as it takes; idle, one or two.

The first request asks whose token it is, what the portal's clock says, for the statuses' field, for the first pages of
fresh changes and for the totals of the four CRM kinds; what is left of its fifty commands goes to backlogs and to the
kinds that are read round and round. Totals that differ from the mirror's tell of rows that vanished, which no date
does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import DateTimeField, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from crm_mirror.models import DeltaCursor, SyncCursor
from crm_mirror.portal.batch import MOST_COMMANDS, Command, Outcome, asked
from crm_mirror.portal.errors import MethodExhausted, PortalSlow
from crm_mirror.portal.paging import head_of
from crm_mirror.portal.transport import Answer
from crm_mirror.sync import drift, merges
from crm_mirror.sync.bench import Bench
from crm_mirror.sync.kinds import LINK, Kind, kinds, without_status
from crm_mirror.sync.lanes import OVERLAP, WITH_LINKS, Around, Backlog, Fresh, Lane
from crm_mirror.sync.look import Look, Source
from crm_mirror.sync.moved import Unread, reread_links
from crm_mirror.sync.questions import PROFILE, Questions, told_by_profile
from crm_mirror.sync.rereading import CLOCK, ahead_of_us
from crm_mirror.sync.tombstones import Doubt, bury_gone, live_rows

DATED = ("company", "contact", "lead", "deal")  # kinds with DATE_MODIFY, and with a total worth asking for
MOST_REQUESTS = 20  # of a round that works off a backlog: then the fresh ones have their turn again
FEWEST_COMMANDS = 12
SETTLE_REQUESTS = 12  # for one kind whose total differs
CLOCK_SLACK = timedelta(hours=1)  # read again when the portal's clock was set back: two clocks measured the time since
ASKED_AGAIN_AFTER = timedelta(hours=1)  # a difference that stays
MOST_SURVIVORS = 50  # gone rows of a kind whose survivor is looked for in one round


def delta_round(bench: Bench, names: list[str], *, allow_mass_delete: bool = False) -> None:
    """One round over these kinds, each of which was read through once (sync.full).

    Raises the first error of a kind that the portal refused, after all the others; what is written stays.
    """
    DeltaRound(bench, names, allow_mass_delete=allow_mass_delete).run()


class DeltaRound:
    def __init__(self, bench: Bench, names: list[str], *, allow_mass_delete: bool) -> None:
        self.bench = bench
        self.began = bench.clock()
        self.allow_mass_delete = allow_mass_delete
        self.kinds = {name: kind for name, kind in kinds(settings.BITRIX_STATUS_FIELD).items() if name in names}
        self.cursors = {name: cursor_of(name) for name in self.kinds}
        self.lanes = [*self._fresh(), *self._around(), *self._backlogs()]
        self.heads: dict[str, tuple[int, int]] = {}
        self.asked = Questions(
            names,
            bench,
            status_field=settings.BITRIX_STATUS_FIELD,
            status_reference=settings.BITRIX_STATUS_REFERENCE,
            source=Source.DELTA,
        )
        self._most_commands = MOST_COMMANDS
        self._requests = 0
        self._is_opened = False  # the first request was answered
        self._passed = {row.kind: row for row in SyncCursor.objects.all()}
        self._unread = Unread()

    def run(self) -> None:
        while self._requests < MOST_REQUESTS and self._request():
            self._requests += 1
        self._bury_departments()
        for kind in self.kinds.values():
            if kind.name in self.heads and self._is_read(kind.name):
                self._settle(kind, self.heads[kind.name])
        self._reread_links()
        self.asked.remember_admin()
        self._note_true_at()
        for error in [*self.asked.errors, *(lane.error for lane in self.lanes), self._unread.error]:
            if error and not isinstance(error, MethodExhausted):  # such a method is left alone until its budget is back
                raise error

    # --- Asking ------------------------------------------------------------------------------------------------------
    def _fresh(self) -> Iterable[Lane]:
        return (Fresh(self.kinds[name], self.cursors[name]) for name in DATED if name in self.kinds)

    def _around(self) -> Iterable[Lane]:
        for name in ("department", "employee", LINK):
            if kind := self.kinds.get(name):
                rows = live_rows(self.kinds.get("contact", kind) if name == LINK else kind)
                yield Around(kind, self.cursors[name], rows_known=rows.count())

    def _backlogs(self) -> Iterable[Lane]:
        known = ((name, self.cursors[name]) for name in DATED if name in self.kinds)
        return (Backlog(self.kinds[name], cursor) for name, cursor in known if cursor.backlog_since)

    def _request(self) -> bool:
        """Ask and write once; False when there is nothing left to ask."""
        self.bench.tick()
        is_first, paused = not self._is_opened, self.bench.client.allowance.paused_methods()
        commands = self.asked.open()
        if any(command.method.lower() in paused for command in commands.values()):
            commands = {}
        asks = bool(commands)
        heads = self._head_commands(paused) if is_first else {}
        shares = self._shares(self._most_commands - len(commands) - 2 - len(heads), paused)
        if not commands and not shares:
            return False
        commands |= {PROFILE: Command("profile"), CLOCK: Command("server.time")}
        for lane, pages in shares:
            commands |= lane.commands(pages)
        try:
            outcomes, ticket = asked(self.bench.client, commands | heads)
        except PortalSlow:
            return self._ask_for_less()
        if asks:
            self.asked.answered(dict(outcomes))
        self._answered(outcomes, shares, ticket, is_first=is_first)
        self._is_opened = True
        return True

    def _head_commands(self, paused: Mapping[str, float]) -> dict[str, Command]:
        listings = {name: self.kinds[name].listing for name in DATED if name in self.kinds}
        return {f"head_{name}": one.head() for name, one in listings.items() if one.method.lower() not in paused}

    def _shares(self, room: int, paused: Mapping[str, float]) -> list[tuple[Lane, int]]:
        """How many pages of which lane the next request takes, in the lanes' order."""
        shares: list[tuple[Lane, int]] = []
        for lane in self.lanes:
            if lane.is_open and room > 0 and lane.listing.method.lower() not in paused:
                shares.append((lane, min(lane.pages_wanted(), room)))
                room -= shares[-1][1]
        return shares

    def _ask_for_less(self) -> bool:
        if self._most_commands <= FEWEST_COMMANDS:
            raise PortalSlow("batch: no answer in time")
        self._most_commands //= 2
        return True

    def _answered(
        self, outcomes: Mapping[str, Outcome], shares: list[tuple[Lane, int]], ticket: int, *, is_first: bool
    ) -> None:
        at = self.bench.clock()
        ahead = ahead_of_us(outcomes[CLOCK], at=at)
        look = Look(at, ticket, Source.DELTA, is_admin=told_by_profile(outcomes[PROFILE])[1], portal_ahead=ahead)
        set_back = self._first_answered(outcomes, at + ahead if ahead is not None else None) if is_first else []
        # Backlogs first: a fresh lane may put theirs back to an earlier ID.
        for lane, pages in sorted(shares, key=lambda share: isinstance(share[0], Fresh)):
            if lane.kind.name == "company" and self.asked.has_status_field is False:
                lane.kind = without_status(lane.kind)
            # Rights that have shrunk hide rows in silence: no cursor of an administrator's mirror moves by them.
            lane.sees_all = look.is_admin or not self._by_admin(lane.kind.name)
            if lane not in set_back:
                lane.take(self.bench, outcomes, pages, look)
        working = {lane.kind.name for lane in self.lanes if isinstance(lane, Backlog)}
        self.lanes += [lane for lane in self._backlogs() if lane.kind.name not in working]

    def _first_answered(self, outcomes: Mapping[str, Outcome], portal_at: datetime | None) -> list[Lane]:
        """Keep totals and the portal's time; returns lanes that asked for times which are still to come."""
        for name in DATED:
            head = outcomes.get(f"head_{name}")
            if isinstance(head, Answer):
                self.heads[name] = head_of(self.kinds[name].listing, head)
        for lane in self.lanes:
            if isinstance(lane, Fresh):
                lane.portal_at = portal_at
        fresh = [lane for lane in self.lanes if isinstance(lane, Fresh)]
        return [lane for lane in fresh if self._follows_clock_back(lane)]

    def _follows_clock_back(self, lane: Fresh) -> bool:
        """Whether the portal's clock was set back: then what changed since our last look bears times before it.

        Found by what has passed on our own clock since; while a backlog waits nobody knows when we looked last.
        """
        since, true_at = lane.cursor.since, self._passed[lane.kind.name].true_at
        if lane.portal_at is None or since is None:
            return False
        passed = max(self.began - true_at, timedelta(0)) if true_at else timedelta(days=1)
        back = since + passed - lane.portal_at
        if lane.portal_at < since:
            lane.cursor.since = since - back - CLOCK_SLACK
        elif back > OVERLAP / 2 and true_at and not lane.cursor.backlog_since:  # less the overlap makes up for
            lane.cursor.since = since - back
        return lane.cursor.since != since

    def _by_admin(self, name: str) -> bool:
        passed = self._passed.get(name)
        return passed is not None and passed.by_admin

    # --- After asking ------------------------------------------------------------------------------------------------
    def _reread_links(self) -> None:
        due = {name: self.cursors[name].links_due for name in WITH_LINKS if name in self.cursors}
        self._unread = reread_links(self.bench, companies=due.get("company", []), contacts=due.get("contact", []))
        for name in due:
            self.cursors[name].links_due = self._unread.ids[name]
            self.cursors[name].save(update_fields=["links_due"])

    def _is_read(self, name: str) -> bool:
        """Whether the kind's fresh changes were read to their end and nothing of it waits in a backlog."""
        lanes = [lane for lane in self.lanes if lane.kind.name == name]
        return all(lane.is_complete and not lane.error for lane in lanes) and not self.cursors[name].backlog_since

    def _settle(self, kind: Kind, head: tuple[int, int]) -> None:
        """Where the totals differ: find out by which rows. What stays different is not asked about every minute."""
        cursor = self.cursors[kind.name]
        difference = head[0] - drift.mirror_count(kind)
        is_known = difference == cursor.difference and cursor.compared_at is not None
        if difference and not self.allow_mass_delete and is_known and not self._is_old(cursor.compared_at):
            return
        if difference:
            drift.settle(
                self.bench,
                kind,
                head,
                source=Source.DELTA,
                most_requests=SETTLE_REQUESTS,
                allow_mass_delete=self.allow_mass_delete,
            )
            self._find_survivors(kind)
            difference = head[0] - drift.mirror_count(kind)
        cursor.difference, cursor.compared_at = difference, self.bench.clock()
        cursor.save(update_fields=["difference", "compared_at"])

    def _is_old(self, at: datetime | None) -> bool:
        return at is None or at < self.began - ASKED_AGAIN_AFTER

    def _find_survivors(self, kind: Kind) -> None:
        """Before the links are read anew: they tell which contacts a gone company had."""
        buried = kind.model._default_manager.filter(deleted_at__gte=self.began).values_list("portal_id", flat=True)
        if kind.phones_of:
            merges.find_survivors(self.bench, kind, list(buried[:MOST_SURVIVORS]), source=Source.DELTA)

    def _bury_departments(self) -> None:
        """Departments are read whole in each round: what did not come is asked for by itself."""
        lane = next((lane for lane in self.lanes if lane.kind.name == "department"), None)
        if lane is None or not lane.is_complete:
            return
        suspects = live_rows(lane.kind).filter(missing_since__isnull=False)
        ids = list(suspects.order_by("portal_id").values_list("portal_id", flat=True))
        try:
            if ids:
                bury_gone(self.bench, lane.kind, ids, source=Source.DELTA, allow_mass_delete=self.allow_mass_delete)
        except Doubt as doubt:
            self.bench.warn(f"department: {len(ids)} rows are missing, none was marked deleted: {doubt}.")

    def _note_true_at(self) -> None:
        """As of when each kind is true now: this round's beginning, unless a backlog or an error says otherwise.

        People and departments are true as of the beginning of the round over them that came to its end. Links are as
        true as the contacts: those of changed rows were read; moves without any change are found round and round.
        """
        for name in DATED:
            if name in self.kinds and self._is_read(name):
                self._true(name, self.began)
        for lane in self.lanes:
            if isinstance(lane, Around) and lane.is_complete and lane.kind.name != LINK and lane.cursor.rounded_at:
                self._true(lane.kind.name, min(self.began, lane.cursor.rounded_at))
        is_linked = not any(cursor.links_due for cursor in self.cursors.values())
        if LINK in self.kinds and is_linked and all(self._is_read(one) for one in WITH_LINKS if one in self.kinds):
            self._true(LINK, self.began)

    def _true(self, name: str, at: datetime) -> None:
        now = Value(at, DateTimeField())
        SyncCursor.objects.filter(kind=name).update(true_at=Greatest(Coalesce("true_at", now), now))


def cursor_of(name: str) -> DeltaCursor:
    """Where the kind stands; if no complete pass has noted it, a day before the last one, by whatever clock."""
    cursor, _ = DeltaCursor.objects.get_or_create(kind=name)
    if cursor.since is None:
        finished_at = SyncCursor.objects.filter(kind=name).values_list("finished_at", flat=True).first()
        cursor.since = (finished_at or timezone.now()) - timedelta(days=1)
    return cursor
