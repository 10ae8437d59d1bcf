"""One round does it all without a worker, and what cannot be done does not hold up the rest."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from crm_mirror import outbox, rounds
from crm_mirror.models import Company, InboxEvent, SyncCursor, SyncRun
from crm_mirror.portal.errors import PortalError
from crm_mirror.sync.kinds import NAMES
from crm_mirror.sync.work import Work, at_work
from tests.portal import PortalDriver

pytestmark = pytest.mark.django_db


def round_of_sync(*arguments: str) -> dict:
    out = StringIO()
    call_command("sync", *arguments, stdout=out)
    return json.loads(out.getvalue().splitlines()[-1])


def announced(event: str, entity_id: int) -> InboxEvent:
    now = timezone.now()
    return InboxEvent.objects.create(event=event, entity_id=str(entity_id), received_at=now, next_attempt_at=now)


def test_the_first_round_reads_everything_the_next_only_what_changed(portal: PortalDriver) -> None:
    for number in range(60):
        portal.add_company(f"Компания {number}")
    portal.portal.clock.advance(600)
    assert round_of_sync()["entities"]["company"]["created"] == 60
    changed = portal.add_company("Новая")
    report = round_of_sync()
    assert list(report["entities"]) == list(NAMES)
    assert report["entities"]["company"]["created"] == 1
    assert report["entities"]["company"]["seen"] < 61
    assert Company.objects.get(portal_id=changed).title == "Новая"
    assert list(SyncRun.objects.order_by("id").values_list("work", flat=True)) == [Work.FULL, Work.DELTA]


def test_a_round_works_off_events_and_delivers_what_is_due(portal: PortalDriver) -> None:
    company = portal.add_company("Ромашка")
    round_of_sync()
    event = announced("ONCRMCOMPANYUPDATE", company)
    call = outbox.enqueue(
        entity=f"company:{company}",
        purpose="test",
        method="crm.company.update",
        params={"id": company, "fields": {"TITLE": "Лютик"}},
        at=timezone.now(),
    )
    assert round_of_sync()["written_back"] == 1
    event.refresh_from_db()
    call.refresh_from_db()
    assert (event.state, call.state) == ("done", "done")
    assert portal.get("company", company)["TITLE"] == "Лютик"


def test_a_part_that_another_process_is_at_is_left_to_that_one(portal: PortalDriver) -> None:
    company = portal.add_company("Ромашка")
    round_of_sync()
    event = announced("ONCRMCOMPANYUPDATE", company)
    with at_work(Work.INBOX):
        assert not round_of_sync()["error"]
    event.refresh_from_db()
    assert event.state == "waiting"


def test_a_kind_that_the_portal_refuses_does_not_hold_up_events(portal: PortalDriver) -> None:
    company = portal.add_company("Ромашка")
    round_of_sync()
    event = announced("ONCRMCOMPANYUPDATE", company)
    portal.fails_with("error", method="crm.deal.list")
    with pytest.raises(PortalError, match=r"crm\.deal\.list"):
        rounds.whole_round()
    event.refresh_from_db()
    assert event.state == "done"


def test_a_full_sync_elsewhere_does_not_hold_up_the_delta(portal: PortalDriver) -> None:
    round_of_sync()
    company = portal.add_company("Ромашка")
    with at_work(Work.FULL):
        round_of_sync()
    assert Company.objects.get().portal_id == company


def test_without_a_complete_pass_a_kind_is_read_whole(portal: PortalDriver) -> None:
    portal.add_company("Ромашка")
    round_of_sync()
    SyncCursor.objects.filter(kind="deal").delete()
    portal.add_deal("Поставка")
    report = round_of_sync()
    assert report["entities"]["deal"]["created"] == 1
    assert SyncRun.objects.filter(work=Work.FULL).count() == 2
