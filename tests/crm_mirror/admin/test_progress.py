"""How work that was asked for goes: told from its run and its lease, whoever does it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm_mirror.models import SyncCursor, SyncLease, SyncRun
from tests import living
from tests.crm_mirror.admin.conftest import PROGRESS

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(pages):
    """What the page is told; asked for `ago` seconds ago, before the runs that the test makes later."""
    newest = SyncRun.objects.count()

    def tell(order="sync", *, ago=0.0, **query):
        asked = {"order": order, "after": newest, "at": int(timezone.now().timestamp() - ago)} | query
        return pages.get(reverse(PROGRESS), asked, headers={"accept-language": "en"}).json()

    return tell


def at_work(work: str, holder: str = "another machine:1:x") -> None:
    SyncLease.objects.create(name=work, holder=holder, until=timezone.now() + timedelta(minutes=5))


def test_before_anybody_begins_it_waits_and_after_a_while_says_why_that_may_be(told):
    assert (told()["state"], told()["headline"], told()["goes_on"]) == ("waiting", "Asked for.", True)
    late = told(ago=60)
    assert (late["state"], late["headline"]) == ("waiting", "Asked for, and nobody has begun.")
    assert "manage.py doctor" in late["detail"]


def test_a_full_sync_tells_its_share(told):
    run = living.ran("full sync", ok=None)
    at_work("full sync")
    assert (told()["state"], told()["percent"]) == ("running", None)
    began = timezone.now()
    SyncCursor.objects.create(kind="company", pass_started_at=began, seen=2000, expected=10_000)
    SyncCursor.objects.create(kind="lead", pass_started_at=began, seen=500)
    SyncCursor.objects.create(kind="deal", pass_started_at=began - timedelta(days=1), seen=9000, expected=9000)
    now = told()
    assert (now["percent"], now["detail"]) == (25, "2,500 of 10,000 rows read")
    assert now["link"] == reverse("admin:crm_mirror_syncrun_change", args=[run.pk])


def test_a_round_that_reads_changes_is_under_way_without_a_share(told):
    living.ran(ok=None)
    at_work("delta round")
    now = told()
    assert (now["state"], now["headline"], now["percent"]) == ("running", "Under way: reading what changed.", None)


def test_what_went_well_tells_its_price(told):
    living.ran(report={"requests": 1234, "seconds": 5.25})
    now = told()
    assert (now["state"], now["goes_on"], now["detail"]) == ("done", False, "1,234 requests, 5.2 s")


def test_what_failed_tells_why(told):
    living.ran(ok=False, error="the portal does not answer")
    now = told()
    assert (now["state"], now["goes_on"], now["detail"]) == ("failed", False, "the portal does not answer")


def test_a_process_that_was_killed_is_not_waited_for(told):
    living.ran("full sync", ok=None)
    assert (told()["state"], told()["headline"]) == ("failed", "The process ended half way.")


def test_one_that_died_before_is_no_answer_to_what_was_asked_since(pages, told):
    dead = living.ran("full sync", ok=None)
    assert told(after=dead.pk)["state"] == "waiting"


def test_a_run_of_before_is_no_answer_either_but_one_that_still_goes_on_is(told):
    old = living.ran()
    assert told(after=old.pk)["state"] == "waiting"
    running = living.ran("full sync", ok=None)
    at_work("full sync")
    assert told(after=running.pk)["state"] == "running"


def test_a_comparison_is_told_of_by_itself(told):
    living.ran()
    assert told("reconcile")["state"] == "waiting"
    living.ran("reconciliation", report={"requests": 3, "seconds": 1})
    assert told("reconcile")["headline"] == "Done: comparison with the portal."


def test_a_page_that_asked_for_nothing_shows_what_goes_on_to_its_end(pages, shown):
    assert 'data-goes-on="no" ' in shown().replace("\n", " ")
    run = living.ran("reconciliation", ok=None)
    at_work("reconciliation")
    page = shown()
    assert "Under way: comparison with the portal." in page
    assert f"order=reconcile&amp;after={run.pk - 1}&amp;" in page


@pytest.mark.parametrize(
    "query",
    [{"order": "rm"}, {"at": "soon"}, {"after": "x"}, {"at": "9" * 30}],
)
def test_an_address_that_makes_no_sense_asks_for_nothing(told, query):
    assert told(**query)["state"] == "none"
