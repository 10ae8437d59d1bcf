"""kill -9 at any moment of a full sync: the next run goes on, and the mirror ends as if nothing had happened."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator

import pytest

from crm_mirror.models import (
    Company,
    Contact,
    ContactCompany,
    Deal,
    Department,
    Employee,
    Lead,
    PhoneNumber,
    Quarantine,
    Status,
    SyncCursor,
    UnreadablePhone,
)
from crm_mirror.sandbox import references
from crm_mirror.sandbox.data import generated, status_field
from crm_mirror.sandbox.server import SandboxServer, running
from crm_mirror.sandbox.store import Store
from tests.process import Nursery

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

KILLS = 50
OUR_NUMBERS = {"id", "read_ticket", "links_ticket"}
MIRROR = (Company, Contact, Lead, Deal, Employee, Department, ContactCompany, PhoneNumber, UnreadablePhone, Status)


@pytest.fixture
def portal() -> Iterator[SandboxServer]:
    """Enough rows for several requests, some kinds of more than one run."""
    store = Store()
    references.seed(store)
    generated.fill(store, status_field.provision(store, "enumeration"), entities=6000, seed=7)
    store.index()
    with running(store=store, limits_on=False) as server:
        yield server


@pytest.fixture
def nursery(portal: SandboxServer) -> Iterator[Nursery]:
    nursery = Nursery("sync --full", portal.webhook)
    yield nursery
    nursery.close()


def mirror() -> dict[str, list[tuple[object, ...]]]:
    """Everything a verdict may depend on, without our own row IDs and numbers of requests."""
    return {
        model.__name__: sorted(
            tuple(str(value) for value in row) for row in model.objects.values_list(*columns_of(model))
        )
        for model in MIRROR
    }


def columns_of(model) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields if field.attname not in OUR_NUMBERS]


def forget() -> None:
    for model in (*MIRROR[:-1], SyncCursor, Quarantine):
        model.objects.all().delete()


def test_fifty_kills_leave_the_mirror_of_an_undisturbed_sync(nursery):
    assert nursery.run() == 0
    forget()
    began = time.monotonic()
    assert nursery.run() == 0
    undisturbed_s = time.monotonic() - began
    expected = mirror()
    assert len(expected["Company"]) == 3600
    forget()

    dice = random.Random(20260301)
    # Each run goes on where the last one was killed, so half an undisturbed run's time reaches every moment of it.
    ends = [nursery.run(killed_after=dice.random() * undisturbed_s / 2) for _ in range(KILLS)]
    assert ends.count(-signal.SIGKILL) >= KILLS / 2, "most kills must have hit a running sync"
    assert nursery.run() == 0
    assert mirror() == expected
    assert all(cursor.finished_at >= cursor.pass_started_at for cursor in SyncCursor.objects.all())
