"""Where the pass over each kind stands. A full sync is one round: its kinds begin together and may end apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DateTimeField, F, Value
from django.db.models.functions import Coalesce, Greatest

from crm_mirror.models import DeltaCursor, SyncCursor

RESUMED_WITHIN = timedelta(hours=24)  # an older unfinished round says too little about the portal of today


class Overtaken(Exception):
    """Another process moved this cursor: its rows are newer than ours, so we stop."""

    remedy = "Nothing to do: the other run goes on."


@dataclass(frozen=True, slots=True)
class Position:
    """A pass over one kind, as this process knows it."""

    kind: str
    started_at: datetime
    last_id: int = 0
    seen: int = 0
    is_first: bool = False  # no pass over the kind was ever completed


def is_unfinished(cursor: SyncCursor) -> bool:
    began = cursor.pass_started_at
    return began is not None and (cursor.finished_at is None or cursor.finished_at < began)


def open_round(names: Iterable[str], *, at: datetime, afresh: bool = False) -> dict[str, Position]:
    """Positions of the kinds to read: what an interrupted round left over, else all from the beginning."""
    wanted = list(names)
    known = {cursor.kind: cursor for cursor in SyncCursor.objects.filter(kind__in=wanted)}
    left = {name: cursor for name, cursor in known.items() if is_unfinished(cursor)}
    began = min((cursor.pass_started_at for cursor in left.values() if cursor.pass_started_at), default=None)
    if began is None or afresh or at - began > RESUMED_WITHIN:
        return begin(wanted, at=at)
    done = {name for name, cursor in known.items() if name not in left and _passed_since(cursor, began)}
    resumed = {name: _position(cursor) for name, cursor in left.items()}
    resumed |= begin([name for name in wanted if name not in left and name not in done], at=began)
    return {name: resumed[name] for name in wanted if name in resumed}


@transaction.atomic
def begin(names: list[str], *, at: datetime) -> dict[str, Position]:
    """All from the first ID."""
    fresh = {
        "pass_started_at": at,
        "pass_portal_at": None,
        "last_id": 0,
        "seen": 0,
        "expected": None,
        "flawless": True,
        "by_admin": True,
    }
    cursors = {name: SyncCursor.objects.update_or_create(kind=name, defaults=fresh)[0] for name in names}
    return {name: _position(cursor) for name, cursor in cursors.items()}


def learned(
    position: Position,
    *,
    expected: int | None = None,
    is_admin: bool | None = None,
    portal_at: datetime | None = None,
) -> None:
    """Keep what the portal announced: how many rows there are, whether the token is an administrator's, its clock.

    `portal_at`: what that said when the pass began; of a pass taken up again the first word counts.
    """
    cursor = SyncCursor.objects.filter(kind=position.kind, pass_started_at=position.started_at)
    if expected is not None:
        cursor.update(expected=expected)
    if is_admin is False:
        cursor.update(by_admin=False)
    if portal_at is not None:
        cursor.filter(pass_portal_at=None).update(pass_portal_at=portal_at)


def move(position: Position, *, last_id: int, seen: int, closes: bool) -> Position:
    """Move the cursor behind a run, in the run's own transaction. Overtaken when it is no longer where we left it.

    A closed pass is as old as its beginning, however long it took or lay interrupted: that is when its oldest row
    was read.
    """
    cursor = SyncCursor.objects.filter(
        kind=position.kind, pass_started_at=position.started_at, last_id=position.last_id, seen=position.seen
    )
    changes: dict[str, object] = {"last_id": last_id, "seen": F("seen") + seen}
    if closes:
        changes["finished_at"] = position.started_at
        began = Value(position.started_at, DateTimeField())
        changes["true_at"] = Greatest(Coalesce("true_at", began), began)
        _begin_delta(position)
    if cursor.update(**changes) != 1:
        raise Overtaken(f"another sync has moved on with {position.kind}")
    return replace(position, last_id=last_id, seen=position.seen + seen)


def _begin_delta(position: Position) -> None:
    """The first complete pass: what changed since its beginning is the first delta round's.

    By the portal's clock; where that is not known, a day more than enough is read.
    """
    at = SyncCursor.objects.values_list("pass_portal_at", flat=True).get(kind=position.kind)
    since = at or position.started_at - timedelta(days=1)
    DeltaCursor.objects.filter(kind=position.kind, since=None).update(since=since)
    DeltaCursor.objects.get_or_create(kind=position.kind, defaults={"since": since})


def flawed(position: Position) -> None:
    SyncCursor.objects.filter(kind=position.kind, pass_started_at=position.started_at).update(flawless=False)


def give_up(position: Position) -> None:
    """The portal refuses this kind: the next run begins it anew, with all the others."""
    SyncCursor.objects.filter(kind=position.kind, pass_started_at=position.started_at).update(
        pass_started_at=None, flawless=False
    )


def _position(cursor: SyncCursor) -> Position:
    assert cursor.pass_started_at  # noqa: S101 - is_unfinished
    is_first = cursor.finished_at is None
    return Position(cursor.kind, cursor.pass_started_at, cursor.last_id, cursor.seen, is_first)


def _passed_since(cursor: SyncCursor, began: datetime) -> bool:
    return cursor.pass_started_at is not None and cursor.pass_started_at >= began
