"""The sync page: who sees it, what it says first, and what stands in its tables."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from callguard.models import Account
from crm_mirror.models import DeltaCursor, Employee, InboxEvent, MethodPause, Quarantine
from tests import living
from tests.cast import MARINA, mirror_synced, mirrored_company, mirrored_people
from tests.crm_mirror.admin.conftest import BEGIN, PAGE, PROGRESS

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", [PAGE, PROGRESS, BEGIN])
def test_only_administrators_see_it(client, name):
    assert client.get(reverse(name)).status_code == 302
    mirrored_people()
    client.force_login(Account.objects.create(username="marina", is_staff=True, employee_id=MARINA.id))
    assert client.get(reverse(name)).status_code == 403
    assert client.post(reverse(name), {"order": "sync"}).status_code == 403


def test_without_a_product_around_it_is_for_superusers(client, settings):
    settings.MIRROR_ADMINISTRATOR = ""
    mirrored_people()
    Employee.objects.filter(portal_id=MARINA.id).update(is_portal_admin=True)
    client.force_login(account := Account.objects.create(username="marina", is_staff=True, employee_id=MARINA.id))
    assert client.get(reverse(PAGE)).status_code == 403
    Account.objects.filter(pk=account.pk).update(is_superuser=True)
    assert client.get(reverse(PAGE)).status_code == 200


def test_the_sidebar_marks_it_and_nothing_else(pages):
    groups = pages.get(reverse(PAGE)).context["sidebar_navigation"]
    assert [item["link"] for group in groups for item in group["items"] if item["active"]] == [reverse(PAGE)]
    first = next(group["items"][0] for group in groups if group["items"][0]["link"] == reverse(PAGE))
    assert first["active"]


def test_both_languages(pages):
    for language in ("ru", "en"):
        assert pages.get(reverse(PAGE), headers={"accept-language": language}).status_code == 200


# --- The first sentence ----------------------------------------------------------------------------------------------
def test_a_mirror_that_was_never_read_cannot_be_relied_on_and_the_way_out_is_told(shown):
    page = shown()
    assert "Do not rely on the mirror: it has not been read completely yet." in page
    assert "manage.py sync --full" in page
    assert "Nothing was asked of the portal within the last hour." in page
    assert "never read" in page


def test_a_living_mirror_can_be_trusted(shown):
    mirror_synced(ago=timedelta(seconds=30))
    page = shown()
    assert "The mirror can be trusted: it is as the portal was 30 s ago." in page
    assert "sync-good" in page
    assert "sync-alerts" not in page


def test_an_alert_takes_the_calm_away_and_brings_its_cure(shown):
    mirror_synced()
    living.told("failed")
    page = shown()
    assert "but something needs you" in page
    assert "1 event was given up." in page
    assert "docs/operations.md#inbox-given-up" in page


def test_a_stale_mirror_is_not_to_be_relied_on(shown):
    mirror_synced(ago=timedelta(hours=3))
    assert "Do not rely on the mirror: it is as the portal was 3 h ago." in shown()


# --- The figures -----------------------------------------------------------------------------------------------------
def test_kind_by_kind(shown):
    mirror_synced()
    mirrored_company("Ромашка")
    DeltaCursor.objects.create(kind="contact", backlog_since=timezone.now() - timedelta(minutes=40), backlog_last_id=7)
    for seconds in (1.0, 2.0, 300.0):
        living.changed(lag=seconds)
    living.compared("lead", left=4)
    page = shown()
    assert "2 s / 5 min" in page
    assert "worked off up to ID 7" in page
    assert re.search(r'<td role="cell"[^>]* class="sync-drifting">4</td>', page)


def test_each_chart_has_its_table(shown):
    living.changed(lag=2.5)
    living.requested("event", sent=11)
    living.told("done", ago=60, done_after=5)
    page = shown()
    assert page.count("<canvas") == page.count("<details>") == 3
    assert "<td>2.5</td>" in page
    assert "<td>11</td>" in page


def test_what_the_allowance_is_used_for(shown):
    living.allowance(level=20.0, blocked_until=timezone.now().timestamp() + 200, halted_because="OVERLOAD_LIMIT")
    MethodPause.objects.create(portal="", method="crm.deal.list", until=timezone.now().timestamp() + 60)
    living.requested("full", sent=40, refused=3)
    page = shown()
    assert "of 48" in page
    assert "OVERLOAD_LIMIT" in page
    assert "crm.deal.list has used up its time in the portal." in page
    assert "Somebody else uses the same address." in page


def test_what_waits_leads_to_its_list(pages, shown):
    living.told()
    living.told("failed")
    Quarantine.objects.create(kind="lead", portal_id="1", row={}, seen_at=timezone.now())
    assert "?state__exact=failed" in shown()
    listed = pages.get(reverse("admin:crm_mirror_inboxevent_changelist"), {"state__exact": "failed"})
    assert [event.state for event in listed.context["cl"].result_list] == [InboxEvent.State.FAILED]


def test_a_portal_without_a_limit(shown, settings):
    settings.BITRIX_RATE_PER_SECOND = 0.0
    living.requested(sent=1234, minutes_ago=2)
    page = shown()
    assert "1,234" in page
    assert "The portal has no limit." in page


def test_it_costs_the_same_however_much_there_is(pages, shown):
    mirror_synced()
    living.allowance()
    living.told()
    few = queries_of(pages)
    for number in range(20):
        living.changed(lag=float(number))
        living.told("done", ago=number, done_after=1)
        living.requested(minutes_ago=number)
        mirrored_company(f"Ромашка {number}")
    assert queries_of(pages) == few < 50


def queries_of(pages: Client) -> int:
    pages.get(reverse(PAGE))
    with CaptureQueriesContext(connection) as captured:
        pages.get(reverse(PAGE))
    return len(captured)
