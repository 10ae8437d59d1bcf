"""Calls to the portal: sent with their cause or not at all, at least once, in order, and never twice where it shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from crm_mirror import outbox
from crm_mirror.connection import client_from_settings
from crm_mirror.models import OutboxCall
from crm_mirror.portal.client import Patience
from crm_mirror.portal.limits import Purpose
from crm_mirror.portal.transport import Timeouts
from crm_mirror.sync.lease import AlreadyRunning, Lease
from crm_mirror.sync.report import SyncReport
from crm_mirror.sync.work import Work, at_work

pytestmark = pytest.mark.django_db
IMPATIENT = Patience(attempts=2, attempts_when_busy=2, first=0.01, budget_unknown=30.0)
UPDATE = "crm.company.update"
SOON = timedelta(seconds=30)


@pytest.fixture
def deliver(portal):
    """What the worker does: deliver() now, or `later`; returns how many calls were accepted."""

    def run(later=timedelta(0), *, read_timeout=5.0, into=None):
        client = client_from_settings(purpose=Purpose.WRITE, patience=IMPATIENT, timeouts=Timeouts(read=read_timeout))
        with at_work(Work.OUTBOX, client=client, into=into) as bench:
            return outbox.deliver_due(replace(bench, clock=lambda: timezone.now() + later))

    return run


@pytest.fixture
def romashka(portal):
    return portal.add_company("Ромашка")


def rename(company, title, *, check=True):
    shown = {"method": "crm.company.get", "params": {"id": company}, "expect": {"TITLE": title}}
    return outbox.enqueue(
        entity=f"company:{company}",
        purpose="status",
        method=UPDATE,
        params={"id": company, "fields": {"TITLE": title}},
        check=shown if check else None,
        at=timezone.now(),
    )


def notify(message, *, entity="employee:1", **params):
    return outbox.enqueue(
        entity=entity,
        purpose="notice",
        method="im.notify.personal.add",
        params={"USER_ID": 1, "MESSAGE": message} | params,
        at=timezone.now(),
    )


def arrived(portal, method=UPDATE):
    """How often the portal carried the method out, whether or not its answer got through."""
    return sum(entry.commands.count(method) for entry in portal.log if entry.status in (0, 200) and not refused(entry))


def refused(entry):
    return entry.fault in ("html", "502", "503")


def messages(portal):
    return [one["message"] for one in portal.portal.memory.get("notifications", [])]


def title_of(portal, company):
    return portal.get("company", company)["TITLE"]


def state(call):
    call.refresh_from_db()
    return call.state


# --- One call --------------------------------------------------------------------------------------------------------
def test_a_call_reaches_the_portal_once_and_its_answer_is_kept(portal, deliver, romashka):
    call = rename(romashka, "Лютик")
    assert (deliver(), deliver()) == (1, 0)
    assert (title_of(portal, romashka), arrived(portal)) == ("Лютик", 1)
    assert (state(call), call.attempts, call.result, call.error) == ("done", 1, True, "")
    assert call.sent_at <= call.done_at


def test_what_is_rolled_back_with_its_cause_is_never_sent(portal, deliver, romashka):
    with transaction.atomic():
        rename(romashka, "Лютик")
        transaction.set_rollback(True)
    assert deliver() == 0
    assert len(portal.log) == 0


def test_a_refusal_is_kept_in_the_portals_own_words_and_not_repeated(portal, deliver):
    call = rename(404, "Лютик")
    assert (deliver(), deliver(later=SOON)) == (0, 0)
    assert (state(call), call.error) == ("refused", f"{UPDATE}: Company is not found")
    assert arrived(portal) == 1


def test_a_token_without_the_right_is_refused_too(portal, deliver, romashka):
    portal.fails_with("scope", method=UPDATE)
    call = rename(romashka, "Лютик")
    deliver()
    assert state(call) == "refused"
    assert "insufficient_scope" in call.error


def test_an_idle_outbox_asks_nothing(portal, deliver):
    assert deliver() == 0
    assert len(portal.log) == 0


def test_two_workers_do_not_deliver_at_once(portal, deliver, romashka):
    rename(romashka, "Лютик")
    other = Lease(Work.OUTBOX)
    other.take(at=timezone.now())
    with pytest.raises(AlreadyRunning):
        deliver()
    other.release()
    assert deliver() == 1


# --- Many calls ------------------------------------------------------------------------------------------------------
def test_calls_about_different_things_share_a_request(portal, deliver):
    companies = [portal.add_company(f"Компания {number}") for number in range(20)]
    for company in companies:
        rename(company, "Лютик")
    assert deliver() == 20
    assert [entry.method for entry in portal.log] == ["batch"]
    assert {title_of(portal, company) for company in companies} == {"Лютик"}


def test_calls_about_one_thing_go_out_in_their_order_and_all_of_them(portal, deliver):
    for number in range(5):
        notify(f"первый {number}", entity="company:1")
        notify(f"второй {number}", entity="company:2")
    assert deliver() == 10
    said = messages(portal)
    assert [one for one in said if one.startswith("первый")] == [f"первый {number}" for number in range(5)]
    assert [one for one in said if one.startswith("второй")] == [f"второй {number}" for number in range(5)]


def test_a_call_that_waits_holds_up_the_later_ones_about_the_same_thing_only(portal, deliver, romashka):
    other = portal.add_company("Другая")
    portal.fails_with("error", method=UPDATE, times=1)
    first, second, apart = rename(romashka, "Лютик"), rename(romashka, "Роза"), rename(other, "Мак")
    assert deliver() == 1
    assert (state(first), state(second), state(apart)) == ("sending", "waiting", "done")
    assert deliver(later=SOON) == 2
    assert title_of(portal, romashka) == "Роза"


def test_refused_and_given_up_calls_hold_up_nobody(portal, deliver, romashka):
    given_up = rename(romashka, "Лютик")
    OutboxCall.objects.filter(pk=given_up.pk).update(state="dead")
    notify("", entity=f"company:{romashka}")  # the portal refuses an empty message
    last = rename(romashka, "Роза")
    assert deliver() == 1
    assert (state(last), title_of(portal, romashka)) == ("done", "Роза")


def test_a_command_refused_in_a_batch_does_not_touch_its_neighbours(portal, deliver, romashka):
    bad, good = rename(404, "Лютик"), rename(romashka, "Лютик")
    assert deliver() == 1
    assert (state(bad), state(good)) == ("refused", "done")


# --- Was it done? ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("fault", ["stall", "reset", "cut", "half"])
def test_a_write_whose_answer_was_lost_is_not_written_again(portal, deliver, romashka, fault):
    call = rename(romashka, "Лютик")
    portal.fails_with(fault, times=1, method="batch", amount="1s" if fault == "stall" else "")
    assert deliver(read_timeout=0.3) == 0
    assert (state(call), title_of(portal, romashka)) == ("sending", "Лютик")
    assert deliver(later=SOON) == 1
    assert (state(call), call.attempts, arrived(portal)) == ("done", 2, 1)


@pytest.mark.parametrize("fault", ["html", "502"])
def test_a_write_that_never_arrived_is_sent_again(portal, deliver, romashka, fault):
    call = rename(romashka, "Лютик")
    portal.fails_with(fault, times=1, method="batch")
    assert deliver() == 0
    assert (state(call), title_of(portal, romashka)) == ("sending", "Ромашка")
    assert deliver(later=SOON) == 1
    assert (title_of(portal, romashka), arrived(portal)) == ("Лютик", 1)


def test_of_a_batch_that_timed_out_every_call_is_checked(portal, deliver):
    companies = [portal.add_company(f"Компания {number}") for number in range(10)]
    for company in companies:
        rename(company, "Лютик")
    portal.fails_with("stall", times=1, method="batch", amount="1s")
    assert deliver(read_timeout=0.3) == 0
    portal.update_company(companies[0], TITLE="Роза")  # as if that one had not been carried out
    assert deliver(later=SOON) == 10
    assert arrived(portal) == 11
    assert {title_of(portal, company) for company in companies} == {"Лютик"}


def test_a_notice_without_a_check_is_sent_again_and_its_tag_keeps_it_single(portal, deliver):
    notify("Вам возразили", TAG="dispute-1", CLIENT_ID="callguard")
    portal.fails_with("reset", times=1, method="batch")
    assert (deliver(), deliver(later=SOON)) == (0, 1)
    assert messages(portal) == ["Вам возразили"]
    assert arrived(portal, "im.notify.personal.add") == 2


def test_a_check_that_finds_the_portal_lost_decides_nothing(portal, deliver, romashka):
    call = rename(romashka, "Лютик")
    portal.fails_with("reset", times=1, method="batch")
    deliver()
    portal.fails_with("502", times=5)
    assert (deliver(later=SOON), state(call)) == (0, "sending")
    portal.heal()
    assert (deliver(later=timedelta(minutes=5)), arrived(portal)) == (1, 1)


def test_a_check_that_finds_the_row_gone_lets_the_portal_refuse_the_call(portal, deliver, romashka):
    call = rename(romashka, "Лютик")
    portal.fails_with("reset", times=1, method="batch")
    deliver()
    portal.delete_company(romashka)
    assert (deliver(later=SOON), state(call)) == (0, "refused")


# --- The portal is lost ----------------------------------------------------------------------------------------------
def test_a_storm_of_503_lets_nothing_through_twice(portal, deliver, romashka):
    call = rename(romashka, "Лютик")
    portal.fails_with("503", times=5)
    assert deliver() == 0
    assert (state(call), call.attempts) == ("waiting", 1)
    assert deliver(later=SOON) == 0
    assert deliver(later=timedelta(minutes=5)) == 1
    assert (title_of(portal, romashka), arrived(portal)) == ("Лютик", 1)


@pytest.mark.parametrize("fault", ["plan_ended", "revoked", "overload", "deleted", "503"])
def test_a_portal_that_is_lost_leaves_calls_waiting_with_one_warning(portal, deliver, fault):
    calls = [rename(portal.add_company(f"Компания {number}"), "Лютик") for number in range(3)]
    portal.fails_with(fault)
    report = SyncReport()
    assert deliver(into=report) == 0
    assert [state(call) for call in calls] == ["waiting"] * 3
    assert len(report.warnings) == 1
    portal.heal()
    assert deliver(later=timedelta(hours=1)) == 3
    assert arrived(portal) == 3


def test_waiting_doubles_each_time_up_to_ten_minutes(portal, deliver, romashka):
    call = rename(romashka, "Лютик")
    portal.fails_with("plan_ended")
    waits = []
    for _turn in range(10):
        OutboxCall.objects.update(next_attempt_at=timezone.now())
        before = timezone.now()
        deliver()
        call.refresh_from_db()
        waits.append(round((call.next_attempt_at - before).total_seconds()))
    assert waits == [5, 10, 20, 40, 80, 160, 320, 600, 600, 600]


def test_a_call_that_fails_for_a_week_is_given_up(portal, deliver, romashka):
    call = rename(romashka, "Лютик")
    OutboxCall.objects.update(attempts=outbox.MOST_ATTEMPTS - 1)
    portal.fails_with("plan_ended")
    deliver()
    assert state(call) == "dead"
    assert "commercial plans" in call.error
    portal.heal()
    assert deliver(later=timedelta(days=1)) == 0


def test_a_clock_that_jumped_ahead_and_back_holds_up_nothing(portal, deliver, romashka):
    call = rename(romashka, "Лютик")
    portal.fails_with("plan_ended", times=1)
    deliver(later=timedelta(days=365))
    call.refresh_from_db()
    assert call.next_attempt_at > timezone.now() + timedelta(days=300)
    assert (deliver(), title_of(portal, romashka)) == (1, "Лютик")


def test_a_method_whose_time_is_spent_does_not_hold_up_the_others(portal, deliver, romashka):
    portal.fails_with("429", times=1, method="im.notify.personal.add")
    notice, write = notify("Вам возразили"), rename(romashka, "Лютик")
    assert deliver() == 1
    late = rename(romashka, "Роза")
    OutboxCall.objects.update(next_attempt_at=timezone.now())
    assert deliver() == 1
    assert (state(notice), state(write), state(late)) == ("waiting", "done", "done")
    assert notice.next_attempt_at > timezone.now()


# --- By hand ---------------------------------------------------------------------------------------------------------
def test_a_refused_call_is_sent_again_by_hand(portal, deliver, romashka):
    portal.fails_with("scope", times=1, method=UPDATE)
    call = rename(romashka, "Лютик")
    deliver()
    assert outbox.send_again(OutboxCall.objects.all(), at=timezone.now()) == 1
    assert (deliver(), state(call), title_of(portal, romashka)) == (1, "done", "Лютик")


def test_a_call_given_up_is_checked_before_it_is_sent_again_by_hand(portal, deliver, romashka):
    call = rename(romashka, "Лютик")
    OutboxCall.objects.update(attempts=outbox.MOST_ATTEMPTS - 1)
    portal.fails_with("reset", times=1, method="batch")
    deliver()
    assert state(call) == "dead"
    outbox.send_again(OutboxCall.objects.all(), at=timezone.now())
    assert (deliver(), state(call), arrived(portal)) == (1, "done", 1)


def test_only_what_was_given_up_can_be_sent_again(portal, deliver, romashka):
    rename(romashka, "Лютик")
    deliver()
    rename(romashka, "Роза")
    assert outbox.send_again(OutboxCall.objects.all(), at=timezone.now()) == 0


def test_accepted_calls_are_forgotten_after_a_while_others_never(portal, deliver, romashka):
    rename(romashka, "Лютик")
    refused = rename(404, "Лютик")
    deliver()
    assert outbox.forget_before(timezone.now() - timedelta(days=1)) == 0
    assert outbox.forget_before(timezone.now() + timedelta(days=1)) == 1
    assert OutboxCall.objects.get() == refused


# --- Only while the portal shows what was meant ----------------------------------------------------------------------
def rename_if(company, title, *, shown):
    call = rename(company, title)
    OutboxCall.objects.filter(pk=call.pk).update(check_call=call.check_call | {"only_if": {"TITLE": shown}})
    return call


def test_a_call_goes_out_while_the_portal_shows_what_it_was_meant_to_replace(portal, deliver, romashka):
    call = rename_if(romashka, "Лютик", shown=["Роза", "Ромашка"])
    assert (deliver(), state(call), title_of(portal, romashka)) == (1, "done", "Лютик")


def test_what_somebody_has_changed_since_is_not_written_over(portal, deliver, romashka):
    call = rename_if(romashka, "Лютик", shown=["Ромашка"])
    portal.update_company(romashka, TITLE="Роза")
    assert (deliver(), deliver(later=SOON)) == (0, 0)
    assert (state(call), call.error) == ("refused", "overtaken: the portal shows TITLE=Роза by now")
    assert (title_of(portal, romashka), arrived(portal)) == ("Роза", 0)


def test_what_the_portal_shows_already_is_not_written_again(portal, deliver, romashka):
    call = rename_if(romashka, "Лютик", shown=["Ромашка"])
    portal.update_company(romashka, TITLE="Лютик")
    assert (deliver(), state(call), arrived(portal)) == (1, "done", 0)


def test_an_overtaken_call_does_not_hold_up_the_next_of_its_company(portal, deliver, romashka):
    rename_if(romashka, "Лютик", shown=["Роза"])
    rename(romashka, "Пион")
    assert (deliver(), title_of(portal, romashka)) == (1, "Пион")


def test_a_check_that_fails_before_the_first_sending_leaves_the_call_unsent(portal, deliver, romashka):
    call = rename_if(romashka, "Лютик", shown=["Ромашка"])
    portal.fails_with("502", times=4)
    assert (deliver(), state(call), call.sent_at) == (0, "waiting", None)
    portal.heal()
    assert (deliver(later=SOON), title_of(portal, romashka)) == (1, "Лютик")


def test_a_company_that_is_gone_is_refused_by_the_portal_itself(portal, deliver, romashka):
    call = rename_if(romashka, "Лютик", shown=["Ромашка"])
    portal.delete_company(romashka)
    assert (deliver(), state(call), call.error) == (0, "refused", f"{UPDATE}: Company is not found")
