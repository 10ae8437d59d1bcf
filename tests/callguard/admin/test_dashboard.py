"""The first page says how the mirror is, what waits for somebody, and what to do on a fresh installation."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from callguard.admin import dashboard
from crm_mirror.models import Company, Status, SyncRun
from tests.cast import mirror_synced

ENGLISH = {"accept-language": "en"}


def tiles(pages, row="health_tiles"):
    return {tile.title: tile for tile in pages.get(reverse("admin:index"), headers=ENGLISH).context[row]}


def test_a_fresh_installation_says_what_to_do_next(pages):
    mirror = tiles(pages)["Mirror"]
    assert (mirror.figure, mirror.hint) == ("empty", "Nothing mirrored yet. Run: manage.py sync --full")
    assert "No card has asked yet" in tiles(pages, "call_tiles")["Calls in 7 days"].hint


def test_a_first_sync_under_way_is_no_alarm(pages):
    SyncRun.objects.create(started_at=timezone.now(), full=True)
    assert tiles(pages)["Mirror"].hint == "The first sync is running."


def test_a_stale_mirror_is_an_alarm(pages):
    mirror_synced(ago=timedelta(hours=3))
    mirror = tiles(pages)["Mirror"]
    assert (mirror.tone, mirror.hint) == ("bad", "Out of date. Run: manage.py sync")


@pytest.mark.usefixtures("calls")
def test_what_waits_for_somebody_is_counted(pages):
    Status.objects.create(value="77", name="Отказ")
    shown = tiles(pages)
    assert {title: tile.figure for title, tile in shown.items() if title not in {"Mirror", "Statuses to look at"}} == {
        "Statuses without a rule": "2",
        "Rows in quarantine": "1",
        "Unreadable phones": "1",
    }
    assert shown["Mirror"].tone == "good"


@pytest.mark.usefixtures("calls")
def test_conflicts_of_the_week_are_counted_with_how_many_were_heeded(pages):
    conflicts = tiles(pages, "call_tiles")["Conflicts in 7 days"]
    assert (conflicts.figure, conflicts.hint) == ("1", "1 was heeded: nobody talked.")


@pytest.mark.django_db
def test_a_big_table_is_estimated_and_not_counted():
    Company.objects.bulk_create(Company(portal_id=number, title=str(number)) for number in range(1, 8))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with override("en"):
        assert dashboard.about(Company, up_to=3) == ("≈ 7" if connection.vendor == "postgresql" else "over 3")
        assert dashboard.about(Company, up_to=7) == "7"
