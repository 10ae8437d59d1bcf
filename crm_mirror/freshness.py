"""How true the mirror is, in figures: how old each kind is, how far behind changes come, what waits, what differs.

Cheap on a mirror of any size: nothing here counts mirrored rows, and every question starts at an index.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery

from crm_mirror.models import Change, DeltaCursor, Drift, InboxEvent, OutboxCall, SyncCursor
from crm_mirror.sync.kinds import NAMES, STATUS, VERDICT_NAMES

TIMED = ("company", "contact", "lead", "deal")  # kinds whose rows tell when they were changed
NEWEST = 500  # changes of a kind whose lag is that of the kind now
MOST_OF_A_DAY = 20_000  # changes looked at for a day's course; a bigger import is cut off at its older end


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one kind is read. `drift_left` is what the newest comparison left different, None before the first."""

    kind: str
    true_at: datetime | None = None
    passed_at: datetime | None = None  # beginning of the last complete pass
    rounded_at: datetime | None = None  # when a kind that tells no time of change was last read round
    backlog_since: datetime | None = None  # a mass change that is being worked off by ID
    backlog_last_id: int = 0
    drift_left: int | None = None
    compared_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Lag:
    """Seconds from a change in the portal to the mirror, of `count` changes."""

    count: int
    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits in the inbox or the outbox, since when, and how much was given up after many tries."""

    waiting: int
    oldest: datetime | None
    given_up: int


@dataclass(frozen=True, slots=True)
class Measured:
    """One change with its lag in seconds. `source`: sync.look.Source."""

    at: datetime
    kind: str
    source: str
    lag_s: float


def synced_at() -> datetime | None:
    """As of when the last complete passes over what verdicts rest on speak; None while one is missing. One query."""
    rows = SyncCursor.objects.filter(kind__in=VERDICT_NAMES, true_at__isnull=False)
    ended = list(rows.values_list("true_at", flat=True))
    return min((at for at in ended if at), default=None) if len(ended) == len(VERDICT_NAMES) else None


def standings() -> list[Standing]:
    """Of every kind, in the order of a full sync. Three queries. Statuses are asked for with the companies."""
    cursors = {row.kind: row for row in SyncCursor.objects.all()}
    deltas = {row.kind: row for row in DeltaCursor.objects.all()}
    drifts = {row.kind: row for row in newest_drifts()}
    return [
        _standing(cursors.get(name) or SyncCursor(kind=name), deltas.get(name) or DeltaCursor(), drifts.get(name))
        for name in NAMES
        if name != STATUS or name in cursors
    ]


def newest_drifts() -> Iterable[Drift]:
    """What the last comparison of each kind found. One query."""
    newest = Drift.objects.filter(kind=OuterRef("kind")).order_by("-at", "-pk").values("pk")[:1]
    return Drift.objects.filter(pk=Subquery(newest))


def _standing(cursor: SyncCursor, delta: DeltaCursor, drift: Drift | None) -> Standing:
    return Standing(
        cursor.kind,
        true_at=cursor.true_at,
        passed_at=cursor.finished_at,
        rounded_at=delta.rounded_at,
        backlog_since=delta.backlog_since,
        backlog_last_id=delta.backlog_last_id,
        drift_left=drift.left if drift else None,
        compared_at=drift.at if drift else None,
    )


def lags() -> dict[str, Lag]:
    """By kind, of its newest changes that tell when they were made. One query for each of four kinds."""
    found = {}
    for kind in TIMED:
        newest = Change.objects.filter(kind=kind, lag_s__isnull=False).order_by("-id")[:NEWEST]
        if lag := lag_of(newest.values_list("lag_s", flat=True)):
            found[kind] = lag
    return found


def lag_of(seconds: Iterable[float | None]) -> Lag | None:
    """None without a change."""
    known = sorted(one for one in seconds if one is not None)
    return Lag(len(known), percentile(known, 0.5), percentile(known, 0.95)) if known else None


def percentile(ordered: list[float], share: float) -> float:
    """The smallest value that the share of all does not exceed."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def measured_since(at: datetime) -> list[Measured]:
    """The changes that tell their lag, oldest first: MOST_OF_A_DAY newest ones at most. One query."""
    newest = Change.objects.order_by("-id").values_list("at", "kind", "source", "lag_s")[:MOST_OF_A_DAY]
    return [
        Measured(seen, kind, source, lag_s)
        for seen, kind, source, lag_s in reversed(list(newest))
        if seen >= at and lag_s is not None
    ]


def by_source(changes: Iterable[Measured]) -> dict[str, Lag]:
    seconds: defaultdict[str, list[float]] = defaultdict(list)
    for change in changes:
        seconds[change.source].append(change.lag_s)
    return {source: lag for source, known in sorted(seconds.items()) if (lag := lag_of(known))}


def inbox() -> Queue:
    """One query, from the index of what is not done."""
    state = InboxEvent.State
    return _queue(InboxEvent.objects.all(), [state.WAITING], state.FAILED, since="received_at")


def outbox() -> Queue:
    """One query, from the index of what is not done. A call under way waits for its answer."""
    state = OutboxCall.State
    return _queue(OutboxCall.objects.all(), [state.WAITING, state.SENDING], state.DEAD, since="created_at")


def _queue(rows: QuerySet[Any], waiting: list[str], given_up: str, *, since: str) -> Queue:
    waits = Q(state__in=waiting)
    counted = rows.filter(state__in=[*waiting, given_up]).aggregate(
        waiting=Count("pk", filter=waits), oldest=Min(since, filter=waits), given_up=Count("pk", filter=~waits)
    )
    return Queue(**counted)
