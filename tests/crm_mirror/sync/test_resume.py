"""A sync that was cut off goes on where it was; two at once do not happen."""

from __future__ import annotations

import os
import socket
from datetime import timedelta

import pytest
from django.utils import timezone

from crm_mirror.models import Company, Contact, Department, SyncCursor, SyncLease, SyncRun
from crm_mirror.portal.errors import PortalError, WrongToken
from crm_mirror.sync import cursors
from crm_mirror.sync.cursors import Overtaken, begin, move
from crm_mirror.sync.lease import LIFE, AlreadyRunning, Lease, is_gone, naps


@pytest.fixture
def companies(portal):
    """More than two requests' worth."""
    fields = [f"('Компания {number}', 1, 1, 1, 'N', 1700000000, 1700000000)" for number in range(5200)]
    columns = "TITLE, ASSIGNED_BY_ID, CREATED_BY_ID, MODIFY_BY_ID, IS_MY_COMPANY, DATE_CREATE, DATE_MODIFY"
    portal.store.execute(f"INSERT INTO company ({columns}) VALUES {', '.join(fields)}")  # noqa: S608
    return [row[0] for row in portal.store.rows("SELECT ID FROM company ORDER BY ID")]


@pytest.fixture
def cut_off(portal, sync, companies):
    """The portal's token died after two requests."""
    portal.fails_with("revoked", after=2)
    with pytest.raises(WrongToken):
        sync()
    portal.heal()
    return SyncCursor.objects.get(kind="company")


def test_what_was_written_stays_and_the_cursor_says_how_far(cut_off, companies):
    written = list(Company.objects.order_by("portal_id").values_list("portal_id", flat=True))
    assert written == companies[: len(written)]
    assert 0 < len(written) < len(companies)
    assert (cut_off.last_id, cut_off.seen) == (written[-1], len(written))
    assert cut_off.finished_at is None


def test_the_next_run_reads_only_what_is_left(cut_off, sync, companies):
    counts = sync().counts("company")
    assert counts.seen == counts.created == len(companies) - cut_off.seen
    assert Company.objects.count() == len(companies)


def test_kinds_that_were_finished_are_not_read_again(cut_off, sync, portal):
    assert Department.objects.exists()
    portal.log.clear()
    sync()
    assert "department.get" not in portal.log.methods()
    portal.log.clear()
    sync()
    assert "department.get" in portal.log.methods()


def test_an_old_unfinished_pass_is_begun_anew(cut_off, sync, companies):
    long_ago = timezone.now() - timedelta(days=2)
    SyncCursor.objects.update(pass_started_at=long_ago)
    assert sync().counts("company").seen == len(companies)


def test_a_resumed_pass_still_finds_what_is_missing_from_its_first_half(sync, portal, companies):
    sync()
    portal.delete_company(companies[10])
    portal.fails_with("revoked", after=2)
    with pytest.raises(PortalError):
        sync()
    portal.heal()
    sync()
    assert list(Company.objects.exclude(deleted_at=None).values_list("portal_id", flat=True)) == [companies[10]]


def test_a_pass_that_a_weaker_token_began_deletes_nothing_when_a_stronger_one_ends_it(sync, portal, companies):
    sync()
    portal.delete_company(companies[10])
    portal.fails_with("not_admin")
    portal.fails_with("revoked", after=2)
    with pytest.raises(PortalError):
        sync()
    portal.heal()
    sync()
    assert not Company.objects.exclude(deleted_at=None).exists()


def test_a_kind_that_was_refused_does_not_keep_the_others_from_being_read(sync, portal):
    portal.fails_with("scope", method="department.get")
    for title in ("Ромашка", "Лютик"):
        portal.add_company(title)
        with pytest.raises(PortalError):
            sync()
    assert Company.objects.count() == 2


def test_a_cursor_that_moved_under_us_stops_the_run(db):
    position = begin(["company"], at=timezone.now())["company"]
    move(position, last_id=50, seen=50, closes=False)
    with pytest.raises(Overtaken):
        move(position, last_id=100, seen=100, closes=False)


def test_a_round_whose_kinds_were_all_read_begins_anew(db):
    first = begin(["company", "contact"], at=timezone.now())
    for position in first.values():
        move(position, last_id=9, seen=9, closes=True)
    again = cursors.open_round(["company", "contact"], at=timezone.now())
    assert [position.last_id for position in again.values()] == [0, 0]


class TestOneAtATime:
    def test_a_second_sync_says_who_runs(self, portal, sync):
        Lease("full sync").take(at=timezone.now())
        with pytest.raises(AlreadyRunning, match=f"process {os.getpid()}"):
            sync()
        assert not SyncRun.objects.exists()
        assert len(portal.log) == 0

    def test_the_place_is_free_after_a_sync_that_failed_too(self, portal, sync):
        portal.fails_with("revoked", times=1)
        with pytest.raises(PortalError):
            sync()
        assert not SyncLease.objects.exists()
        sync()

    def test_a_dead_process_of_this_machine_gives_up_its_place(self, portal, sync):
        gone = f"{socket.gethostname()}:4194000:x"  # above any process ID that Linux gives by default on this scale
        SyncLease.objects.create(name="sync", holder=gone, until=timezone.now() + timedelta(minutes=5))
        sync()

    def test_a_silent_process_of_another_machine_gives_up_its_place_in_the_end(self, portal, sync):
        place = SyncLease.objects.create(
            name="full sync", holder="elsewhere:1:x", until=timezone.now() + timedelta(minutes=5)
        )
        with pytest.raises(AlreadyRunning, match="elsewhere"):
            sync()
        SyncLease.objects.filter(pk=place.pk).update(until=timezone.now() - timedelta(seconds=1))
        sync()

    def test_who_was_overtaken_stops(self, db):
        lease = Lease("full sync")
        lease.take(at=timezone.now())
        SyncLease.objects.update(holder="elsewhere:1:x")
        with pytest.raises(AlreadyRunning):
            lease.renew(at=timezone.now())
        lease.release()
        assert SyncLease.objects.exists()  # not ours to give up

    def test_a_living_process_is_not_gone(self):
        assert not is_gone(Lease("full sync").holder)


def test_a_long_wait_keeps_the_lease(db):
    lease, slept, began = Lease("full sync"), [], timezone.now()
    lease.take(at=began)
    naps(lambda: lease.renew(at=began + timedelta(seconds=sum(slept))), slept.append)(100.0)
    assert slept == [30.0, 30.0, 30.0, 10.0]
    assert SyncLease.objects.get().until == began + timedelta(seconds=100) + LIFE


def test_a_run_whose_process_died_is_closed_by_the_next(portal, sync):
    dead = SyncRun.objects.create(started_at=timezone.now() - timedelta(hours=1))
    sync()
    dead.refresh_from_db()
    assert (dead.ok, dead.error) == (False, "the process died")
    assert SyncRun.objects.latest().ok


def test_contacts_are_taken_up_where_companies_ended(portal, sync, companies):
    portal.add_contact("Ольга Петрова")
    portal.fails_with("revoked", after=3)
    try:
        sync()
    except WrongToken:
        portal.heal()
        sync()
    assert (Company.objects.count(), Contact.objects.count()) == (len(companies), 1)
