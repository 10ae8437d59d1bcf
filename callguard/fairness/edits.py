"""What happened to the client of a conflict: to whom it belonged, in which status, under which numbers.

From the mirror's feed, and from our own history where the change was made here or the feed has forgotten it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from callguard.fairness.grounds import NUMBERS, RESPONSIBLE, STATUS, Edit, Who
from callguard.fairness.kept import feed_remembers_since
from callguard.models import About, Call, History, Origin
from callguard.status.authors import Told, author_of, events_of
from callguard.status.standing import names_of_statuses
from crm_mirror.models import Change

COLUMNS = {"responsible_id": RESPONSIBLE, "status_id": STATUS, "numbers": NUMBERS}
LINES = {About.RESPONSIBLE: RESPONSIBLE, About.STATUS: STATUS}
MADE_HERE = (Origin.ADMIN, Origin.API, Origin.COMMAND)  # by people; what the guard puts back has changed nothing


class Client(NamedTuple):
    """An entity of the mirror."""

    kind: str
    id: int


class Names:
    """What people and statuses are called, whoever they are."""

    def __init__(self, people: Mapping[int, str]) -> None:
        self.people = people
        self.statuses = names_of_statuses()

    def who(self, portal_id: int | None) -> Who | None:
        return None if portal_id is None else Who(portal_id, self.people.get(portal_id, ""))

    def word(self, what: str, value: object) -> str:
        """ "" of nobody, of no status and of no number."""
        if isinstance(value, list | tuple):
            return ", ".join(map(str, value))
        if value is None:
            return ""
        if what == RESPONSIBLE:
            return self.people.get(value, f"ID {value}") if isinstance(value, int) else str(value)
        return self.statuses.get(str(value), str(value)) if what == STATUS else str(value)


def clients_of(call: Call) -> list[Client]:
    """Whoever's change may tell: the decisive entity, and the contact that led to it."""
    found = [Client(call.entity_type, call.entity_id)] if call.entity_id is not None else []
    contact = call.verdict.get("contact")
    return [*found, Client("contact", contact["id"])] if contact else found


def edits_of(
    calls: Sequence[Call], people: Mapping[int, str], *, since: datetime, at: datetime
) -> dict[int, tuple[Edit, ...]]:
    """By call's pk, what happened since that moment to its client. Four queries."""
    clients = {client for call in calls for client in clients_of(call)}
    names = Names(people)
    edits: defaultdict[Client, list[tuple[Edit, frozenset[str]]]] = defaultdict(list)
    for client, edit, numbers in (*_told(clients, names, since), *_noted(clients, names, since, at)):
        edits[client].append((edit, numbers))
    return {
        call.pk: tuple(
            edit
            for client in clients_of(call)
            for edit, numbers in edits[client]
            if _concerns(edit, numbers, client, call)
        )
        for call in calls
    }


def _concerns(edit: Edit, numbers: frozenset[str], client: Client, call: Call) -> bool:
    """Of numbers those that came or went; of a contact that led to a company nothing else."""
    if edit.what == NUMBERS:
        return call.number in numbers
    return client == Client(call.entity_type, call.entity_id or 0)


Found = tuple[Client, Edit, frozenset[str]]


def _told(clients: set[Client], names: Names, since: datetime) -> Iterator[Found]:
    """By the feed. An echo of our own call is left to the history, which knows who made it. Two queries."""
    of_them = Q(pk=None)
    for kind in {client.kind for client in clients}:
        of_them |= Q(kind=kind, portal_id__in=[str(client.id) for client in clients if client.kind == kind])
    rows = Change.objects.filter(of_them, at__gte=since, echo_of=None).exclude(what=Change.What.DELETED)
    changes = [change for change in rows.order_by("id") if COLUMNS.keys() & change.facts.keys()]
    events = events_of([change for change in changes if change.kind == "company"])
    for change in changes:
        yield from _edits_in(change, events.get(change.portal_id, ()) if change.kind == "company" else (), names)


def _edits_in(change: Change, events: Sequence[Told], names: Names) -> Iterator[Found]:
    for column in COLUMNS.keys() & change.facts.keys():
        before, after = change.facts[column]
        what = COLUMNS[column]
        edit = Edit(
            what,
            names.word(what, before),
            names.word(what, after),
            change.modified_at,
            change.at,
            by=names.who(author_of(change, events, column=column)),
            was=before if what == RESPONSIBLE else None,
        )
        numbers = frozenset(before or ()) ^ frozenset(after or ()) if what == NUMBERS else frozenset()
        yield Client(change.kind, int(change.portal_id)), edit, numbers


def _noted(clients: set[Client], names: Names, since: datetime, at: datetime) -> Iterator[Found]:
    """By our history: what people changed here, and of companies what the feed has forgotten. One query."""
    companies = [str(client.id) for client in clients if client.kind == "company"]
    forgotten = Q(origin=Origin.PORTAL, at__lt=feed_remembers_since(at))
    rows = History.objects.filter(Q(origin__in=MADE_HERE) | forgotten, about__in=LINES, object_id__in=companies)
    for line in rows.filter(at__gte=since).order_by("id"):
        what = LINES[About(line.about)]
        edit = Edit(
            what,
            names.word(what, line.before),
            names.word(what, line.after),
            None if line.origin == Origin.PORTAL else line.at,
            line.at,
            by=Who(line.actor_id, line.actor_name) if line.actor_id else None,
            was=line.before if what == RESPONSIBLE else None,
        )
        yield Client("company", int(line.object_id)), edit, frozenset()
