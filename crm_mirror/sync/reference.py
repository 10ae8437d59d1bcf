"""The company statuses brought together with the portal's: its edits are taken over, ours that wait are left alone.

Both sides edit them, so each look is a three-way comparison (sync.exchange) with what the portal had last. A look that
began before the portal took our latest edit proves nothing about that status.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from crm_mirror.models import Change, OutboxCall, Status, StatusField
from crm_mirror.sync.exchange import Edits, Side, whose
from crm_mirror.sync.kinds import STATUS
from crm_mirror.sync.report import Counts
from crm_mirror.sync.statuses import Reference, Value, spelled
from crm_mirror.sync.writer import writing

Facts = dict[str, Any]  # as of models.Change
OPEN = (OutboxCall.State.WAITING, OutboxCall.State.SENDING)
FACTS = ("name", "sort")
SHOWN = ("value", "name", "sort", "in_portal", "retired_at")
EXCHANGED = ("portal_name", "portal_sort", "exchanged_at", "edited_at", "sent_id", "sent_name", "sent_sort")
OVERRULED = "overruled"  # among the facts of a change: what the portal's edit was, and ours is later

# How a value of the portal finds its row, best first. Once equal values have met, an unclaimed row has lost its own:
# a value made anew under its name takes it over. A placeholder that only looks like a value by chance comes last.
CLAIMS: tuple[Callable[[Status, Value], bool], ...] = (
    lambda row, value: row.in_portal and row.value == value.value,
    lambda row, value: not row.in_portal and bool(value.code) and row.value == value.code,  # made here
    lambda row, value: row.in_portal and spelled(row.name) == spelled(value.name),
    lambda row, value: not row.in_portal and spelled(row.name) == spelled(value.name),
    lambda row, value: not row.in_portal and row.value == value.value,
)


def write_reference(found: Reference, *, at: datetime, source: str) -> Counts:
    """Match the portal's values with our statuses and bring both together; the feed is told of the portal's edits.

    Matched by value, else by name among rows that no value of the portal has claimed. So the seeded three, and the
    rules that point at them, hold on any portal. What vanished is retired, not removed.
    """
    with writing():
        field = StatusField.objects.first()
        if field and field.seen_at > found.seen_at:  # somebody has looked since
            return Counts(seen=len(found.values))
        rows = locked_rows()
        before = {row.pk: _state(row) for row in rows}
        for row in rows:
            absorb(row)
        matched = _matched(found.values, rows)
        _vacate(rows, matched)
        counts, changes = _brought_together(rows, matched, found, at)
        counts.updated = sum(row is not None and _shown(row) != before[row.pk][0] for row in matched.values())
        for row in rows:
            if _state(row) != before[row.pk]:
                row.save()
        if field:
            Change.objects.bulk_create(Change(at=at, kind=STATUS, source=source, **change) for change in changes)
        _keep(field or StatusField(), found)
    return counts


def locked_rows() -> list[Status]:
    """All statuses, by order. Whoever edits them takes them by this."""
    rows = Status.objects.select_for_update(of=("self",)).select_related("sent").order_by("pk")
    return sorted(rows, key=lambda row: (row.sort, row.pk))


def absorb(row: Status) -> None:
    """Where the portal has taken our edit: the sides agree on it since. Not saved."""
    if row.sent is None or row.sent.state != OutboxCall.State.DONE:
        return
    row.portal_name, row.portal_sort, row.exchanged_at = row.sent_name, row.sent_sort, row.sent.done_at
    if (row.name, row.sort) == (row.portal_name, row.portal_sort):
        row.edited_at = None
    row.sent = None


def is_under_way(row: Status) -> bool:
    """Whether the row's call may still reach the portal, or has without our knowing."""
    return row.sent is not None and row.sent.state in OPEN


def _brought_together(
    rows: list[Status], matched: Mapping[Value, Status | None], found: Reference, at: datetime
) -> tuple[Counts, list[Facts]]:
    counts, changes = Counts(seen=len(matched)), []
    for value, row in matched.items():
        if row is None:
            _make(value)
            counts.created += 1
            changes.append(_told(value.value, Change.What.CREATED, _facts_of(value)))
        elif _proves(found, row) and (facts := _take(row, value, found.seen_at)):
            changes.append(_told(value.value, Change.What.UPDATED, facts))
    claimed = {row.pk for row in matched.values() if row}
    for row in rows:
        if row.in_portal and row.pk not in claimed and _proves(found, row):
            row.in_portal, row.retired_at, row.edited_at = False, row.retired_at or at, None
            counts.deleted += 1
            changes.append(_told(row.value, Change.What.DELETED, {}))
    return counts, changes


def _matched(values: list[Value], rows: list[Status]) -> dict[Value, Status | None]:
    matched: dict[Value, Status | None] = dict.fromkeys(values)
    unclaimed = {row.pk: row for row in rows}
    for claims in CLAIMS:
        for value in values:
            if matched[value] is None:
                row = next((row for row in unclaimed.values() if claims(row, value)), None)
                matched[value] = unclaimed.pop(row.pk) if row else None
    return matched


def _vacate(rows: Iterable[Status], matched: dict[Value, Status | None]) -> None:
    """No row may stand in the way of another that is to get its value."""
    targets = {value.value: row for value, row in matched.items()}
    for row in rows:
        if row.value in targets and targets[row.value] is not row:
            row.value = f"unused:{row.pk}"
            Status.objects.filter(pk=row.pk).update(value=row.value)


def _proves(found: Reference, row: Status) -> bool:
    return row.exchanged_at is None or row.exchanged_at <= found.seen_at


def _make(value: Value) -> None:
    Status.objects.create(
        value=value.value,
        name=value.name,
        sort=value.sort,
        in_portal=True,
        portal_name=value.name,
        portal_sort=value.sort,
    )


def _take(row: Status, value: Value, seen_at: datetime) -> Facts:
    """Bring the row together with the portal's value; returns what the portal has changed about it."""
    facts = _take_facts(row, value, seen_at)
    if not row.in_portal and row.retired_at and not row.retired_here:
        facts["in_portal"] = [False, True]
        row.retired_at = None
    row.value, row.in_portal = value.value, True
    row.portal_name, row.portal_sort = value.name, value.sort
    if not is_under_way(row) and (row.name, row.sort) == (value.name, value.sort):
        row.edited_at = None
    return facts


def _take_facts(row: Status, value: Value, seen_at: datetime) -> Facts:
    facts: Facts = {}
    for name in FACTS:
        ours, theirs, agreed = getattr(row, name), getattr(value, name), getattr(row, f"portal_{name}")
        under_way = [getattr(row, f"sent_{name}")] if is_under_way(row) else []
        side = whose(ours, theirs, agreed, Edits(seen_at, row.edited_at, under_way))
        if side.is_theirs:
            facts[name] = [ours, theirs]
            setattr(row, name, theirs)
        elif side == Side.OURS_LATER:
            facts.setdefault(OVERRULED, {})[name] = [agreed, theirs]
    return facts


def _state(row: Status) -> tuple[Facts, Facts]:
    return _shown(row), {name: getattr(row, name) for name in EXCHANGED}


def _shown(row: Status) -> Facts:
    """What others than the exchange see."""
    return {name: getattr(row, name) for name in SHOWN}


def _facts_of(value: Value) -> Facts:
    return {"name": [None, value.name], "sort": [None, value.sort]}


def _told(value: str, what: str, facts: Facts) -> Facts:
    return {"portal_id": value, "what": what, "facts": facts}


def _keep(field: StatusField, found: Reference) -> None:
    field.kind, field.field_id, field.reference = found.kind, found.field_id, found.entity_id
    field.items, field.seen_at = list(found.items), found.seen_at
    field.save()
