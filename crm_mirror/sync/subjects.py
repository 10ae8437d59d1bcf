"""What waiting events are about, and what becomes of the events: done, put off, given up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crm_mirror.models import InboxEvent
from crm_mirror.sync.hints import ENTITIES, NOTHING, SUBJECTS

State = InboxEvent.State
MOST_EVENTS = 20_000  # looked at together: the more, the fewer questions
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(hours=1)
MOST_ATTEMPTS = 33  # about a day
AT_ONCE = 1000  # IDs in one statement


@dataclass(eq=False)
class Subject:
    """One thing that events are about, with all of them that wait. `key`: portal ID as text, of a call its call ID."""

    kind: str  # a name of sync.kinds, or one of sync.hints
    key: str
    events: list[int] = field(default_factory=list)
    users: set[int | None] = field(default_factory=set)
    attempts: int = 0

    @property
    def id(self) -> int:
        return int(self.key)

    @property
    def by(self) -> int | None:
        """Who acted, where all the events say the same."""
        return next(iter(self.users)) if len(self.users) == 1 else None


def due(at: datetime) -> list[Subject]:
    """What the events are about whose time has come, in the order of the first of each. One query."""
    waiting = InboxEvent.objects.filter(state=State.WAITING, next_attempt_at__lte=at).order_by("id")
    found: dict[tuple[str, str], Subject] = {}
    for row_id, event, key, user_id, attempts in waiting.values_list("id", "event", "entity_id", "user_id", "attempts")[
        :MOST_EVENTS
    ]:
        kind = SUBJECTS.get(event, NOTHING)
        if kind in (*ENTITIES, "employee") and not key.isdecimal():
            kind = NOTHING  # somebody put an unreadable one back to waiting
        one = found.setdefault((kind, key), Subject(kind, key))
        one.events.append(row_id)
        one.users.add(user_id)
        one.attempts = max(one.attempts, attempts)
    return list(found.values())


def finish(subjects: Iterable[Subject], *, at: datetime) -> None:
    """Their events are done. Those that came meanwhile go on waiting."""
    for ids in _stretches([event for one in subjects for event in one.events]):
        InboxEvent.objects.filter(id__in=ids, state=State.WAITING).update(state=State.DONE, done_at=at, note="")


def put_off(reasons: Mapping[Subject, str], *, at: datetime) -> None:
    """Their events wait longer each time, and are given up after about a day."""
    alike: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
    for one, reason in reasons.items():
        alike[one.attempts + 1, reason] += one.events
    for (attempts, reason), events in alike.items():
        state = State.FAILED if attempts >= MOST_ATTEMPTS else State.WAITING
        next_at = at + min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempts - 1))
        for ids in _stretches(events):
            InboxEvent.objects.filter(id__in=ids, state=State.WAITING).update(
                state=state, attempts=attempts, next_attempt_at=next_at, note=reason
            )


def _stretches(ids: list[int]) -> Iterable[list[int]]:
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))
