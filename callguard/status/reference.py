"""The company statuses themselves: named, ordered, coloured, added and retired here, and what the portal did to them.

Names and order go to the portal through the outbox, in one transaction with their history. The portal knows no
retired value, in either kind of field: retiring is ours alone. There the value stays, and the companies that have it;
here nobody is offered it any more, and rules that name it go on. A colour is ours alone as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any, TypedDict

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from callguard import history
from callguard.access.actors import Actor
from callguard.access.policies import may_administer
from callguard.models import About, History, Origin
from callguard.status.change import NotAllowed
from crm_mirror.models import Change, OutboxCall, Status, StatusField
from crm_mirror.outbox import GIVEN_UP, was_overtaken
from crm_mirror.reference import send_pending
from crm_mirror.sync.reference import OVERRULED, absorb, is_under_way, locked_rows
from crm_mirror.sync.statuses import spelled

STEP = 10  # between the places of neighbours, as the portal counts
REFUSED = "refused"  # grounds in the history: the portal did not take it
OURS_IS_LATER = "ours_is_later"  # and both sides had edited it


class Unfit(Exception):
    """The statuses cannot become what somebody wants them to; in his language, with what to do."""


class Wanted(TypedDict, total=False):
    """What a status is to be; what is left out stays."""

    name: str
    sort: int
    colour: str  # "#rrggbb" or ""
    retired: bool


@transaction.atomic
def edit(wanted: Mapping[int, Wanted], *, by: Actor, origin: Origin, at: datetime) -> int:
    """Make statuses (by our ID) what somebody wants; returns how many are others now. Raises NotAllowed, Unfit."""
    rows, is_portal_known = _rows_for(by), StatusField.objects.exists()
    before = {row.pk: _facts(row) for row in rows}
    for row in rows:
        if row.pk in wanted:
            _become(row, wanted[row.pk], at, is_portal_known=is_portal_known)
    changed = [row for row in rows if _facts(row) != before[row.pk]]
    _check_names(rows, changed)
    for row in changed:
        row.save()
        _note(row, before[row.pk], _facts(row), by=by, origin=origin, at=at)
    send_pending(rows, at=at)
    return len(changed)


@transaction.atomic
def add(name: str, *, by: Actor, origin: Origin, at: datetime, sort: int | None = None, colour: str = "") -> Status:
    """A new status, the last in order unless told otherwise. It is offered once the portal has it."""
    rows = _rows_for(by)
    if not StatusField.objects.exists():
        raise Unfit(_unknown())
    place = next_place() if sort is None else sort
    row = Status(value=_free_code(rows), name=_clean(name), sort=place, colour=colour, edited_at=at)
    _check_names([*rows, row], [row])
    row.save()
    _note(row, {}, _facts(row), by=by, origin=origin, at=at)
    send_pending([*rows, row], at=at)
    return row


def next_place() -> int:
    """Behind all the others."""
    return (Status.objects.aggregate(last=Max("sort"))["last"] or 0) + STEP


def fit_name(name: str, *, status_id: int | None) -> str:
    """The name as it would be kept. Raises Unfit. `status_id`: whose it is, None for a new status."""
    clean = _clean(name)
    _check_name(clean, [row for row in Status.objects.all() if row.pk != status_id])
    return clean


def settle(*, at: datetime) -> int:
    """Work off what became of the calls; returns how many edits the portal refused. One query when nothing waits.

    What the portal refuses stands as the portal has it, and the call keeps its words. What was overtaken by an edit
    there is sent again, if it is still to be, once that edit was seen.
    """
    waits = Q(edited_at__isnull=False) | Q(sent__state=OutboxCall.State.DONE)
    if not Status.objects.filter(waits).exists():
        return 0
    with transaction.atomic():
        rows = locked_rows()
        refused = [row for row in rows if _is_refused(row)]
        for row in rows:
            absorb(row)
        for row in refused:
            _fall_back(row, at)
        Status.objects.bulk_update(rows, SETTLED)
        send_pending(rows, at=at)
    return len(refused)


def note_edits(changes: Sequence[Change]) -> None:
    """Write into the history what the feed tells of edits in the portal. Who made them the portal does not say."""
    told = [change for change in changes if change.kind == "status"]
    rows = {row.value: row for row in Status.objects.filter(value__in=[one.portal_id for one in told])} if told else {}
    history.add(line for one in told if (row := rows.get(one.portal_id)) for line in _lines(one, row))


# --- One status ------------------------------------------------------------------------------------------------------
SETTLED = ("name", "sort", "retired_at", "portal_name", "portal_sort", "exchanged_at", "edited_at", "sent")


def _rows_for(actor: Actor) -> list[Status]:
    if not may_administer(actor):
        raise NotAllowed(_("Only administrators edit the statuses themselves."))
    rows = locked_rows()
    for row in rows:
        absorb(row)
    return rows


def _facts(row: Status) -> dict[str, Any]:
    return {"name": row.name, "sort": row.sort, "colour": row.colour, "retired": row.retired_at is not None}


def _become(row: Status, wanted: Wanted, at: datetime, *, is_portal_known: bool) -> None:
    words = (row.name, row.sort)
    row.name, row.sort = _clean(wanted.get("name", row.name)), wanted.get("sort", row.sort)
    row.colour = wanted.get("colour", row.colour)
    retired = wanted.get("retired", row.retired_at is not None)
    is_back = row.retired_at is not None and not retired
    if retired != (row.retired_at is not None):
        row.retired_at, row.retired_here = (at if retired else None), retired
    if (row.name, row.sort) != words and not (row.in_portal or is_portal_known):
        raise Unfit(_unknown())
    if row.in_portal or row.edited_at or (is_back and is_portal_known):
        _mark(row, is_edited=is_back or (row.name, row.sort) != words, at=at)


def _mark(row: Status, *, is_edited: bool, at: datetime) -> None:
    """Note that the portal does not have it yet, or that it has all of it."""
    if row.in_portal and not is_under_way(row) and (row.name, row.sort) == (row.portal_name, row.portal_sort):
        row.edited_at = None
    elif is_edited:
        row.edited_at = at


def _check_names(rows: Sequence[Status], changed: Sequence[Status]) -> None:
    for row in changed:
        _check_name(row.name, [one for one in rows if one is not row])


def _check_name(name: str, others: Sequence[Status]) -> None:
    """Names are what people, and the first exchange with a portal, tell statuses by."""
    if not name:
        raise Unfit(_("A status needs a name."))
    twin = next((one for one in others if spelled(one.name) == spelled(name)), None)
    if twin is not None:
        cure = _("Bring that one back instead.") if twin.retired_at else _("Choose another name.")
        raise Unfit(_("There is a status “%(name)s” already. %(cure)s") % {"name": twin.name, "cure": cure})


def _clean(name: str) -> str:
    return " ".join(name.split())


def _free_code(rows: Sequence[Status]) -> str:
    """STATUS_ID of a reference's value, XML_ID of a list's: one that nobody else has."""
    field = StatusField.objects.first()
    taken = {row.value for row in rows}
    taken |= {str(item.get(key)) for item in (field.items if field else ()) for key in ("STATUS_ID", "XML_ID")}
    return next(code for number in count(1) if (code := f"CALLGUARD_{number}") not in taken)


def _unknown() -> str:
    return _("What the portal has is not known yet. Run a sync first.")


def _is_refused(row: Status) -> bool:
    """An edit that has not been followed by another."""
    is_given_up = row.sent is not None and row.sent.state in GIVEN_UP and not was_overtaken(row.sent)
    return is_given_up and row.edited_at is not None and (row.name, row.sort) == (row.sent_name, row.sent_sort)


def _fall_back(row: Status, at: datetime) -> None:
    before, row.edited_at = _facts(row), None
    if row.in_portal:
        row.name, row.sort = row.portal_name, row.portal_sort if row.portal_sort is not None else row.sort
    else:
        row.retired_at = row.retired_at or at
    _note(row, before, _facts(row), by=None, origin=Origin.PORTAL, at=at, ground=REFUSED)


# --- History ---------------------------------------------------------------------------------------------------------
def _note(
    row: Status,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    by: Actor | None,
    origin: Origin,
    at: datetime,
    ground: str = "",
) -> None:
    """Only what is another now."""
    names = [name for name in after if before.get(name) != after[name]]
    history.note(
        About.REFERENCE,
        row.pk,
        before={name: before[name] for name in names if name in before} or None,
        after={name: after[name] for name in names} or None,
        by=by,
        origin=origin,
        at=at,
        title=row.name,
        ground=ground,
    )


def _lines(change: Change, row: Status) -> Iterator[History]:
    overruled = change.facts.get(OVERRULED, {})
    facts = {name: pair for name, pair in change.facts.items() if name != OVERRULED}
    if change.what == Change.What.DELETED:
        facts["in_portal"] = [True, False]
    if facts:
        yield _line(change, row, facts)
    if overruled:
        yield _line(change, row, overruled, ground=OURS_IS_LATER)


def _line(change: Change, row: Status, facts: Mapping[str, Sequence[Any]], *, ground: str = "") -> History:
    is_new = change.what == Change.What.CREATED
    return history.line(
        About.REFERENCE,
        row.pk,
        before=None if is_new else {name: pair[0] for name, pair in facts.items()},
        after={name: pair[1] for name, pair in facts.items()},
        by=None,
        origin=Origin.PORTAL,
        at=change.at,
        title=row.name,
        ground=ground,
    )
