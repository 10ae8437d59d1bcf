"""Our own writes are recognised when they come back, and nobody else's are."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm_mirror import outbox
from crm_mirror.models import Change, OutboxCall
from crm_mirror.sync.work import Work, at_work

UPDATE = "crm.company.update"


@pytest.fixture
def deliver(portal):
    def run():
        with at_work(Work.OUTBOX) as bench:
            return outbox.deliver_due(replace(bench, clock=lambda: timezone.now() + timedelta(seconds=1)))

    return run


@pytest.fixture
def romashka(portal, sync):
    company = portal.add_company("Ромашка", status="В ожидании")
    sync()
    return company


def write(company, **fields):
    return outbox.enqueue(
        entity=f"company:{company}",
        purpose="status",
        method=UPDATE,
        params={"id": company, "fields": fields},
        at=timezone.now(),
    )


def with_status(portal, name):
    return {settings.BITRIX_STATUS_FIELD: portal.status_value(name)}


def echoes():
    """What each change of the feed is an echo of, in order."""
    return list(Change.objects.order_by("id").values_list("echo_of", flat=True))


def is_seen(call):
    call.refresh_from_db()
    return call.echoed_at is not None


@pytest.mark.parametrize("kind", ["enumeration", "crm_status"])
def test_a_status_that_we_wrote_comes_back_as_an_echo(portal, sync, deliver, kind):
    portal.status_kind = kind
    romashka = portal.add_company("Ромашка", status="В ожидании")
    sync()
    call = write(romashka, **with_status(portal, "В работе"))
    deliver()
    sync()
    assert echoes() == [call.pk]
    assert is_seen(call)


@pytest.mark.parametrize(
    "fields", [{"TITLE": "Лютик"}, {"ASSIGNED_BY_ID": 3}, {"TITLE": "Лютик", "ASSIGNED_BY_ID": "3"}]
)
def test_so_does_whatever_else_the_mirror_keeps(portal, sync, deliver, romashka, fields):
    call = write(romashka, **fields)
    deliver()
    sync()
    assert echoes() == [call.pk]


def test_a_value_that_we_took_away_is_an_echo_too(portal, sync, deliver, romashka):
    call = write(romashka, **{settings.BITRIX_STATUS_FIELD: ""})
    deliver()
    sync()
    assert echoes() == [call.pk]


def test_what_somebody_else_wrote_is_no_echo(portal, sync, deliver, romashka):
    call = write(romashka, **with_status(portal, "В работе"))
    deliver()
    portal.update_company(romashka, status="В обработке")
    sync()
    assert echoes() == [None]
    assert not is_seen(call)


def test_neither_is_the_same_value_in_another_company(portal, sync, deliver, romashka):
    other = portal.add_company("Другая")
    sync()
    write(romashka, **with_status(portal, "В работе"))
    portal.update_company(other, status="В работе")
    deliver()
    sync()
    assert sorted(Change.objects.exclude(echo_of=None).values_list("portal_id", flat=True)) == [str(romashka)]


def test_an_echo_that_is_seen_before_the_answer_is_recorded(portal, sync, romashka):
    call = write(romashka, **with_status(portal, "В работе"))
    OutboxCall.objects.update(state="sending", sent_at=timezone.now())  # the answer is on its way
    portal.update_company(romashka, status="В работе")
    sync()
    assert echoes() == [call.pk]


def test_a_call_that_has_not_left_yet_has_no_echo(portal, sync, romashka):
    write(romashka, **with_status(portal, "В работе"))
    portal.update_company(romashka, status="В работе")
    sync()
    assert echoes() == [None]


def test_an_echo_is_recognised_once(portal, sync, deliver, romashka):
    call = write(romashka, **with_status(portal, "В работе"))
    deliver()
    sync()
    for status in ("В ожидании", "В работе"):
        portal.update_company(romashka, status=status)
        sync()
    assert echoes() == [call.pk, None, None]


def test_two_writes_in_a_row_have_an_echo_each_where_the_mirror_saw_both(portal, sync, deliver, romashka):
    calls = []
    for status in ("В обработке", "В работе"):
        calls.append(write(romashka, **with_status(portal, status)))
        deliver()
        sync()
    assert echoes() == [call.pk for call in calls]


def test_of_two_writes_the_mirror_saw_the_last_only_and_expects_the_first_no_more(portal, sync, deliver, romashka):
    first, last = write(romashka, **with_status(portal, "В обработке")), write(romashka, TITLE="Лютик")
    deliver()
    portal.update_company(romashka, status="В ожидании")
    sync()
    portal.update_company(romashka, status="В обработке")
    sync()
    assert echoes() == [last.pk, None]
    assert is_seen(first)


def test_another_field_that_somebody_else_changed_meanwhile_does_not_hide_the_echo(portal, sync, deliver, romashka):
    call = write(romashka, **with_status(portal, "В работе"))
    deliver()
    portal.update_company(romashka, TITLE="Лютик", by=1)
    sync()
    change = Change.objects.get()
    assert (change.echo_of, set(change.facts)) == (call.pk, {"status_id", "title"})


def test_an_old_write_has_no_echo(portal, sync, deliver, romashka):
    write(romashka, **with_status(portal, "В работе"))
    deliver()
    OutboxCall.objects.update(sent_at=timezone.now() - timedelta(days=2))
    sync()
    assert echoes() == [None]


def test_a_page_of_changes_costs_one_query_and_a_page_without_costs_none(portal, sync, romashka):
    for number in range(60):
        portal.add_company(f"Компания {number}")
    sync()
    assert queries_about_calls(sync) == 0
    for company in range(romashka + 2, romashka + 60):
        portal.update("company", company, TITLE="Лютик")
    assert queries_about_calls(sync) == 1


def queries_about_calls(sync):
    with CaptureQueriesContext(connection) as captured:
        sync(only=["company"])
    return len([query for query in captured if OutboxCall._meta.db_table in query["sql"]])
