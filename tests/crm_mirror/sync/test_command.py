"""`manage.py sync` as scripts know it: exit codes, one JSON line, one line for an error, nothing secret."""

from __future__ import annotations

import json
import signal
import time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from crm_mirror.models import Company, PhoneNumber, SyncLease, SyncRun
from crm_mirror.sync.kinds import NAMES
from crm_mirror.tasks import sync_portal
from tests import process

TOKEN = "sandbox0admin0token"


def ran(*arguments: str) -> tuple[dict, int, str]:
    """(JSON of the last line, exit code, error)"""
    out = StringIO()
    try:
        call_command("sync", *arguments, stdout=out)
    except CommandError as error:
        return json.loads(out.getvalue().splitlines()[-1]), error.returncode, str(error)
    return json.loads(out.getvalue().splitlines()[-1]), 0, ""


def test_a_good_run_prints_what_it_did(portal, db):
    portal.add_company("Ромашка")
    report, code, error = ran("--full")
    assert (code, error) == (0, "")
    assert list(report["entities"]) == list(NAMES)
    assert report["entities"]["company"] == {"seen": 1, "created": 1, "updated": 0, "deleted": 0, "quarantined": 0}
    assert report["requests"] == len(portal.log)
    assert report["seconds"] > 0


def test_one_kind_or_two_can_be_asked_for(portal, db):
    report, _, _ = ran("--entity", "company", "--entity", "contact")
    assert list(report["entities"]) == ["company", "contact"]


def test_an_unknown_kind_is_refused(portal, db):
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("sync", "--entity", "invoice")


def test_a_lost_portal_is_exit_1_with_the_remedy_and_what_was_done(portal, db):
    portal.add_company("Ромашка")
    portal.fails_with("revoked")
    report, code, error = ran("--full")
    assert code == 1
    assert "BITRIX_WEBHOOK_URL" in error
    assert "\n" not in error
    assert report["error"]
    assert SyncRun.objects.get().ok is False


@pytest.mark.parametrize("address", ["", "portal.example", "https://portal.example/rest/", f"https://p/rest/{TOKEN}/"])
def test_wrong_settings_are_exit_2_and_name_the_setting(settings, db, address):
    settings.BITRIX_WEBHOOK_URL = address
    report, code, error = ran()
    assert code == 2
    assert "BITRIX_WEBHOOK_URL" in error
    assert TOKEN not in error
    assert report["requests"] == 0


def test_an_impossible_rate_is_exit_2(portal, settings, db):
    settings.BITRIX_RATE_PER_SECOND = -1.0
    assert ran()[1] == 2


def test_a_region_that_is_none_is_exit_2_and_the_numbers_stay(portal, settings, db):
    portal.add_company("Ромашка", phone="8 916 123-45-67")
    ran()
    settings.PHONE_REGION = "ru"
    _, code, error = ran()
    assert (code, "PHONE_REGION" in error, "\n" in error) == (2, True, False)
    assert PhoneNumber.objects.get().e164 == "+79161234567"


def test_the_task_does_the_same(portal, db):
    portal.add_company("Ромашка")
    assert sync_portal.delay().get() == len(portal.log) == 1
    assert Company.objects.count() == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
class TestInAProcessOfItsOwn:
    def test_a_good_run(self, portal):
        portal.add_company("Ромашка")
        ended = process.run("manage.py", "sync", "--full", BITRIX_WEBHOOK_URL=portal.webhook)
        assert ended.returncode == 0
        assert json.loads(ended.stdout.splitlines()[-1])["entities"]["company"]["created"] == 1
        assert "portal call method=batch" in ended.stderr  # log lines, not bars: this is no terminal
        assert TOKEN not in ended.stdout + ended.stderr
        assert Company.objects.count() == 1

    def test_a_refused_token(self, portal):
        portal.fails_with("revoked")
        ended = process.run("manage.py", "sync", BITRIX_WEBHOOK_URL=portal.webhook, LOG_LEVEL="ERROR")
        assert ended.returncode == 1
        assert len(ended.stderr.strip().splitlines()) == 1
        assert json.loads(ended.stdout.splitlines()[-1])["error"]
        assert TOKEN not in ended.stdout + ended.stderr

    def test_no_portal(self):
        ended = process.run("manage.py", "sync", BITRIX_WEBHOOK_URL="")
        assert ended.returncode == 2
        assert "Traceback" not in ended.stderr

    def test_a_database_without_tables(self, tmp_path):
        address = f"sqlite:///{tmp_path}/empty.sqlite3"
        webhook = "https://portal.example/rest/1/token/"
        ended = process.run("manage.py", "sync", BITRIX_WEBHOOK_URL=webhook, DATABASE_URL=address, LOG_LEVEL="ERROR")
        assert ended.returncode == 1
        assert "migrate" in ended.stderr
        assert len(ended.stderr.strip().splitlines()) == 1
        assert json.loads(ended.stdout.splitlines()[-1])["error"]

    def test_a_sync_stopped_by_its_operator(self, portal):
        portal.fails_with("slow", amount="4s")
        running = process.start("manage.py", "sync", BITRIX_WEBHOOK_URL=portal.webhook, LOG_LEVEL="ERROR")
        while not SyncRun.objects.exists():
            assert running.poll() is None
        time.sleep(1)  # by now it waits for the portal, and will for a while
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
        assert running.returncode == 1
        assert (len(err.strip().splitlines()), "goes on from there" in err) == (1, True)
        assert json.loads(out.splitlines()[-1])["error"] == "stopped"
        assert not SyncLease.objects.exists()

    def test_two_processes_share_one_allowance(self, portal):
        """Each alone keeps within the portal's burst; together they would break it if they did not share."""
        portal.portal.limits.on, portal.portal.limits.rate_per_second, portal.portal.limits.rate_burst = True, 40, 12
        script = (
            "import django; django.setup()\n"
            "from crm_mirror.connection import client_from_settings\n"
            "client = client_from_settings()\n"
            "for _ in range(20): client.call('profile')\n"
        )
        settings = {
            "BITRIX_WEBHOOK_URL": portal.webhook,
            "BITRIX_RATE_PER_SECOND": 40,
            "BITRIX_RATE_BURST": 50,
            "LOG_LEVEL": "ERROR",
        }
        both = [process.start("-c", script, **settings) for _ in range(2)]
        assert [one.wait(60) for one in both] == [0, 0]
        for one in both:
            one.communicate()
        assert [entry.status for entry in portal.log] == [200] * 40
