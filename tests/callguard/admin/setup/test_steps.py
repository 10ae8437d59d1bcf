"""Connecting a portal by the pages: what is left to do comes first, and what is done moves out of the way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from callguard.access.administrators import confirm
from crm_mirror.models import Status, SyncLease, SyncRun
from crm_mirror.sandbox.data import status_field
from tests import living
from tests.callguard.admin.conftest import ROMASHKA, rung
from tests.callguard.admin.setup.conftest import CODES
from tests.cast import IVAN, mirror_synced

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("code", CODES)
def test_each_step_opens_without_any_portal_in_both_languages(pages, nowhere, code):
    for language in ("ru", "en"):
        answer = pages.get(reverse("setup:step", args=[code]), headers={"accept-language": language})
        assert answer.status_code == 200
        assert f'<html lang="{language}"' in answer.text


def test_a_fresh_server_has_everything_to_do_and_nothing_failed(steps, nowhere):
    assert steps() == dict.fromkeys(CODES, "todo")


def test_a_step_that_there_is_not(pages):
    assert pages.get("/admin/setup/nonsense/").status_code == 404


# --- First synchronisation -------------------------------------------------------------------------------------------
def test_the_first_sync_is_to_do_under_way_failed_and_done(shown, steps, connected):
    assert steps()["sync"] == "todo"
    SyncLease.objects.create(name="full sync", holder="elsewhere:1:x", until=timezone.now() + timedelta(minutes=5))
    run = living.ran("full sync", ok=None)
    assert steps()["sync"] == "running"
    assert 'data-goes-on="yes"' in shown("sync")
    SyncLease.objects.all().delete()
    assert steps()["sync"] == "failed", "its process was killed"
    SyncRun.objects.filter(pk=run.pk).update(ok=False, error="crm.lead.list: INTERNAL_SERVER_ERROR")
    assert "crm.lead.list: INTERNAL_SERVER_ERROR" in shown("sync")
    mirror_synced()
    assert steps()["sync"] == "done"


def test_progress_is_told_to_administrators(pages, connected):
    assert pages.get(reverse("setup:progress")).json()["state"] == "none"


# --- The whole -------------------------------------------------------------------------------------------------------
@pytest.fixture
def all_done(clients, superuser):
    Status.objects.update(in_portal=True)
    confirm(by=superuser, at=timezone.now())
    rung("1", ROMASHKA, caller=IVAN.id)


def sidebar_of(pages) -> list[list[str]]:
    groups = pages.get(reverse("admin:index")).context["sidebar_navigation"]
    return [[item["link"] for item in group["items"]] for group in groups]


def test_while_something_is_missing_it_is_the_first_line_and_the_overview_leads_there(pages, connected):
    assert sidebar_of(pages)[0][0] == reverse("setup:page")
    assert "setup-banner" in pages.get(reverse("admin:index")).text


def test_done_it_moves_down_and_the_banner_goes(pages, steps, all_done):
    assert steps() == dict.fromkeys(CODES, "done")
    links = sidebar_of(pages)
    assert reverse("setup:page") not in links[0]
    assert reverse("setup:page") in links[-1]
    assert "setup-banner" not in pages.get(reverse("admin:index")).text


def test_in_a_demonstration_nobody_is_asked_to_connect_anything(pages, connected, settings):
    settings.DEMO = True
    assert "setup-banner" not in pages.get(reverse("admin:index")).text


def test_it_opens_at_the_first_step_that_is_left(pages, connected, shown):
    assert pages.get(reverse("setup:page")).context["step"].code == "connection"
    shown("connection", "check")
    assert pages.get(reverse("setup:page")).context["step"].code == "provisioning"
    status_field.provision(connected.store, "enumeration")
    shown("connection", "check")
    assert pages.get(reverse("setup:page")).context["step"].code == "sync"
