"""`manage.py reconcile` as scripts know it: exit codes, one JSON line, one line for an error."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from crm_mirror.models import Company, SyncLease
from crm_mirror.sync.kinds import NAMES
from crm_mirror.sync.work import Work, at_work
from tests import process

TOKEN = "sandbox0admin0token"


def ran(*arguments: str) -> tuple[dict, int, str]:
    """(JSON of the last line, exit code, error)"""
    out = StringIO()
    try:
        call_command("reconcile", *arguments, stdout=out)
    except CommandError as error:
        return json.loads(out.getvalue().splitlines()[-1]), error.returncode, str(error)
    return json.loads(out.getvalue().splitlines()[-1]), 0, ""


@pytest.fixture
def company(portal, sync):
    company = portal.add_company("Ромашка", phone="8 916 123-45-67")
    sync()
    portal.log.clear()
    return company


def test_no_drift_is_exit_0(portal, company):
    report, code, error = ran()
    assert (code, error) == (0, "")
    assert list(report["kinds"]) == list(NAMES)
    expected = {"portal": 1, "mirror": 1, "missing": 0, "surplus": 0, "different": 0, "compared": 1}
    assert report["kinds"]["company"] == expected | {"repaired": 0, "left": 0}
    assert report["numbers"] == {"checked": 1, "explained": {}, "unexplained": 0}
    assert report["requests"] == len(portal.log)
    assert report["seconds"] > 0


def test_drift_is_exit_3_and_names_the_kind_and_the_remedy(portal, company):
    portal.add_company("Лютик")
    report, code, error = ran()
    assert (code, report["kinds"]["company"]["left"]) == (3, 1)
    assert error == "mirror and portal differ (company 1). Run it with --repair."


def test_repaired_drift_is_exit_0(portal, company):
    portal.add_company("Лютик")
    report, code, _ = ran("--repair")
    assert (code, report["kinds"]["company"]["repaired"], report["kinds"]["company"]["left"]) == (0, 1, 0)
    assert ran()[1] == 0


def test_a_mass_delete_waits_for_a_person(portal, sync, company):
    companies = [portal.add_company(f"Лютик {n}") for n in range(9)]
    sync()
    for one in companies:
        portal.delete_company(one)
    report, code, _ = ran("--repair")
    assert (code, report["kinds"]["company"]["left"]) == (3, 9)
    assert "--allow-mass-delete" in report["warnings"][0]
    assert ran("--repair", "--allow-mass-delete")[1] == 0
    assert Company.objects.live().count() == 1


def test_a_lost_portal_is_exit_1_with_the_remedy(portal, company):
    portal.fails_with("revoked")
    report, code, error = ran()
    assert (code, "BITRIX_WEBHOOK_URL" in error, "\n" in error) == (1, True, False)
    assert report["error"]


def test_another_one_at_work_is_exit_1(portal, company):
    with at_work(Work.RECONCILE):
        _, code, error = ran()
    assert (code, "reconciliation already" in error) == (1, True)


@pytest.mark.parametrize("address", ["", "portal.example"])
def test_wrong_settings_are_exit_2(settings, db, address):
    settings.BITRIX_WEBHOOK_URL = address
    report, code, error = ran()
    assert (code, "BITRIX_WEBHOOK_URL" in error, report["requests"]) == (2, True, 0)


def test_a_region_that_is_none_is_exit_2(settings, portal, db):
    settings.PHONE_REGION = "ru"
    assert ran()[1] == 2


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
class TestInAProcessOfItsOwn:
    def test_drift(self, portal):
        portal.add_company("Ромашка")
        ended = process.run("manage.py", "reconcile", BITRIX_WEBHOOK_URL=portal.webhook, LOG_LEVEL="ERROR")
        assert ended.returncode == 3
        assert len(ended.stderr.strip().splitlines()) == 1
        assert json.loads(ended.stdout.splitlines()[-1])["kinds"]["company"]["missing"] == 1
        assert TOKEN not in ended.stdout + ended.stderr
        assert not SyncLease.objects.exists()

    def test_a_database_without_tables(self, tmp_path):
        address = f"sqlite:///{tmp_path}/empty.sqlite3"
        webhook = "https://portal.example/rest/1/token/"
        ended = process.run(
            "manage.py", "reconcile", BITRIX_WEBHOOK_URL=webhook, DATABASE_URL=address, LOG_LEVEL="ERROR"
        )
        assert (ended.returncode, "migrate" in ended.stderr) == (1, True)
        assert len(ended.stderr.strip().splitlines()) == 1
