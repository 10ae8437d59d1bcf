"""Edits of the company statuses on their way to the portal: either kind of field, the same for whoever edits.

A reference takes a call for each status, a list one call with all its items: what is left out of it might be lost. At
most one call is under way for a status, or for the list. Each is sent only while the portal shows what it had when we
looked; what somebody has edited there meanwhile is met by the next look (sync.reference), and what is still to be
sent goes out then. docs: api-reference/crm/status, crm-company-userfield-update; rest.md §5
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from crm_mirror import outbox
from crm_mirror.models import OutboxCall, Status, StatusField
from crm_mirror.sync.reference import is_under_way
from crm_mirror.sync.statuses import REFERENCE_KIND

PURPOSE = "reference"
LIST = "statuses"  # OutboxCall.entity of calls with a whole list
ITEM = ("ID", "VALUE", "SORT")  # what tells whether a list's item is as it was


def send_pending(rows: Sequence[Status], *, at: datetime) -> list[OutboxCall]:
    """Put in line what the portal does not have yet. Inside the transaction of the edit; `rows`: all, locked.

    Saves the rows that a call is under way for. Nothing goes out before the first look: nobody knows where to.
    """
    field = StatusField.objects.first()
    if field is None:
        return []
    waiting = [row for row in rows if row.edited_at and not is_under_way(row) and not _awaits_look(row, field)]
    if field.kind == REFERENCE_KIND:
        return [_sent(_call_about(row, field, at), [row]) for row in waiting]
    if not waiting or any(is_under_way(row) or _is_newer(row, field) for row in rows):
        return []
    return [_sent(_call_with_list(waiting, field, at), waiting)]


def _awaits_look(row: Status, field: StatusField) -> bool:
    """Whether its last call was overtaken, or made it, and what the portal has now was not seen since."""
    if row.sent and outbox.was_overtaken(row.sent):
        return field.seen_at <= row.sent.created_at
    return not row.in_portal and _is_newer(row, field)


def _is_newer(row: Status, field: StatusField) -> bool:
    """Whether the portal has taken an edit since we looked: `items` are older."""
    return row.exchanged_at is not None and row.exchanged_at >= field.seen_at


def _sent(call: OutboxCall, rows: Iterable[Status]) -> OutboxCall:
    call.save(force_insert=True)
    for row in rows:
        row.sent, row.sent_name, row.sent_sort = call, row.name, row.sort
        row.save()
    return call


# --- A reference -----------------------------------------------------------------------------------------------------
def _call_about(row: Status, field: StatusField, at: datetime) -> OutboxCall:
    item = next((item for item in field.items if item.get("STATUS_ID") == row.value), None)
    return _call_to_add(row, field, at) if item is None else _call_to_change(row, item, at)


def _call_to_add(row: Status, field: StatusField, at: datetime) -> OutboxCall:
    """Its STATUS_ID is ours to choose, so a status that is brought back has the companies that still carry it."""
    place = {"ENTITY_ID": field.reference, "STATUS_ID": row.value}
    check = {"method": "crm.status.list", "params": {"filter": place}, "expect": {"STATUS_ID": row.value}}
    return _call(row, "crm.status.add", {"fields": {**place, **_words(row)}}, check, at)


def _call_to_change(row: Status, item: Mapping[str, Any], at: datetime) -> OutboxCall:
    had = {"NAME": row.portal_name, "SORT": row.portal_sort}
    fields = {key: value for key, value in _words(row).items() if value != had[key]}
    check = {
        "method": "crm.status.get",
        "params": {"id": item["ID"]},
        "expect": fields,
        "only_if": {key: [had[key]] for key in fields},
    }
    return _call(row, "crm.status.update", {"id": item["ID"], "fields": fields}, check, at)


def _words(row: Status) -> dict[str, Any]:
    return {"NAME": row.name, "SORT": row.sort}


def _call(row: Status, method: str, params: Mapping[str, Any], check: Mapping[str, Any], at: datetime) -> OutboxCall:
    return outbox.call_to(entity=f"status:{row.pk}", purpose=PURPOSE, method=method, params=params, check=check, at=at)


# --- A list ----------------------------------------------------------------------------------------------------------
def _call_with_list(rows: Sequence[Status], field: StatusField, at: datetime) -> OutboxCall:
    """Every item goes along under its ID, changed or not."""
    edited = {row.value: row for row in rows}
    items = [_item(item, edited.get(str(item.get("ID")))) for item in field.items]
    items += [_new_item(row) for row in rows if all(str(item.get("ID")) != row.value for item in field.items)]
    check = {
        "method": "crm.company.userfield.get",
        "params": {"id": field.field_id},
        "expect": {"LIST": [_told(item) for item in items]},
        "only_if": {"LIST": [[_told(item) for item in field.items]]},
    }
    params = {"id": field.field_id, "fields": {"LIST": items}}
    return outbox.call_to(
        entity=LIST, purpose=PURPOSE, method="crm.company.userfield.update", params=params, check=check, at=at
    )


def _item(item: Mapping[str, Any], row: Status | None) -> dict[str, Any]:
    return {**item, "VALUE": row.name, "SORT": row.sort} if row else dict(item)


def _new_item(row: Status) -> dict[str, Any]:
    """One that the portal had before gets a new ID from it; one made here is found again by its code."""
    item: dict[str, Any] = {"VALUE": row.name, "SORT": row.sort}
    return item if row.portal_name else item | {"XML_ID": row.value}


def _told(item: Mapping[str, Any]) -> dict[str, Any]:
    return {key: item[key] for key in ITEM if key in item}
