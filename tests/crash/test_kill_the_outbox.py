"""kill -9 while calls are delivered: each arrives, and none that can be checked arrives twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable

import pytest
from django.utils import timezone

from crm_mirror import outbox
from crm_mirror.models import OutboxCall
from crm_mirror.sync.work import Work, at_work
from tests.portal import PortalDriver
from tests.process import start

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
UPDATE = "crm.company.update"
WORKER = """
import django
django.setup()
from crm_mirror import outbox
from crm_mirror.sync.work import Work, at_work
with at_work(Work.OUTBOX) as bench:
    outbox.deliver_due(bench)
"""
KILLS = 6


def worker(portal: PortalDriver) -> subprocess.Popen[str]:
    return start("-c", WORKER, BITRIX_WEBHOOK_URL=portal.webhook, BITRIX_RATE_PER_SECOND=0, LOG_LEVEL="ERROR")


def kill(process: subprocess.Popen[str]) -> int:
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=10)
    return process.returncode


def rename(company: int, title: str) -> OutboxCall:
    return outbox.enqueue(
        entity=f"company:{company}",
        purpose="status",
        method=UPDATE,
        params={"id": company, "fields": {"TITLE": title}},
        check={"method": "crm.company.get", "params": {"id": company}, "expect": {"TITLE": title}},
        at=timezone.now(),
    )


def arrived(portal: PortalDriver) -> int:
    return sum(entry.commands.count(UPDATE) for entry in portal.log)


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def deliver() -> int:
    with at_work(Work.OUTBOX) as bench:
        return outbox.deliver_due(bench)


def test_a_worker_killed_before_its_answer_came_is_not_repeated(portal):
    company = portal.add_company("Ромашка")
    call = rename(company, "Лютик")
    portal.fails_with("slow", amount="60s", method="batch", times=1)  # carried out, the answer held back
    process = worker(portal)
    wait_until(lambda: portal.get("company", company)["TITLE"] == "Лютик")
    kill(process)
    call.refresh_from_db()
    assert call.state == "sending"
    portal.log.clear()
    assert deliver() == 1
    assert arrived(portal) == 0


def test_a_worker_killed_between_marking_and_sending_is_made_up_for(portal):
    company = portal.add_company("Ромашка")
    call = rename(company, "Лютик")
    OutboxCall.objects.update(state="sending", sent_at=timezone.now())  # as a worker killed just then leaves it
    assert deliver() == 1
    call.refresh_from_db()
    assert (call.state, arrived(portal)) == ("done", 1)
    assert portal.get("company", company)["TITLE"] == "Лютик"


def test_kills_at_any_moment_leave_every_write_done_once(portal):
    companies = [portal.add_company(f"Компания {number}") for number in range(200)]
    for company in companies:
        rename(company, "Лютик")
    portal.fails_with("slow", amount="200ms")
    dice = random.Random(20260302)
    ends = []
    for _turn in range(KILLS):
        process = worker(portal)
        before = len(portal.log)
        wait_until(lambda before=before: len(portal.log) > before)
        time.sleep(dice.random() * 0.4)
        ends.append(kill(process))
    assert ends.count(-signal.SIGKILL) >= KILLS / 2, "most kills must have hit a worker at work"
    deliver()
    assert set(OutboxCall.objects.values_list("state", flat=True)) == {"done"}
    assert {portal.get("company", company)["TITLE"] for company in companies} == {"Лютик"}
    assert arrived(portal) == len(companies)
