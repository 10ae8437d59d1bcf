"""Takeovers: after a conflict the client's responsible became the caller. Until the client is somebody else's again.

One move makes one takeover. It stands beside the last conflict of his before it, of those that blame him if there are
such, so that a client taken over counts once, however often he had called it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Q, QuerySet

from callguard.models import Call, Excuse, Ground, Takeover
from callguard.status.authors import author_of, events_of
from crm_mirror.models import Change, Deal, Employee

WON = "S"  # Deal.semantic
Client = tuple[str, int]  # kind, portal ID


@dataclass(frozen=True, slots=True)
class Move:
    """A client was handed over. People by portal ID."""

    client: Client
    before: int | None
    after: int | None
    at: datetime
    by: int | None


def follow(changes: Sequence[Change]) -> None:
    """Note what these changes tell of takeovers. Inside the reader's transaction; harmless when repeated.

    No query where nobody's client changed hands, seven at most.
    """
    if moves := list(moves_in(changes)):
        book = Book.of({move.client for move in moves}, since=min(move.at for move in moves) - reach())
        for move in moves:
            book.enter(move)
        book.write()


def settle(calls: Iterable[Call]) -> None:
    """These were judged: a takeover stands beside a conflict that blames, where there is one. Five queries at most."""
    clients = {client for call in calls if (client := client_of(call))}
    if clients and Takeover.objects.filter(call__in=conflicts_with(clients)).exists():
        book = Book.of(clients)
        book.settle()
        book.write()


def reach() -> timedelta:
    return timedelta(days=settings.TAKEOVER_DAYS)


def moves_in(changes: Sequence[Change]) -> Iterator[Move]:
    """In the order of the feed. The companies' events tell who it was; one query where there are any."""
    handed = [
        change
        for change in changes
        if change.kind in ("company", "contact")
        and "responsible_id" in change.facts
        and change.what in (Change.What.UPDATED, Change.What.REVIVED)
    ]
    events = events_of([change for change in handed if change.kind == "company"])
    for change in handed:
        told = events.get(change.portal_id, ()) if change.kind == "company" else ()
        by = author_of(change, told, column="responsible_id")
        before, after = change.facts["responsible_id"]
        yield Move((change.kind, int(change.portal_id)), before, after, change.modified_at or change.at, by)


def client_of(call: Call) -> Client | None:
    """Whoever it is today, after merges."""
    today = call.survivor_id or call.entity_id
    return (call.entity_type, today) if today else None


def conflicts_with(clients: Iterable[Client]) -> QuerySet[Call]:
    """What was merged into a client belongs to it."""
    ids: defaultdict[str, list[int]] = defaultdict(list)
    for kind, portal_id in clients:
        ids[kind].append(portal_id)
    found = Q(pk=None)
    for kind, several in ids.items():
        found |= Q(entity_type=kind, entity_id__in=several) | Q(entity_type=kind, survivor_id__in=several)
    return Call.objects.filter(found, conflict=True)


def decisions_about(clients: Iterable[Client]) -> Mapping[tuple[Client, int], list[datetime]]:
    """When decisions excused conflicts with them, by client and caller. One query."""
    rows = Excuse.objects.filter(ground=Ground.DECISION, call__in=conflicts_with(clients)).select_related("call")
    found: defaultdict[tuple[Client, int], list[datetime]] = defaultdict(list)
    for row in rows.defer("call__verdict", "call__evidence"):
        if client := client_of(row.call):
            found[client, row.call.caller_id].append(row.noted_at)
    return found


@dataclass
class Book:
    """The conflicts about some clients and the takeovers beside them, read once and written once."""

    conflicts: Mapping[Client, list[Call]]  # in the order in which they rang
    takeovers: dict[int, Takeover]  # by the call's pk
    decided: Mapping[tuple[Client, int], list[datetime]]  # when a conflict of this caller's was excused by decision
    changed: dict[int, Takeover] = field(default_factory=dict)  # by id() of the takeover
    flagged: dict[int, Call] = field(default_factory=dict)

    @classmethod
    def of(cls, clients: Iterable[Client], *, since: datetime | None = None) -> Book:
        """Three queries. Older conflicts than `since` matter only while a takeover stands beside them.

        Locked by pk, as the court locks them (judge), so that no two wait for one another.
        """
        clients = list(clients)
        rows = conflicts_with(clients).select_for_update().order_by("pk").defer("verdict", "evidence")
        if since:
            rows = rows.filter(Q(rung_at__gte=since) | Q(taken_over=True))
        conflicts: defaultdict[Client, list[Call]] = defaultdict(list)
        for call in sorted(rows, key=lambda one: (one.rung_at, one.pk)):
            if client := client_of(call):
                conflicts[client].append(call)
        known = Takeover.objects.filter(call__in=[call.pk for several in conflicts.values() for call in several])
        return cls(conflicts, {takeover.call_id: takeover for takeover in known}, decisions_about(clients))

    def enter(self, move: Move) -> None:
        for call in self.conflicts.get(move.client, ()):
            takeover = self.takeovers.get(call.pk)
            if (
                takeover
                and takeover.undone_at is None
                and takeover.to_id == move.before
                and takeover.moved_at < move.at
            ):
                takeover.undone_at = move.at
                self._note(takeover, call)
        best = self._best(move.client, move.after, move.at)
        if best and not self._is_noted(move):
            takeover = self.takeovers.setdefault(best.pk, Takeover(call_id=best.pk))
            takeover.moved_at, takeover.undone_at = move.at, None
            takeover.from_id, takeover.to_id, takeover.moved_by_id = move.before, best.caller_id, move.by
            self._note(takeover, best)

    def settle(self) -> None:
        for client, calls in self.conflicts.items():
            for call in calls:
                takeover = self.takeovers.get(call.pk)
                best = self._best(client, takeover.to_id, takeover.moved_at) if takeover else None
                if takeover and best and best.pk != call.pk and best.pk not in self.takeovers:
                    self.takeovers[best.pk] = self.takeovers.pop(call.pk)
                    takeover.call_id = best.pk
                    self._note(takeover, best)
                    self._flag(call, taken_over=False)

    def write(self) -> None:
        for takeover in self.changed.values():
            takeover.save()
        Call.objects.bulk_update(self.flagged.values(), ["taken_over", "untallied"])

    def _best(self, client: Client, caller_id: int | None, moment: datetime) -> Call | None:
        """The last conflict before the moment, of those that are not excused if there are such. None after a decision
        for him: it said whose the client is, and handing over is what follows from it."""
        decided = self.decided.get((client, caller_id or 0), ())
        if any(moment - reach() <= at <= moment for at in decided):
            return None
        his = [one for one in self.conflicts.get(client, ()) if one.caller_id == caller_id]
        near = [one for one in his if moment - reach() <= one.rung_at <= moment]
        return max(near, key=lambda one: (not one.excused, one.rung_at), default=None)

    def _is_noted(self, move: Move) -> bool:
        """Whether the client is his by our book already."""
        beside = (self.takeovers.get(call.pk) for call in self.conflicts.get(move.client, ()))
        return any(one is not None and one.undone_at is None and one.to_id == move.after for one in beside)

    def _note(self, takeover: Takeover, call: Call) -> None:
        self.changed[id(takeover)] = takeover
        self._flag(call, taken_over=takeover.undone_at is None)

    def _flag(self, call: Call, *, taken_over: bool) -> None:
        call.taken_over, call.untallied = taken_over, True
        self.flagged[call.pk] = call


# --- What came of it -------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Won:
    """A deal that was won. `won_at`: when it last moved, where the portal tells; else when it was last changed."""

    portal_id: int
    title: str
    amount: Decimal | None
    currency: str
    won_at: datetime | None
    responsible_id: int | None
    responsible: str  # "" of one whom the mirror does not know


def deals_won_since(call: Call, moment: datetime) -> list[Won]:
    """Deals with the call's client that were won since, and by whom; the oldest first. Two queries."""
    client = client_of(call)
    if client is None:
        return []
    kind, portal_id = client
    rows = Deal.objects.live().filter(semantic=WON, **{f"{kind}_id__in": {portal_id, call.entity_id}})
    deals = [deal for deal in rows if (won_at := won(deal)) and won_at >= moment]
    people = Employee.objects.filter(portal_id__in={deal.responsible_id for deal in deals if deal.responsible_id})
    names = dict(people.values_list("portal_id", "name"))
    found = [
        Won(
            deal.portal_id,
            deal.title,
            deal.amount,
            deal.currency,
            won(deal),
            deal.responsible_id,
            names.get(deal.responsible_id, ""),
        )
        for deal in deals
    ]
    return sorted(found, key=lambda one: (one.won_at or moment, one.portal_id))


def won(deal: Deal) -> datetime | None:
    return deal.moved_at or deal.modified_at
