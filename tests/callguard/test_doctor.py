"""`manage.py doctor`: a line for each thing; whatever is broken is named with its cure, and nothing stops it."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone, translation

from callguard.access.administrators import confirm
from callguard.calls import Ring, record_call
from callguard.models import Account
from crm_mirror.models import InboxEvent
from crm_mirror.sandbox.data import status_field
from crm_mirror.sandbox.server import SandboxServer, running
from tests import living
from tests.cast import IVAN, mirror_synced, mirrored_people

PORTAL_PARTS = [
    "portal",
    "connection",
    "scopes",
    "administrator",
    "field",
    "reference",
    "events",
    "clock",
]
LIVING_PARTS = ["mirror", "worker", "inbox", "outbox", "drift", "allowance"]
PARTS = [
    *("database", "migrations", "broker", *PORTAL_PARTS, *LIVING_PARTS),
    *("administrators", "card", "card", "card", "letters"),
]
pytestmark = pytest.mark.django_db


@pytest.fixture
def portal(settings):
    """An empty portal with the status field, and settings that point to it."""
    with running("empty", limits_on=False) as server:
        settings.BITRIX_WEBHOOK_URL, settings.PORTAL_ORIGIN = server.webhook, server.url
        settings.CARD_ORIGINS = [server.url]
        status_field.provision(server.portal.store, "enumeration")
        yield server


def told(language: str = "en") -> tuple[list[str], int]:
    """The doctor's lines, and his exit code."""
    out, code = io.StringIO(), 0
    with translation.override(language):
        try:
            call_command("doctor", stdout=out)
        except SystemExit as left:
            code = int(left.code or 0)
    return out.getvalue().splitlines(), code


def complaint_of(name: str) -> str:
    """The only complaint, which must be about this part and lead to exit code 1."""
    lines, code = told()
    wrong = [line for line in lines if line.startswith("FAIL")]
    assert (code, len(wrong)) == (1, 1), lines
    assert wrong[0].startswith(f"FAIL  {name}: ")
    assert " → " in wrong[0]
    return wrong[0]


def still_to_do() -> list[str]:
    return [line.split(":")[0].removeprefix("todo").strip() for line in told()[0] if line.startswith("todo")]


def test_when_all_is_well_and_done_every_line_is_ok_and_the_exit_code_0(portal, settings):
    settings.BITRIX_APPLICATION_TOKEN = "of-the-outgoing-webhook"
    mirror_synced()
    mirrored_people()
    living.told("done")
    confirm(by=Account.objects.create(username="root"), at=timezone.now())
    record_call(Ring("1", "+7 916 123-45-67", "outgoing"), caller_id=IVAN.id, at=timezone.now(), language="ru")
    lines, code = told()
    assert code == 0, lines
    assert [line.split()[1].rstrip(":") for line in lines] == PARTS
    assert all(line.startswith("ok ") for line in lines), lines


def test_what_nobody_has_done_yet_is_no_failure_and_each_says_what_to_do(portal):
    lines, code = told()
    assert code == 0, lines
    assert still_to_do() == ["events", "mirror", "administrators", "card"]
    assert all(" → " in line for line in lines if line.startswith("todo"))


def test_an_empty_database_wants_migrate_and_is_not_called_away(tmp_path):
    """Before `migrate` the database answers; what lacks is its tables."""
    done = doctor(
        {
            "DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite3'}",
            "BITRIX_WEBHOOK_URL": "http://127.0.0.1:1/rest/1/hunter2/",
            "CALLGUARD_ENV_FILE": "",
            "SECRET_KEY": "x" * 50,
        }
    )
    lines = {line.split(":")[0].split(maxsplit=1)[1]: line for line in done.stdout.splitlines()}
    assert lines["database"].startswith("ok")
    for name in ("migrations", "portal", "mirror", "worker", "administrators", "card"):
        assert lines[name].startswith("FAIL")
        assert "manage.py migrate" in lines[name]
    assert "база данных не отвечает" not in done.stdout.casefold()
    assert "Traceback" not in done.stdout + done.stderr


def test_a_russian_reader_finds_no_english_sentence(settings):
    settings.BITRIX_WEBHOOK_URL = settings.PORTAL_ORIGIN = ""
    assert "FAIL  portal: BITRIX_WEBHOOK_URL не задан. → Создайте в портале входящий вебхук" in told("ru")[0][3]
    with running("empty", limits_on=False) as server:
        settings.BITRIX_WEBHOOK_URL, settings.PORTAL_ORIGIN = server.webhook, server.url
        server.fails_with("revoked")
        line = told("ru")[0][3]
    assert "Создайте под администратором входящий вебхук" in line


def test_what_managers_are_told_by_is_missed_without_failing(portal):
    portal.portal.config.webhook_scopes = frozenset({"crm", "user", "department", "telephony"})
    assert "scopes" in still_to_do()


def test_a_portal_that_stops_answering_half_way_is_not_waited_for_again(portal):
    portal.fails_with("reset", method="scope")
    lines, code = told()
    portal.heal()
    wrong = [line for line in lines if line.startswith("FAIL")]
    assert code == 1
    assert [line.split()[1].rstrip(":") for line in wrong][:4] == ["scopes", "field", "reference", "clock"]
    assert "answers no more" in wrong[1]


def test_a_reference_serves_as_well_as_a_list(settings):
    with running("empty", limits_on=False, edition="box") as server:
        settings.BITRIX_WEBHOOK_URL, settings.PORTAL_ORIGIN = server.webhook, server.url
        settings.CARD_ORIGINS = [server.url]
        status_field.provision(server.portal.store, "crm_status")
        lines, code = told()
    assert code == 0
    assert any("reference: В ожидании, В обработке, В работе" in line for line in lines)


def test_a_webhook_of_somebody_who_is_no_administrator(portal):
    portal.fails_with("not_admin")
    assert "no administrator" in complaint_of("administrator")


def test_a_webhook_without_a_scope(portal):
    portal.portal.config.webhook_scopes = frozenset({"crm", "user", "department"})
    assert "telephony" in complaint_of("scopes")


def test_a_portal_whose_clock_is_off(portal):
    portal.fails_with("clock", amount="600")
    assert "s apart" in complaint_of("clock")


def test_a_portal_without_the_field(portal, settings):
    settings.BITRIX_STATUS_FIELD = "UF_CRM_ANOTHER"
    lines, code = told()
    wrong = [line for line in lines if line.startswith("FAIL")]
    assert code == 1
    assert [line.split()[1] for line in wrong] == ["field:", "reference:"]
    assert "UF_CRM_ANOTHER" in wrong[0]


def test_a_field_without_values(portal):
    next(iter(portal.portal.store.user_fields.values()))["LIST"] = []
    assert "no values" in complaint_of("reference")


def test_a_secret_that_is_missing_or_short(portal, settings):
    settings.CARD_TOKEN_SECRET = ""
    assert "CARD_TOKEN_SECRET has 0 bytes" in complaint_of("card secret")
    settings.CARD_TOKEN_SECRET = "short"
    assert "CARD_TOKEN_SECRET has 5 bytes" in complaint_of("card secret")


def test_origins_that_leave_out_the_portal(portal, settings):
    settings.CARD_ORIGINS = ["https://elsewhere.example"]
    assert "CARD_ORIGINS does not name the portal" in complaint_of("card origins")


def test_a_broker_that_does_not_answer(portal, settings):
    settings.CELERY_BROKER_URL = "redis://:hunter2@127.0.0.1:1/0"
    assert "hunter2" not in complaint_of("broker")


def test_a_webhook_that_was_revoked_makes_the_rest_wait(portal):
    portal.fails_with("revoked")
    lines, code = told()
    assert code == 1
    assert [line.split()[1] for line in lines if line.startswith("FAIL")] == [f"{part}:" for part in PORTAL_PARTS]
    assert not any(portal.webhook in line for line in lines)


def test_an_answer_that_is_no_answer(portal):
    portal.fails_with("html")
    lines, code = told()
    assert code == 1
    assert any(line.startswith("FAIL  portal: ") for line in lines)


@pytest.mark.parametrize("webhook", ["", "https://portal.example/", "nonsense"])
def test_a_webhook_that_is_missing_or_none(settings, webhook):
    settings.BITRIX_WEBHOOK_URL = webhook
    lines, code = told()
    assert code == 1
    assert any(line.startswith("FAIL  portal: BITRIX_WEBHOOK_URL") for line in lines)


def test_with_everything_broken_there_is_a_line_for_each_thing_and_no_traceback():
    broken = {
        "DATABASE_URL": "postgres://nobody:hunter2@127.0.0.1:1/nothing",
        "CELERY_BROKER_URL": "amqp://nobody:hunter2@127.0.0.1:1//",
        "BITRIX_WEBHOOK_URL": "http://127.0.0.1:1/rest/1/hunter2/",
        "CARD_TOKEN_SECRET": "",
        "CARD_ORIGINS": "https://elsewhere.example",
        "EMAIL_URL": "smtp://nobody:hunter2@127.0.0.1:1",
        "DEFAULT_FROM_EMAIL": "callguard@example.com",
        "CALLGUARD_ENV_FILE": "",
        "SECRET_KEY": "x" * 50,
    }
    done = doctor(broken)
    lines = done.stdout.splitlines()
    assert done.returncode == 1, done.stderr
    assert [line.split()[1].rstrip(":") for line in lines] == PARTS
    assert all(line.startswith("FAIL") for line in lines)
    assert "Traceback" not in done.stdout + done.stderr
    assert "hunter2" not in done.stdout


def test_an_application_s_tokens_in_a_database_that_is_away_are_a_line_like_any_other():
    broken = {
        "DATABASE_URL": "postgres://nobody:hunter2@127.0.0.1:1/nothing",
        "BITRIX_WEBHOOK_URL": "",
        "BITRIX_PORTAL_URL": "http://127.0.0.1:1",
        "BITRIX_APP_ID": "local.1",
        "BITRIX_APP_SECRET": "hunter2",
        "CALLGUARD_ENV_FILE": "",
        "SECRET_KEY": "x" * 50,
    }
    done = doctor(broken)
    named = [line.split()[1].rstrip(":") for line in done.stdout.splitlines()]
    assert [name for name in named if name != "placements"] == PARTS  # only an application has those
    assert "Traceback" not in done.stdout + done.stderr
    assert "hunter2" not in done.stdout


def doctor(environment: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "doctor", "--settings", "config.settings"]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | environment)


def test_the_doctor_asks_the_portal_and_changes_nothing(portal: SandboxServer):
    told()
    assert {entry.method for entry in portal.log} == {
        "profile",
        "scope",
        "crm.company.userfield.list",
        "server.time",
    }


# --- The living mirror -----------------------------------------------------------------------------------------------
def test_before_the_first_sync_the_mirror_is_no_complaint_but_the_next_step(portal):
    lines, _ = told()
    assert "todo  mirror: Empty so far. → Run: manage.py sync" in lines


def test_an_old_mirror(portal):
    mirror_synced(ago=timedelta(hours=3))
    assert "(docs/operations.md#mirror-stale)" in complaint_of("mirror")


def test_a_run_that_failed_in_the_portals_own_words(portal):
    living.ran(ok=False, error="crm.lead.list: INTERNAL_SERVER_ERROR")
    assert "(crm.lead.list: INTERNAL_SERVER_ERROR)" in complaint_of("worker")


def test_a_beat_that_stopped(portal, settings):
    living.ran(ago=600)
    settings.CELERY_TASK_ALWAYS_EAGER = False
    assert "No round has begun" in complaint_of("worker")


def test_a_beat_that_has_just_been_started_is_not_seen_yet(portal, settings):
    living.ran("full sync", ago=600)
    settings.CELERY_TASK_ALWAYS_EAGER = False
    lines, code = told()
    assert any(line.startswith("todo  worker: Not seen yet.") for line in lines)
    assert code == 0


def test_events_and_calls_that_were_given_up(portal):
    living.told("failed")
    assert "given up" in complaint_of("inbox")
    InboxEvent.objects.all().delete()
    living.to_deliver("dead")
    assert "given up" in complaint_of("outbox")


def test_a_mirror_that_differs_and_one_that_does_not(portal):
    living.compared(left=2)
    assert "companies: 2" in complaint_of("drift")
    living.compared()
    assert any(line.startswith("ok    drift: none, compared on") for line in told()[0])


def test_what_is_used_of_the_allowance(portal):
    told()
    assert any(re.fullmatch(r"ok    allowance: \d+ of 48 requests used, pace 100 %", line) for line in told()[0])


def test_an_allowance_without_a_limit(portal, settings):
    settings.BITRIX_RATE_PER_SECOND = 0
    assert "ok    allowance: the portal has no limit" in told()[0]
