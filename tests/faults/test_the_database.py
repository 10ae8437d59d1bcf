"""The database goes away and comes back, the disk is full: work waits, and nothing is lost."""

from __future__ import annotations

import sys

import pytest
import requests

from crm_mirror.models import Company
from tests.faults.outages import full_disk, without_database
from tests.faults.processes import running, settings_of, wait_for, web
from tests.process import run

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def test_a_worker_survives_an_outage_of_the_database_and_catches_up(town):
    with running(sys.executable, "manage.py", "work", **settings_of(town.portal)) as worker:
        town.work_a_day()
        wait_for(lambda: not town.unlike_the_mirror(), "true mirror before the outage")
        with without_database():
            town.work_a_day()
            seen = len(town.portal.log)
        town.work_a_day()
        wait_for(lambda: len(town.portal.log) > seen, "question after the outage")
        wait_for(lambda: not town.unlike_the_mirror(), "true mirror after the outage")
        assert worker.poll() is None, "the worker is still the same process"


def test_an_event_that_cannot_be_stored_is_not_taken_for_stored(town):
    portal = town.portal
    with web(portal, sys.executable) as url:
        with without_database():
            portal.update_company(town.companies[0], TITLE="Ромашка")
            portal.portal.events.settle()
        assert portal.portal.events.delivered[-1].status != 200
        assert requests.get(f"{url}/healthz", timeout=5).ok


def test_a_full_disk_ends_a_sync_in_one_line_and_the_next_goes_on_from_there(town):
    for number in range(300):
        town.portal.add_company(f"Ещё {number} {'имя' * 160}", phone=f"+7 911 {number:07d}")
    with full_disk() as environment:
        ran = run("manage.py", "sync", "--full", **settings_of(town.portal, **environment))
    assert ran.returncode == 1
    assert len(ran.stderr.strip().splitlines()) == 1, ran.stderr
    assert Company.objects.live().count() < 300 + len(town.companies)
    ran = run("manage.py", "sync", **settings_of(town.portal))
    assert ran.returncode == 0, ran.stderr
    assert town.unlike_the_mirror() == []
