"""What tests of a kind share: events as the portal sends them, the worker of the inbox, a mirror compared."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from crm_mirror import inbox
from crm_mirror.models import InboxEvent, PhoneNumber
from crm_mirror.sync import events
from crm_mirror.sync.reconcile import reconcile
from crm_mirror.sync.report import SyncReport
from crm_mirror.sync.work import Work, at_work

State = InboxEvent.State


@pytest.fixture
def drain(portal, db) -> Callable[[], SyncReport]:
    """What the worker does: returns the report."""

    def run() -> SyncReport:
        with at_work(Work.INBOX) as bench:
            events.drain(bench)
        return bench.report

    return run


@pytest.fixture
def told(db) -> Callable[..., InboxEvent]:
    """told("ONCRMCOMPANYUPDATE", 5): such an event has come in."""

    def store(event: str, entity_id: object = None, *, by: object = None, data: Any = None) -> InboxEvent:
        facts = data if data is not None else {"FIELDS": {"ID": str(entity_id)}}
        return inbox.store({"event": event, "data": facts, "auth": {"user_id": by}}, at=timezone.now())

    return store


@pytest.fixture
def compare(portal, db):
    """reconcile() as the command calls it; `between` happens before each request."""

    def run(*, repair=False, allow_mass_delete=False, between=None):
        with at_work(Work.RECONCILE) as bench:
            bench = replace(bench, tick=between) if between else bench
            return reconcile(bench, repair=repair, allow_mass_delete=allow_mass_delete)

    return run


@pytest.fixture
def small(portal, sync):
    """A portal with some of everything, mirrored."""
    dice = random.Random(3)
    olga = portal.add_employee("Ольга Петрова")
    portal.add_department("Продажи", head=olga)
    companies = [portal.add_company(f"Компания {n}", phone=f"+7916{n:07}", status="В работе") for n in range(30)]
    for n in range(20):
        portal.add_contact(f"Иван Сидоров-{n}", phone=f"+7925{n:07}", companies=dice.sample(companies, n % 4))
        portal.add_lead(f"Звонок {n}", phone=f"8495{n:07}")
        portal.add_deal(f"Поставка {n}", company=companies[n])
    sync()
    return companies


def found(report):
    """Kinds with drift: (missing, surplus, different, repaired, left)"""
    return {
        name: (one.missing, one.surplus, one.different, one.repaired, one.left)
        for name, one in report.kinds.items()
        if one.missing or one.surplus or one.different or one.left
    }


def states() -> list[str]:
    return sorted(InboxEvent.objects.values_list("state", flat=True))


def waiting() -> QuerySet[InboxEvent]:
    return InboxEvent.objects.filter(state=State.WAITING)


def try_again_now() -> None:
    waiting().update(next_attempt_at=timezone.now())


def numbers_of(company: int) -> list[str]:
    return sorted(PhoneNumber.objects.filter(entity_id=company).values_list("e164", flat=True))
