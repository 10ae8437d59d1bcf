"""Our own writes as they come back: a change is the echo of an outbox call that wrote its new value.

The value alone decides, not who changed the row last: between our write and our look somebody may have edited
another field. So a person who sets the very value that we have just set is taken for us, which harms nobody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from crm_mirror.models import Change, OutboxCall

WINDOW = timedelta(days=1)  # the mirror may have stood still for so long before it looks
COLUMNS = {  # portal field → column, of what is written by crm.*.update
    "TITLE": "title",
    "ASSIGNED_BY_ID": "responsible_id",
    "STATUS_ID": "status_id",
    "STAGE_ID": "stage_id",
}


def mark(changes: Sequence[Change]) -> None:
    """Set `echo_of` of the changes that are echoes, before they are inserted. Inside the caller's `writing()`.

    A call counts from the moment it is under way: its echo may overtake its answer. One query where rows changed, and
    one more where an echo was found.
    """
    changed = [change for change in changes if change.what == Change.What.UPDATED]
    if not changed:
        return
    unseen = _unseen(changed[0].at)
    echoed: list[int] = []
    for change in changed if unseen else ():
        calls = unseen.get(f"{change.kind}:{change.portal_id}", [])
        # The oldest that fits: of two equal writes the later one may still be on its way.
        place = next((at for at, call in enumerate(calls) if is_echo(change.facts, written_by(call))), None)
        if place is not None:
            change.echo_of = calls[place].pk
            echoed += [call.pk for call in calls[: place + 1]]  # earlier ones were overwritten before we looked
    if echoed:
        OutboxCall.objects.filter(pk__in=echoed).update(echoed_at=changed[0].at)


def is_echo(facts: Mapping[str, Any], written: Mapping[str, str]) -> bool:
    """Whether all that both tell of is the same. `facts` as in models.Change."""
    both = facts.keys() & written.keys()
    return bool(both) and all(spelled(facts[column][1]) == written[column] for column in both)


def written_by(call: OutboxCall) -> dict[str, str]:
    """Columns of the mirror and what the call sets them to."""
    columns = COLUMNS | {settings.BITRIX_STATUS_FIELD: "status_id"}
    fields = call.params.get("fields") or {}
    return {columns[field]: spelled(value) for field, value in fields.items() if field in columns}


def spelled(value: object) -> str:
    """One spelling for 7 and "7", and for the portal's many ways to say nothing."""
    return "" if value in (None, False, 0, "0", []) else str(value)


def _unseen(at: datetime) -> dict[str, list[OutboxCall]]:
    """Calls sent of late whose echo has not come, by entity, in their order."""
    sent = OutboxCall.objects.filter(
        state__in=[OutboxCall.State.SENDING, OutboxCall.State.DONE], echoed_at=None, sent_at__gt=at - WINDOW
    )
    found: defaultdict[str, list[OutboxCall]] = defaultdict(list)
    for call in sent.order_by("id").only("entity", "params"):
        found[call.entity].append(call)
    return found
