"""kill -9 at any moment of a round and of a migration; of a full sync and of the outbox: tests/crash."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from crm_mirror import inbox
from crm_mirror.models import Change, InboxEvent
from crm_mirror.sandbox.life.life import Life
from tests.drill.database import Database, database
from tests.process import Nursery, environment

KILLS = 15


@pytest.fixture
def nursery(town) -> Iterator[Nursery]:
    nursery = Nursery("sync", town.portal.webhook)
    yield nursery
    nursery.close()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_kills_in_rounds_and_drains_leave_a_true_mirror_and_nothing_waiting(town, nursery, reconciled):
    life = Life(town.portal.portal, seed=8)
    began = time.monotonic()
    assert nursery.run() == 0
    undisturbed_s = time.monotonic() - began
    dice = random.Random(20261124)
    ends = []
    for _ in range(KILLS):
        for _ in range(20):
            life.step()
        for company in dice.sample(life.clients.live["company"], 30):
            inbox.store({"event": "ONCRMCOMPANYUPDATE", "data": {"FIELDS": {"ID": company}}}, at=timezone.now())
        ends.append(nursery.run(killed_after=dice.random() * undisturbed_s / 3))
    assert -signal.SIGKILL in ends, "kills must have hit a round at work"
    assert nursery.run() == 0
    reconciled()
    assert town.unlike_the_mirror() == []
    assert not InboxEvent.objects.exclude(state="done").exists()
    gone = {(kind, int(one)) for kind, one in Change.objects.filter(what="deleted").values_list("kind", "portal_id")}
    assert gone <= life.clients.ever_gone


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Database]:
    """A database without tables, of the kind under test."""
    made = database(f"callguard_migrate_{os.getpid()}", tmp_path, on_sqlite=connection.vendor == "sqlite")
    made.create()
    yield made
    made.drop()


SEEDED = """
import django
django.setup()
from callguard.models import Palette, Rule, RuleSetVersion
from crm_mirror.models import Status
print(Status.objects.count(), Palette.objects.count(), Rule.objects.count(), RuleSetVersion.objects.count())
"""


def python(made: Database, *command: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """A process on that database; killed, with TimeoutExpired, when it takes longer."""
    how = {"env": environment(DATABASE_URL=made.url), "capture_output": True, "text": True, "timeout": timeout}
    return subprocess.run([sys.executable, *command], check=False, **how)


@pytest.mark.django_db
def test_a_migration_killed_at_any_moment_is_finished_by_the_next(empty):
    dice = random.Random(20261125)
    kills = 0
    for _ in range(30):
        try:
            ran = python(empty, "manage.py", "migrate", "-v0", timeout=0.8 + dice.random() * (1 + kills / 4))
        except subprocess.TimeoutExpired:
            kills += 1
        else:
            assert ran.returncode == 0, ran.stderr
            break
    assert kills > 0
    assert python(empty, "manage.py", "migrate", "--check").returncode == 0
    seeded = python(empty, "-c", SEEDED)
    assert seeded.stdout.split() == ["3", "3", "10", "1"], seeded.stderr
