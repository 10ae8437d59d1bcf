"""How true the mirror is: ages, lags, what waits and what differs, at a fixed price."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from crm_mirror import freshness
from crm_mirror.models import Change, DeltaCursor, SyncCursor
from crm_mirror.sync.kinds import NAMES
from tests.cast import mirror_synced
from tests.living import changed, compared, to_deliver, told

pytestmark = pytest.mark.django_db


def standing(kind: str) -> freshness.Standing:
    return next(one for one in freshness.standings() if one.kind == kind)


# --- How far each kind is read ---------------------------------------------------------------------------------------
def test_of_an_empty_mirror_every_kind_is_told_and_nothing_is_known():
    assert [one.kind for one in freshness.standings()] == [name for name in NAMES if name != "status"]
    assert standing("company") == freshness.Standing("company")
    assert (freshness.synced_at(), freshness.lags()) == (None, {})


def test_statuses_are_told_once_somebody_keeps_their_cursor():
    SyncCursor.objects.create(kind="status", true_at=timezone.now())
    assert freshness.standings()[0].kind == "status"


def test_a_kind_is_as_true_as_its_cursor_says_and_a_mass_change_shows():
    mirror_synced(ago=timedelta(minutes=3))
    began = timezone.now()
    DeltaCursor.objects.create(kind="contact", backlog_since=began, backlog_last_id=500)
    contact = standing("contact")
    assert timezone.now() - contact.true_at >= timedelta(minutes=3)
    assert (contact.backlog_since, contact.backlog_last_id) == (began, 500)


def test_drift_is_what_the_newest_comparison_left():
    compared("lead", left=7, ago=3600)
    compared("lead", left=0)
    compared("deal", left=2)
    assert [standing(kind).drift_left for kind in ("lead", "deal", "company")] == [0, 2, None]


def test_what_is_known_of_all_kinds_takes_three_queries(django_assert_num_queries):
    mirror_synced()
    compared("lead")
    with django_assert_num_queries(3):
        freshness.standings()


# --- Lag -------------------------------------------------------------------------------------------------------------
def test_lag_is_told_by_the_median_and_the_worst_twentieth():
    for seconds in range(1, 101):
        changed(lag=float(seconds))
    assert freshness.lags() == {"company": freshness.Lag(100, 50.0, 95.0)}


def test_one_change_is_its_own_median():
    assert freshness.lag_of([3.0]) == freshness.Lag(1, 3.0, 3.0)


def test_changes_that_tell_no_time_have_no_lag():
    changed(lag=None)
    assert freshness.lags() == {}


def test_only_the_newest_changes_tell_how_it_is_now():
    rows = [Change(at=timezone.now(), kind="lead", portal_id="1", what="updated", lag_s=900.0, source="delta")] * 30
    Change.objects.bulk_create(rows)
    Change.objects.bulk_create(
        Change(at=timezone.now(), kind="lead", portal_id="1", what="updated", lag_s=1.0, source="event")
        for _ in range(freshness.NEWEST)
    )
    assert freshness.lags()["lead"] == freshness.Lag(freshness.NEWEST, 1.0, 1.0)


def test_a_days_changes_are_told_by_how_they_were_learned(django_assert_num_queries):
    changed(source="event", lag=1.0)
    changed(source="delta", lag=40.0)
    changed("lead", source="delta", lag=60.0)
    changed(source="delta", lag=5000.0, ago=3 * 24 * 3600)
    with django_assert_num_queries(1):
        day = freshness.measured_since(timezone.now() - timedelta(days=1))
    assert freshness.by_source(day) == {"delta": freshness.Lag(2, 40.0, 60.0), "event": freshness.Lag(1, 1.0, 1.0)}


def test_the_lag_of_a_real_change_is_measured_by_the_portals_clock(portal, sync):
    company = portal.add_company("Ромашка")
    sync()
    portal.update_company(company, TITLE="Ромашка и партнёры")
    sync()
    change = Change.objects.get(kind="company")
    known = freshness.lags().get("company")
    assert known == freshness.lag_of([change.lag_s])


# --- Queues ----------------------------------------------------------------------------------------------------------
def test_the_inbox_tells_what_waits_since_when_and_what_was_given_up():
    oldest = told(ago=60)
    told()
    told("failed", ago=3600)
    told("done", ago=7200)
    told("ignored", ago=7200)
    assert freshness.inbox() == freshness.Queue(2, oldest.received_at, 1)


def test_the_outbox_counts_a_call_under_way_as_waiting_and_a_refused_one_as_settled():
    oldest = to_deliver("sending", ago=60)
    to_deliver()
    to_deliver("dead", ago=3600)
    to_deliver("refused", ago=3600)
    to_deliver("done", ago=3600)
    assert freshness.outbox() == freshness.Queue(2, oldest.created_at, 1)


def test_nothing_waits_in_empty_queues():
    assert freshness.inbox() == freshness.outbox() == freshness.Queue(0, None, 0)
