"""Olga's rows, a row of every other kind, and a browser for each role. A row of a model without one is made by nobody:
`subject` says so, and where to add it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import Model
from django.test import Client
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from callguard import history
from callguard.access.actors import NOBODY
from callguard.access.tokens import CardToken, issued
from callguard.calls import Ring, record_call
from callguard.cleaning.looking import look
from callguard.models import (
    About,
    AccessLog,
    Account,
    Call,
    Conflict,
    Dispute,
    ExcuseRule,
    History,
    Letter,
    Notice,
    Origin,
    Palette,
    Rule,
    RuleSetVersion,
    Substitution,
)
from callguard.palettes import values_of
from crm_mirror import models as mirror
from crm_mirror import outbox
from tests import living
from tests.cast import (
    BORIS,
    IVAN,
    OLGA,
    PAVEL,
    SALES,
    STRANGER,
    mirror_synced,
    mirrored_company,
    mirrored_contact,
    mirrored_lead,
    mirrored_people,
    substitution,
)
from tests.permissions.roles import ANNA, OUTSIDERS, PERSONS, ROOT

COMPANY, CONTACT, LEAD, DEAL = "Секретная Ромашка", "Секретный Контакт", "Секретный Лид", "Секретная Сделка"
LINE = "Строка о Ромашке"
NUMBER, CALLED = "+79161230001", "+79161230002"  # of her company; what she called, a client of nobody here
CALL_ID = "call-of-olga"
SECRETS = (COMPANY, CONTACT, LEAD, DEAL, LINE, NUMBER, CALLED, OLGA.name)


@dataclass
class World:
    """`subjects`: by model the row that the matrix is about. Made once for a module, in a transaction of its own."""

    subjects: dict[type[Model], Any] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    forms: dict[str, dict[str, Any]] = field(default_factory=dict)  # what a page's form sends unchanged, by address

    def subject(self, model: type[Model]) -> Any:
        assert model in self.subjects, f"tests/permissions/world.py makes no row of {model._meta.label}"
        return self.subjects[model]

    def visitor(self, role: str) -> Visitor:
        return Visitor(role, self)


@dataclass
class Visitor:
    """Somebody of a role, asking over HTTP. What outsiders get is looked through for everything of Olga's."""

    role: str
    world: World

    @property
    def client(self) -> Client:
        return self.world.clients[self.role]

    def get(self, url: str, query: dict[str, Any] | None = None) -> Any:
        return self.checked(self.client.get(url, query or {}))

    def post(self, url: str, sent: dict[str, Any]) -> Any:
        return self.checked(self.client.post(url, sent))

    def checked(self, answer: Any) -> Any:
        """`told`: all that came, the address led to as well."""
        assert answer.status_code < 500, answer
        answer.told = text_of(answer)
        if self.role in OUTSIDERS:
            assert not [secret for secret in SECRETS if secret in answer.told], (self.role, answer)
        return answer

    def by_token(self, *, is_admin: bool) -> dict[str, str]:
        """Headers of his card; none for who has no token. `is_admin`: what the portal says of him in it."""
        if self.role not in PERSONS:
            return {}
        token = CardToken(PERSONS[self.role].id, True if is_admin else None)
        signed = issued(token, secret=settings.CARD_TOKEN_SECRET, ttl=timedelta(hours=1), at=timezone.now())
        return {"Authorization": f"Bearer {signed}"}


def text_of(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return f"{answer.headers.get('Location', '')} {body.decode(errors='replace')}"  # a workbook is no text


def made() -> World:
    cache.clear()
    world = World()
    people()
    hers(world)
    of_others()
    machinery(world)
    look(at=timezone.now())  # what is to be cleaned up about all of these
    for role, person in PERSONS.items():
        world.accounts[role] = Account.objects.create(
            username=role, is_staff=True, is_superuser=role == "superuser", employee_id=person.id
        )
    for role in ("anonymous", *PERSONS):
        world.clients[role] = Client(headers={"accept-language": "ru"})
        if role != "anonymous":
            world.clients[role].force_login(world.accounts[role])
    world.subjects[Account] = Account.objects.create(username="spare")
    return world


def people() -> None:
    mirrored_people()
    for person, is_admin in ((ANNA, True), (ROOT, None)):
        mirror.Employee.objects.create(
            portal_id=person.id, name=person.name, user_type="employee", is_portal_admin=is_admin
        )
    mirror_synced()


def hers(world: World) -> None:
    """Olga's clients and their number, her call to a stranger's client, her absence, a line about her company."""
    now = timezone.now()
    company = mirrored_company(COMPANY, phone=NUMBER, responsible=OLGA, status="В работе")
    contact = mirrored_contact(CONTACT, responsible=OLGA, companies=[company])
    won = {"semantic": "S", "closed": True, "moved_at": timezone.now()}
    refers = {"company_id": company.portal_id, "responsible_id": OLGA.id}
    deal = mirror.Deal.objects.create(portal_id=1, title=DEAL, **refers, **won)
    mirror.UnreadablePhone.objects.create(
        entity_type="company", entity_id=company.portal_id, value="спросить Ольгу", kind="unreadable"
    )
    mirrored_company("Ничья", phone=CALLED, responsible=STRANGER, status="В работе")
    call, _new = record_call(Ring(CALL_ID, CALLED, "outgoing"), caller_id=OLGA.id, at=now, language="ru")
    history.note(
        About.STATUS, company.portal_id, before=None, after="A", by=NOBODY, origin=Origin.API, at=now, title=LINE
    )
    history.note(About.RULE, "rules", before=1, after=2, by=NOBODY, origin=Origin.ADMIN, at=now)
    world.subjects |= {
        mirror.Company: company,
        mirror.Contact: contact,
        mirror.Lead: mirrored_lead(LEAD, responsible=OLGA),
        mirror.Deal: deal,
        mirror.PhoneNumber: mirror.PhoneNumber.objects.get(e164=NUMBER),
        mirror.Employee: mirror.Employee.objects.get(portal_id=OLGA.id),
        Call: call,
        Conflict: Conflict.objects.get(pk=call.pk),
        Dispute: Dispute.objects.create(call=call, by_id=OLGA.id, comment="Давно веду", at=now),
        Substitution: substitution(IVAN, of=OLGA),
        History: History.objects.get(title=LINE),
    }


def of_others() -> None:
    """Rows of the outsiders, so that no list is empty for want of rows."""
    for person, number in ((IVAN, "+79161230003"), (BORIS, "+79161230004"), (PAVEL, "+79161230005")):
        company = mirrored_company(f"Клиент: {person.id}", phone=number, responsible=person, status="В работе")
        mirrored_contact(f"Контакт: {person.id}", responsible=person, companies=[company])
        mirrored_lead(f"Лид: {person.id}", responsible=person)
        mirror.Deal.objects.create(portal_id=person.id, title=f"Сделка: {person.id}", responsible_id=person.id)
    substitution(BORIS, of=PAVEL)


def machinery(world: World) -> None:
    """A row of each kind that is administrators' alone, and a palette that no rule paints with."""
    now = timezone.now()
    palette = Palette.objects.get(code="red")
    spare = Palette.objects.create(**(values_of(palette) | {"code": "spare", "severity": 99}))
    outbox.enqueue(entity="company:5", purpose="status", method="crm.company.update", params={}, at=now)
    living.told("failed")
    living.compared("company", left=1)
    interval = IntervalSchedule.objects.create(every=5, period="minutes")
    mirror.StatusField.objects.create(kind="crm_status", field_id="57", reference="OURS", seen_at=now)
    mirror.SyncRun.objects.create(started_at=now - timedelta(minutes=2), finished_at=now, ok=True, full=True)
    rows = [
        mirror.UnreadablePhone.objects.create(entity_type="company", entity_id=5, value="?", kind="unreadable"),
        mirror.Quarantine.objects.create(kind="company", portal_id="x", reason="no number", row={}, seen_at=now),
        mirror.Change.objects.create(at=now, kind="company", portal_id=5, what="updated", facts={}, source="event"),
        mirror.Repair.objects.create(kind="lead", portal_id=5, at=now, what="missing"),
        mirror.Department.objects.get(portal_id=SALES),
        mirror.Status.objects.get(name="В работе"),
        PeriodicTask.objects.create(name="sync of tests", task="crm_mirror.tasks.sync", interval=interval),
        IntervalSchedule.objects.create(every=7, period="minutes"),
        CrontabSchedule.objects.create(minute="7"),
        RuleSetVersion.objects.latest("version"),
        Rule.objects.order_by("id")[0],
        ExcuseRule.objects.get(ground="called_back"),
        spare,
        AccessLog.objects.create(at=now, reader_name="Читатель", about_id=OLGA.id, page="person"),
        Notice.objects.create(key="conflict:0", kind="conflict", employee_id=OLGA.id, noted_at=now, state="told"),
        Letter.objects.create(key="digest:0", to="olga@example.com", created_at=now, next_attempt_at=now),
    ]
    first = (mirror.SyncRun, mirror.SyncCursor, mirror.InboxEvent, mirror.Drift, mirror.OutboxCall)
    world.subjects |= {type(row): row for row in rows} | {model: model._default_manager.all()[0] for model in first}
