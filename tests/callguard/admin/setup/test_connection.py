"""The connection and the checks: looked at when asked, failed with the cure, told and kept without a secret."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from callguard.health import diagnosis_of_everything
from callguard.models import PortalLook
from crm_mirror.models import Status
from tests import living
from tests.callguard.admin.setup.conftest import CODES
from tests.cast import mirror_synced

pytestmark = pytest.mark.django_db


# --- Connection ------------------------------------------------------------------------------------------------------
def test_what_is_set_is_told_and_no_secret_is(shown, connected, settings):
    settings.BITRIX_APP_SECRET = "hush-application-key"
    settings.BITRIX_APPLICATION_TOKEN = "hush-event-token"
    for code in CODES:
        page = shown(code)
        token = connected.webhook.rstrip("/").rsplit("/", 1)[1]
        assert token not in page
        assert "hush-" not in page
        assert settings.CARD_TOKEN_SECRET not in page
    assert f"{connected.url}/rest/1/•••/" in shown("connection")


def test_addresses_to_copy_are_those_of_this_server(shown, nowhere, settings):
    assert "http://testserver/bitrix/install/" in shown("connection")
    assert "PUBLIC_URL is not set" in shown("connection")
    settings.PUBLIC_URL = "https://callguard.example"
    assert "https://callguard.example/bitrix/install/" in shown("connection")
    assert "PUBLIC_URL is not set" not in shown("connection")
    assert "https://callguard.example/bitrix/events/" in shown("provisioning")


def test_a_connection_that_was_checked_is_done_whatever_the_portal_lacks_else(shown, steps, connected):
    assert steps()["connection"] == "todo"
    assert f"Connected to {connected.url}." in shown("connection", "check")
    assert steps()["connection"] == "done"


def test_opening_pages_asks_the_portal_nothing(shown, connected):
    for code in CODES:
        shown(code)
    assert list(connected.log) == []


@pytest.mark.parametrize(
    ("fault", "line", "remedy"),
    [
        ("revoked", "NO_AUTH_FOUND", "Create an incoming webhook"),
        ("not_admin", "who is no administrator", "as an administrator"),
        ("plan_ended", "commercial plans", "plan includes REST"),
        ("reset", "", "reaches the portal"),
    ],
)
def test_a_connection_that_fails_says_why_and_what_to_do(shown, steps, connected, fault, line, remedy):
    connected.fails_with(fault)
    page = shown("connection", "check")
    assert line in page
    assert remedy in page
    assert steps()["connection"] == "failed"
    connected.heal()
    shown("connection", "check")
    assert steps()["connection"] == "done"


def test_a_scope_that_is_missing(shown, steps, connected):
    connected.portal.config.webhook_scopes = frozenset({"crm", "user", "department"})
    assert "The connection lacks: telephony." in shown("connection", "check")
    assert steps()["connection"] == "failed"


def test_a_clock_that_is_off(shown, steps, connected):
    connected.fails_with("clock", amount="600")
    assert "s apart" in shown("connection", "check")
    assert steps()["connection"] == "failed"


def test_what_was_seen_under_other_settings_is_worth_nothing(shown, steps, connected, settings):
    connected.fails_with("revoked")
    shown("connection", "check")
    settings.BITRIX_WEBHOOK_URL = connected.webhook.replace("/rest/1/", "/rest/3/")
    assert steps()["connection"] == "todo"


def test_what_was_said_in_another_language_says_so(pages, shown, connected):
    connected.fails_with("not_admin")
    pages.post(reverse("setup:check"))  # by a Russian reader
    assert re.search(r'<span lang="ru">[^<]*администратор', shown("connection"))


def test_a_token_refused_since_is_told_although_it_was_good_when_looked_at(shown, steps, connected):
    shown("connection", "check")
    living.ran(ok=False, error="WrongToken: profile: NO_AUTH_FOUND")
    assert steps()["connection"] == "failed"
    assert "The portal refuses our token" in shown("connection")


def test_who_works_with_commands_meets_a_wizard_that_knows(steps, connected):
    mirror_synced()
    Status.objects.update(in_portal=True)
    assert steps() == dict.fromkeys(CODES, "done") | {"administrators": "todo", "card": "todo"}


# --- Checks ----------------------------------------------------------------------------------------------------------
def test_checks_are_the_doctors_lines_with_the_way_to_each_cure(shown, connected):
    page = shown("checks", "check", back="checks")
    assert page.count('class="setup-line ') == len(diagnosis_of_everything(at=timezone.now()))
    assert "Companies have no field UF_CRM_CALLGUARD_STATUS." in page
    assert f'href="{reverse("setup:step", args=["provisioning"])}"' in page


def test_a_check_that_no_other_step_puts_right_fails_this_one(shown, steps, connected, settings):
    settings.CELERY_BROKER_URL = "redis://:hunter2@127.0.0.1:1/0"
    page = shown("checks", "check", back="checks")
    assert "The broker does not answer" in page
    assert "hunter2" not in page
    assert steps()["checks"] == "failed"


def test_a_look_is_kept_without_any_secret(shown, connected, settings):
    settings.BITRIX_APPLICATION_TOKEN = "hush-event-token"
    shown("connection", "check")
    shown("provisioning", "survey", create="1")
    kept = str(list(PortalLook.objects.values()))
    assert connected.webhook not in kept
    assert connected.webhook.rstrip("/").rsplit("/", 1)[1] not in kept
    assert "hush-" not in kept
