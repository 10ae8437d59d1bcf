"""A portal, people who change statuses in it, and all that can go wrong; and what must be true at the end whatever did.

Everything runs in this process: the sandbox portal on a port of its own, rounds as cron and workers run them, events
put into the inbox as the portal would post them. A process that dies is one whose every further statement fails.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from django.core.cache import cache
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone

from callguard import history
from callguard.access.actors import employee_actor
from callguard.models import About, CompanyStatus, Origin
from callguard.status.change import NoSuchStatus, NotAllowed, set_status, value_set_by
from crm_mirror import inbox, rounds, tasks
from crm_mirror.models import Company, Department, InboxEvent, MethodPause, OutboxCall, SyncLease
from crm_mirror.models import Employee as Mirrored
from crm_mirror.portal.errors import PortalError
from crm_mirror.sandbox.server import running
from crm_mirror.sync.cursors import Overtaken
from crm_mirror.sync.lease import AlreadyRunning
from tests.portal import ADMINISTRATOR, Employee, PortalDriver

STATUSES = ("В ожидании", "В обработке", "В работе")
DOUBTS = frozenset({"unknown_author", "left_meanwhile", "may_be_administrator", "flags_only", "refused"})
PEOPLE = ("olga", "ivan", "marina", "boris", "petr", "anna", "igor")
QUIET_AFTER = 8  # rounds in which everything must have come to rest
STOPPED = (PortalError, AlreadyRunning, Overtaken)


class Killed(BaseException):
    """The process is gone."""


@contextmanager
def dying(after: int) -> Iterator[None]:
    """The process dies at its statement of this number, and does nothing any more: its transactions are undone."""
    left = after

    def statement(execute: Callable[..., Any], sql: str, *args: Any) -> Any:
        nonlocal left
        left -= 1
        undoes = sql.startswith(("ROLLBACK", "RELEASE"))  # by the database, when the connection is gone
        if left < 0 and not undoes:
            raise Killed
        return execute(sql, *args)

    with suppress(Killed), connection.execute_wrapper(statement):
        yield
    transaction.set_rollback(False)  # what was under way is undone, and nothing before it
    SyncLease.objects.all().delete()  # its leases are those of no living process (sync.lease)


@contextmanager
def world() -> Iterator[World]:
    """A portal of its own and a database as it was, for one history."""
    with running("empty", limits_on=False) as server, transaction.atomic():
        with override_settings(BITRIX_WEBHOOK_URL=server.webhook, PORTAL_ORIGIN=server.url, BITRIX_RATE_PER_SECOND=0.0):
            cache.clear()
            yield World(PortalDriver(server))
        transaction.set_rollback(True)


@dataclass
class Book:
    """What is known of one company from outside: who set what, and whose word counted."""

    set_by: list[tuple[str, int]] = field(default_factory=list)  # value, person
    given: set[str] = field(default_factory=set)  # values that came with it, or that the program gave it
    saved_over: set[tuple[str, int]] = field(
        default_factory=set
    )  # what stood there when somebody saved something else, or it again
    responsibles: set[int] = field(default_factory=set)
    rightful: set[tuple[str, int]] = field(default_factory=set)  # by who was known to be allowed at that moment


class World:
    """Olga and Ivan sell, Marina heads them; Petr works for Boris; Anna is an administrator, Igor might be one."""

    def __init__(self, portal: PortalDriver) -> None:
        self.portal = portal
        assert portal.status_field
        self.people: dict[str, Employee] = {}
        self.homes: dict[str, int] = {}
        self._hire()
        self.active = set(PEOPLE)
        self.books: dict[int, Book] = {}
        self.late: list[tuple[int, int]] = []
        self.events_lie = False  # an event was lost or came late: then several edits may look like one
        self.heads_ever: defaultdict[int, set[int]] = defaultdict(set)
        self.edits = self.own = 0
        for name in ("marina", "boris"):
            self.heads_ever[self.homes[name]].add(self.people[name].id)
        for responsible in ("olga", "ivan", "petr"):
            self.add_company(responsible, "В ожидании", by="anna")
        portal.portal.clock.advance(600)
        rounds.whole_round()
        Mirrored.objects.update(is_portal_admin=False)
        Mirrored.objects.filter(portal_id__in=self.administrators).update(is_portal_admin=True)
        Mirrored.objects.filter(portal_id=self.people["igor"].id).update(is_portal_admin=None)

    def _hire(self) -> None:
        for name in PEOPLE:
            self.people[name] = self.portal.add_employee(f"{name.title()} Работник", admin=name == "anna")
        for title, head, members in (("Продажи", "marina", ("olga", "ivan", "igor")), ("Прочие", "boris", ("petr",))):
            department = self.portal.add_department(title, head=self.people[head])
            for name in (head, *members):
                self.homes[name] = department
                self.portal.move_employee(self.people[name], department)

    @property
    def administrators(self) -> set[int]:
        return {ADMINISTRATOR, self.people["anna"].id}

    @property
    def companies(self) -> list[int]:
        return list(self.books)

    # --- What people do ----------------------------------------------------------------------------------------------
    def add_company(self, responsible: str, status: str | None, *, by: str, way: str = "told") -> None:
        if not {responsible, by} <= getattr(self, "active", set(PEOPLE)):
            return
        people = self.people
        company = self.portal.add_company("Клиент", responsible=people[responsible], status=status, by=people[by])
        book = self.books[company] = Book(responsibles={people[responsible].id})
        book.given = {self.value(status), self.value("В ожидании")} if status else {self.value("В ожидании"), ""}
        self.tell(company, people[by].id, way, event="ONCRMCOMPANYADD")

    def edit(self, place: int, who: str, what: str | int, way: str) -> None:
        """`what`: how many statuses on, "" for none, "title", or the name of the person who becomes responsible."""
        if who not in self.active:
            return
        company, person = self.companies[place % len(self.companies)], self.people[who]
        book, shown = self.books[company], self.portal.status_of(company)
        self.edits += 1
        self._note_lie(way)
        if what == "title":
            self.portal.update_company(company, TITLE=f"Клиент {self.edits}", by=person)
        elif what in PEOPLE:
            self.portal.update_company(company, responsible=self.people[what], by=person)
            book.responsibles.add(self.people[what].id)
        else:
            status = self._other_than(shown, what) if isinstance(what, int) else None
            if self.value(status) != shown:
                edit = (self.value(status), person.id)
                if edit not in book.set_by and self._surely_may(company, person.id):
                    book.rightful.add(edit)  # of the same edit made twice the history does not tell which was put back
                book.set_by.append(edit)
            self.portal.update_company(company, status=status, by=person)
        if self.portal.status_of(company) == shown:
            book.saved_over.add((shown, person.id))
        self.tell(company, person.id, way)

    def set_here(self, place: int, who: str, by: int) -> None:
        """A PATCH, or a page of the admin: a status that is `by` further on."""
        company = self.companies[place % len(self.companies)]
        row = Company.objects.live().filter(portal_id=company).first()
        if row is None:
            return
        person, status = self.people[who].id, self._other_than(row.status_id or "", by)
        try:
            set_status(row, self.value(status), by=employee_actor(person), origin=Origin.API, at=timezone.now())
        except (NotAllowed, NoSuchStatus):
            return
        assert self.may_ever(company, person)
        self.own += 1
        self.books[company].set_by.append((self.value(status), person))

    def set_head(self, department: str, who: str | None) -> None:
        home = self.homes[department]
        if who and who in self.active:
            self.heads_ever[home].add(self.people[who].id)
            self.portal.set_head(home, self.people[who])
        elif who is None:
            self.portal.set_head(home, None)

    def dismiss(self, who: str) -> None:
        self.active.discard(who)
        self.portal.dismiss(self.people[who])

    # --- What the portal tells ---------------------------------------------------------------------------------------
    def tell(self, company: int, by: int, way: str, *, event: str = "ONCRMCOMPANYUPDATE") -> None:
        if way == "late":
            self.late.append((company, by))
        for _ in range({"told": 1, "twice": 2}.get(way, 0)):
            self._post(company, by, event)

    def tell_late(self) -> None:
        for company, by in self.late:
            self._post(company, by, "ONCRMCOMPANYUPDATE")
        self.late = []

    def _post(self, company: int, by: int, event: str) -> None:
        told = {"event": event, "data": {"FIELDS": {"ID": str(company)}}, "auth": {"user_id": str(by)}}
        inbox.store(told, at=timezone.now())

    def _note_lie(self, way: str) -> None:
        self.events_lie = self.events_lie or way in {"lost", "late"}

    # --- What we do --------------------------------------------------------------------------------------------------
    def look(self, how: str) -> None:
        """As cron or a worker does, which lives on whatever the portal says."""
        with suppress(*STOPPED):
            {
                "round": rounds.whole_round,
                "delta": tasks.sync_portal,
                "inbox": tasks.drain_inbox,
                "outbox": tasks.deliver_outbox,
            }[how]()

    def die(self, how: str, after: int) -> None:
        with dying(after):
            self.look(how)

    def time_passes(self) -> None:
        """What was put off is due."""
        OutboxCall.objects.update(next_attempt_at=timezone.now())
        InboxEvent.objects.update(next_attempt_at=timezone.now())
        MethodPause.objects.all().delete()

    def come_to_rest(self) -> None:
        self.portal.heal()
        self.tell_late()
        for _ in range(QUIET_AFTER):
            self.time_passes()
            if not rounds.whole_round().written_back and not self.is_open():
                break

    def is_open(self) -> bool:
        """Whether something is on its way, or was and has not been seen back."""
        return (
            CompanyStatus.objects.exclude(sent=None).exists()
            or OutboxCall.objects.filter(state__in=["waiting", "sending"]).exists()
        )

    # --- What is true ------------------------------------------------------------------------------------------------
    def _other_than(self, value: str, by: int) -> str:
        """The status that is so much further on in the reference."""
        place = next((place for place, status in enumerate(STATUSES) if self.value(status) == value), 0)
        return STATUSES[(place + by) % len(STATUSES)]

    def value(self, status: str | None) -> str:
        return str(self.portal.status_value(status) or "") if status else ""

    def may_ever(self, company: int, person: int) -> bool:
        """Whether this person was an administrator, or managed a responsible of the company, at any moment."""
        homes = {home for name, home in self.homes.items() if self.people[name].id in self.books[company].responsibles}
        return person in self.administrators or any(person in self.heads_ever[home] for home in homes)

    def _surely_may(self, company: int, person: int) -> bool:
        """By what portal and mirror both say now. Heads are asked, not who stands in for himself."""
        row = Company.objects.filter(portal_id=company).first()
        if row is None or row.responsible_id != int(self.portal.get("company", company)["ASSIGNED_BY_ID"]):
            return False
        home = next((home for name, home in self.homes.items() if self.people[name].id == row.responsible_id), None)
        known = Department.objects.filter(portal_id=home, head_id=person).exists()
        in_portal = home is not None and self.portal.store.departments[home].get("UF_HEAD") == str(person)
        is_known = Mirrored.objects.filter(portal_id=person, active=True).exists()
        return person in self.administrators or (known and in_portal and is_known and person != row.responsible_id)

    def check(self) -> None:
        """What must be true whatever happened, once everything has come to rest."""
        self._nothing_is_lost_and_nothing_loops()
        for company, book in self.books.items():
            self._mirror_is_true(company)
            self._what_counts_was_set_by_who_may(company, book)
            self._nobody_rightful_was_put_back(company, book)

    def _nothing_is_lost_and_nothing_loops(self) -> None:
        assert not self.is_open()
        calls = OutboxCall.objects.filter(purpose="status")
        lost = calls.filter(state__in=["refused", "dead"]).exclude(error__startswith="overtaken")
        noted = {f"company:{line.object_id}" for line in history.History.objects.filter(ground="refused")}
        for call in lost:  # what a later call or a person has brought about is not lost
            is_kept = CompanyStatus.objects.filter(refused=call).exists() or call.entity in noted
            later = calls.filter(entity=call.entity, pk__gt=call.pk, state="done").exists()
            assert is_kept or later or self.portal.status_of(int(call.entity[8:])) == (value_set_by(call) or "")
        assert calls.count() <= self.edits + self.own + len(self.books)
        before = len(self.portal.log)
        assert [rounds.whole_round().written_back for _ in range(2)] == [0, 0]
        assert len(self.portal.log) > before  # the rounds did ask

    def _mirror_is_true(self, company: int) -> None:
        row, there = Company.objects.get(portal_id=company), self.portal.get("company", company)
        assert (row.status_id or "", row.responsible_id) == (
            self.portal.status_of(company),
            int(there["ASSIGNED_BY_ID"]),
        )

    def _what_counts_was_set_by_who_may(self, company: int, book: Book) -> None:
        shown = self.portal.status_of(company)
        standing = CompanyStatus.objects.filter(company_id=company).first()
        if standing is None:
            assert shown in book.given
            return
        accepted = standing.accepted or ""
        assert standing.flagged_at or shown == accepted
        lines = history.of(About.STATUS, company)
        doubted = {line.after or "" for line in lines if line.ground in DOUBTS}
        # where an event was lost or late, who saved something else passes for who set what stood there
        set_by = [*book.set_by, *(book.saved_over if self.events_lie else ())]
        rightly = {value for value, person in set_by if self.may_ever(company, person)} | book.given
        assert accepted in rightly | doubted
        assert shown in rightly | doubted

    def _nobody_rightful_was_put_back(self, company: int, book: Book) -> None:
        lines = history.of(About.STATUS, company).filter(origin=Origin.PORTAL, ground="not_allowed")
        put_back = {(line.after or "", line.actor_id) for line in lines}
        assert not put_back & book.rightful
