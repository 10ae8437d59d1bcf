"""What a person should see to: each alert comes with its cause, goes with it, and never tells a stranger too much."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from crm_mirror import alerts
from crm_mirror.models import Company, Quarantine, SyncCursor, SyncRun
from tests.cast import mirror_synced, mirrored_company
from tests.living import allowance, changed, compared, ran, to_deliver, told

pytestmark = pytest.mark.django_db
MINUTE, HOUR = 60.0, 3600.0


@pytest.fixture(autouse=True)
def a_living_mirror():
    with translation.override("en"):
        mirror_synced()
        ran()
        yield


def found() -> dict[str, alerts.Alert]:
    return {alert.code: alert for alert in alerts.alerts(at=timezone.now())}


def test_a_living_mirror_has_none(django_assert_max_num_queries):
    told("done", ago=MINUTE, done_after=2)
    told()
    to_deliver()
    compared()
    with django_assert_max_num_queries(12):
        assert found() == {}


def test_a_mirror_that_is_not_complete():
    SyncCursor.objects.filter(kind="link").delete()
    assert "manage.py sync --full" in found()["mirror-empty"].remedy


def test_a_mirror_past_its_time(settings):
    mirror_synced(ago=timedelta(seconds=settings.MIRROR_STALE_AFTER + 60))
    assert found()["mirror-stale"].text == "The mirror is 960 s old."


def test_deals_may_be_old_for_no_verdict_rests_on_them(settings):
    SyncCursor.objects.filter(kind="deal").update(true_at=None)
    assert found() == {}


def test_a_portal_that_locked_us_out():
    now = timezone.now()
    row = allowance(blocked_until=now.timestamp() + 200, halted_because="OVERLOAD_LIMIT: ask support of portal.example")
    halted = found()["portal-halted"]
    assert "portal.example" not in halted.text + halted.remedy
    assert "OVERLOAD_LIMIT" in halted.cause
    row.blocked_until = now.timestamp() - 1
    row.save()
    assert found() == {}


@pytest.mark.parametrize(
    "error",
    ["profile: NO_AUTH_FOUND Wrong authorization data", "batch: insufficient_scope", "profile: HTTP 403"],
)
def test_a_token_that_the_portal_refuses_is_told_once(error):
    ran(ok=False, error=error)
    ran("full sync", ok=False, error=error)
    refused = found()
    assert list(refused) == ["token-refused"]
    assert refused["token-refused"].cause == error


def test_a_token_that_halted_everything_is_told_once_too():
    allowance(blocked_until=timezone.now().timestamp() + 200, halted_because="WrongToken profile: NO_AUTH_FOUND")
    ran(ok=False, error="profile: NO_AUTH_FOUND")
    assert list(found()) == ["token-refused"]


def test_a_webhook_of_a_dismissed_owner_is_told_after_the_next_sync(portal, sync):
    sync()
    portal.fails_with("revoked")
    with pytest.raises(Exception, match="NO_AUTH_FOUND"):
        sync()
    assert "token-refused" in found()


def test_a_run_that_failed_until_one_of_its_kind_goes_well():
    ran("reconciliation", ok=False, error="the portal does not answer")
    ran()
    failed = found()["run-failed"]
    assert failed.text == "The last run failed: comparison with the portal."
    assert failed.cause == "the portal does not answer"
    ran("reconciliation")
    assert found() == {}


def test_a_beat_that_stopped_where_there_is_a_broker(settings):
    SyncRun.objects.update(started_at=timezone.now() - timedelta(minutes=6))
    assert found() == {}, "without a broker cron may come as seldom as it likes"
    settings.CELERY_TASK_ALWAYS_EAGER = False
    assert list(found()) == ["beat-stopped"]
    ran(ok=None, ago=10 * MINUTE)
    assert found() == {}, "a long round is a round"


def test_events_that_nobody_works_off():
    told(ago=11 * MINUTE)
    told()
    assert found()["inbox-stuck"].text == "2 events wait, the oldest for 11 minutes."


def test_events_that_were_given_up():
    told("failed")
    assert found()["inbox-given-up"].text == "1 event was given up."


def test_events_that_stopped_coming_though_rows_change():
    told("done", ago=2 * HOUR, done_after=1)
    for _ in range(4):
        changed(source="delta", ago=MINUTE)
    changed("link", source="delta", ago=MINUTE)  # has no event of its own
    changed(source="event", ago=3 * HOUR)
    assert found() == {}
    changed(source="delta", ago=MINUTE)
    assert list(found()) == ["events-silent"]
    told("done", ago=MINUTE, done_after=1)
    assert found() == {}


def test_without_events_ever_their_silence_is_no_news(settings):
    for _ in range(9):
        changed(source="delta")
    assert found() == {}
    settings.BITRIX_APPLICATION_TOKEN = "copied-by-a-person"
    assert list(found()) == ["events-silent"]


def test_calls_to_the_portal_that_wait_too_long_and_that_were_given_up():
    to_deliver(ago=31 * MINUTE)
    to_deliver("dead")
    assert found()["outbox-stuck"].text == "1 call to the portal waits, the oldest for 31 minutes."
    assert found()["outbox-dead"].text == "1 call to the portal was given up."


def test_a_mirror_that_differs_from_the_portal():
    compared("company", left=3)
    compared("lead", left=0)
    assert found()["drift"].text == "Mirror and portal differ: companies: 3."


def test_rows_that_are_missing_and_may_not_be_marked_deleted():
    row = mirrored_company("Пропавшая")
    Company.objects.update(missing_since=timezone.now())
    running = ran("full sync", ok=None)
    assert found() == {}, "while everything is read suspicions are in order"
    running.ok, running.report = True, {"warnings": ["company: 1 rows are missing, none was marked deleted."]}
    running.save()
    stopped = found()["mass-delete"]
    assert stopped.text == "Rows are missing from the portal's lists and were not marked deleted. companies: 1"
    assert stopped.cause == "company: 1 rows are missing, none was marked deleted."
    Company.objects.filter(pk=row.pk).update(deleted_at=timezone.now())
    assert found() == {}


def test_a_round_that_stopped_before_it_forgot_too_much():
    warning = "company: 60 of 100 at once are too many. If so, run it again with --allow-mass-delete"
    ran(report={"warnings": [warning]})
    assert found()["mass-delete"].cause == warning


def test_a_quarantine_that_has_grown_since_yesterday():
    now = timezone.now()
    Quarantine.objects.create(kind="lead", portal_id="1", row={}, since=now - timedelta(days=2), seen_at=now)
    assert found() == {}
    Quarantine.objects.create(kind="lead", portal_id="2", row={}, since=now, seen_at=now)
    assert found()["quarantine"].text == "1 more row of the portal than a day ago cannot be read."


def test_every_alert_says_where_its_cure_is_written_down():
    compared(left=1)
    assert found()["drift"].anchor == "docs/operations.md#drift"


def test_a_refusal_is_over_when_another_work_has_gone_well_since():
    ran("full sync", ok=False, error="batch: NO_AUTH_FOUND Wrong authorization data")
    assert "token-refused" in found()
    ran()
    assert found() == {}
