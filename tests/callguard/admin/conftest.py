"""A superuser and a mirror with a row of every kind, as the admin's pages show them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from callguard import history
from callguard.calls import Ring, end_call, record_call
from callguard.disputes import dispute
from callguard.models import About, AccessLog, Account, Letter, Notice, Origin
from crm_mirror import outbox
from crm_mirror.models import Change, Contact, Deal, Employee, Quarantine, Repair, SyncCursor, SyncRun, UnreadablePhone
from tests import living
from tests.cast import (
    BORIS,
    IVAN,
    MARINA,
    OLGA,
    STRANGER,
    mirror_synced,
    mirrored_company,
    mirrored_contact,
    mirrored_lead,
    mirrored_people,
    substitution,
)

ROMASHKA = "8 (916) 123-45-67"
VERA, PROJECT, PARUS = "+7 903 222-33-44", "+7 905 333-44-55", "+7 495 200-10-30"


@pytest.fixture
def superuser(db: None) -> Account:
    """Without a password: hashing one takes longer than most tests."""
    return Account.objects.create(username="root", is_staff=True, is_superuser=True, employee_id=IVAN.id)


@pytest.fixture
def pages(superuser: Account) -> Client:
    """A browser without JavaScript, signed in as the superuser; Russian, the site's default."""
    client = Client(headers={"accept-language": "ru"})
    client.force_login(superuser)
    return client


@pytest.fixture
def mirror(db: None) -> None:
    """Rows of every kind: people, clients of every tier, phones good and bad, runs, quarantine."""
    mirrored_people()
    mirrored_clients("")
    substitution(IVAN, of=MARINA)
    mirror_synced()
    now = timezone.now()
    SyncRun.objects.create(started_at=now - timedelta(minutes=2), finished_at=now, ok=True, full=True, report=REPORT)
    SyncRun.objects.create(started_at=now - timedelta(days=1), finished_at=now, ok=False, error="QUERY_LIMIT_EXCEEDED")
    interval = IntervalSchedule.objects.create(every=5, period="minutes")
    CrontabSchedule.objects.create(minute="7")
    PeriodicTask.objects.create(name="sync of tests", task="crm_mirror.tasks.sync", interval=interval)


REPORT = {
    "entities": {"company": {"seen": 3, "created": 2, "updated": 1, "deleted": 0, "quarantined": 1}},
    "requests": 7,
    "seconds": 1.5,
}


def mirrored_clients(mark: str) -> None:
    """A client of every tier with whatever hangs on it, `mark` in each name. May be called again for more rows."""
    now = timezone.now()
    romashka = mirrored_company(f"ООО «Ромашка»{mark}", phone=ROMASHKA, responsible=OLGA, status="В работе")
    mirrored_company(f"Бывшая{mark}", responsible=STRANGER, status="не из справочника", deleted=True)
    mirrored_contact(f"Пётр Иванов{mark}", phone=PARUS, responsible=BORIS, companies=[romashka])
    mirrored_contact(f"Вера Одинцова{mark}", phone=VERA, responsible=OLGA)
    mirrored_lead(f"Проект коттеджа{mark}", phone=PROJECT, responsible=OLGA)
    contact = Contact.objects.order_by("-id")[0]
    Deal.objects.create(
        portal_id=romashka.portal_id, title=f"Поставка{mark}", stage_id="NEW", semantic="P", amount="1000.50",
        currency="RUB", company_id=romashka.portal_id, contact_id=contact.portal_id, responsible_id=OLGA.id,
        created_by_id=STRANGER.id, modified_by_id=IVAN.id,
    )  # fmt: skip
    UnreadablePhone.objects.create(
        entity_type="company", entity_id=romashka.portal_id, value=f"спросить Петю{mark}", kind="unreadable"
    )
    Quarantine.objects.create(
        kind="company", portal_id=f"x{mark}", reason="ID is no number", row={"TITLE": "Ромашка <b>"}, seen_at=now
    )
    SyncCursor.objects.get_or_create(kind=f"company{mark}")
    outbox.enqueue(
        entity=f"company:{romashka.portal_id}", purpose="status", method="crm.company.update", params={}, at=now
    )
    Change.objects.create(
        at=now, kind="company", portal_id=romashka.portal_id, what="updated", facts={"title": ["А", f"Б{mark}"]},
        by_id=IVAN.id, lag_s=2.5, source="event",
    )  # fmt: skip
    Change.objects.create(
        at=now, kind="call", portal_id=f"externalCall.1{mark}", what="ended", by_id=STRANGER.id, source="event"
    )
    living.told("failed")
    living.compared("company", left=1)
    Repair.objects.create(kind="lead", portal_id=contact.portal_id, at=now, what="missing")
    Employee.objects.create(portal_id=romashka.portal_id + 100_000, name=f"Новый{mark}")


@pytest.fixture
def calls(mirror: None) -> None:
    rung("red", ROMASHKA, caller=IVAN.id)
    rung("blue", PROJECT, caller=IVAN.id)
    rung("hidden", "anonymous", caller=BORIS.id)
    now = timezone.now()
    AccessLog.objects.create(at=now, reader_name="Марина", about_id=OLGA.id, page="person")
    Notice.objects.create(key="conflict:0", kind="conflict", employee_id=OLGA.id, noted_at=now, state="told")
    Letter.objects.create(key="digest:0", to="olga@example.com", created_at=now, next_attempt_at=now)
    dispute("red", caller_id=IVAN.id, comment="Мой клиент", at=timezone.now())
    end_call("red", caller_id=IVAN.id, answered=False, duration=0, at=timezone.now())
    history.note(About.STATUS, 5, before=None, after="A", by=None, origin=Origin.PORTAL, at=timezone.now())


def rung(call_id: str, phone: str, *, caller: int, direction: str = "outgoing") -> None:
    record_call(Ring(call_id, phone, direction), caller_id=caller, at=timezone.now(), language="ru")
