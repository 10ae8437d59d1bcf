"""Who made a change that was seen in the portal, as far as that can be known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from crm_mirror.models import Change, InboxEvent

EVENTS = ("ONCRMCOMPANYUPDATE", "ONCRMCOMPANYADD")


@dataclass(frozen=True, slots=True)
class Told:
    """One event of a company: who acted, where the portal said so, and when we were done with it."""

    by: int | None
    received_at: datetime
    done_at: datetime | None = None

    def belongs_to(self, change: Change) -> bool:
        """Whether the look that brought the change may have been the first after this event."""
        return self.received_at <= change.at and (self.done_at is None or self.done_at >= change.at)


def events_of(changes: Sequence[Change]) -> Mapping[str, list[Told]]:
    """Events of the companies that were not done with before the first of these changes, by portal ID. One query."""
    found: defaultdict[str, list[Told]] = defaultdict(list)
    if not changes:
        return found
    first, last = min(change.at for change in changes), max(change.at for change in changes)
    ids = {change.portal_id for change in changes}
    events = InboxEvent.objects.filter(event__in=EVENTS, entity_id__in=ids, received_at__lte=last)
    for event in events.exclude(done_at__lt=first).only("entity_id", "user_id", "received_at", "done_at"):
        found[event.entity_id].append(Told(event.user_id, event.received_at, event.done_at))
    return found


def author_of(change: Change, events: Sequence[Told], *, column: str = "status_id") -> int | None:
    """Who surely changed this column; None when it could have been somebody else.

    The portal tells only who edited a row last (MODIFY_BY_ID, `by_id`). Events since the look before count the edits:
    all must be that person's. Where no event came, a change of nothing but the column is taken for one edit.
    """
    told = [event.by for event in events if event.belongs_to(change)]
    if not told:
        return change.by_id if change.what == Change.What.CREATED or set(change.facts) == {column} else None
    if len(told) == 1:
        return change.by_id if told[0] in (None, change.by_id) else None
    return change.by_id if set(told) == {change.by_id} else None
