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
    """One event of a company: who acted, where the portal said so, and when we were done with it.

    `may_be_several`: it came out of the portal's queue, which keeps one line for repeated edits of a row (rest.md §7).
    """

    by: int | None
    received_at: datetime
    done_at: datetime | None = None
    may_be_several: bool = False

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
    for event in events.exclude(done_at__lt=first).values_list(
        "entity_id", "user_id", "received_at", "done_at", "is_offline"
    ):
        found[event[0]].append(Told(*event[1:]))
    return found


def author_of(change: Change, events: Sequence[Told], *, column: str = "status_id") -> int | None:
    """Who surely changed this column; None when it could have been somebody else.

    The portal tells only who edited a row last (MODIFY_BY_ID, `by_id`). Events since the look before count the edits:
    all must be that person's. Where no event came, a change of nothing but the column is taken for one edit.
    """
    told = [event for event in events if event.belongs_to(change)]
    users = {event.by for event in told}
    if len(told) > 1:
        return change.by_id if users == {change.by_id} else None
    is_counted = any(not event.may_be_several for event in told)
    looks_single = is_counted or change.what == Change.What.CREATED or set(change.facts) == {column}
    return change.by_id if looks_single and users <= {None, change.by_id} else None
