"""Numbers masked when their time has come."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from callguard.models import (
    AccessLog,
    Call,
    CallTally,
    ConflictTally,
    Dispute,
    DisputeState,
    Retention,
    Takeover,
    TallyState,
)
from callguard.privacy import retention
from callguard.privacy.retention import Periods, forget_calls, keep_to, mask_numbers, periods_in_force
from callguard.tallies.days import day_of
from callguard.tallies.refresh import bring_up_to_date, rebuild
from callguard.tasks import forget_personal_data
from tests.callguard.privacy.conftest import LEAD, RED, SPELLING, all_that_is_kept, talked_about
from tests.callguard.privacy.conftest import rung as recorded
from tests.cast import OLGA

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clients")]
NOW = timezone.now()
WEEK, MONTH = timedelta(days=7), timedelta(days=30)


def rung(call_id, phone, *, at):
    """And judged: what is pending waits."""
    call = recorded(call_id, phone, at=at)
    Call.objects.filter(pk=call.pk).update(judged_at=NOW)
    return call


def numbers():
    return dict(Call.objects.values_list("call_id", "number"))


def test_the_number_of_an_old_call_is_masked_wherever_it_stands():
    call = rung("old", RED, at=NOW - MONTH)
    talked_about(call)
    assert mask_numbers(NOW - WEEK) == 1
    told = all_that_is_kept(Call.objects.all())
    assert "+7916*****67" in told
    assert not any(spelling in told for spelling in (RED, SPELLING, RED[1:], RED[2:]))


def test_a_number_in_the_title_of_a_lead_is_masked_too():
    rung("lead", LEAD, at=NOW - MONTH)
    mask_numbers(NOW - WEEK)
    call = Call.objects.get()
    assert call.verdict["entity"]["title"] == "Звонок с +7905*****55"
    assert LEAD not in str(call.evidence)


def test_the_facts_of_the_call_stay():
    call = rung("old", RED, at=NOW - MONTH)
    mask_numbers(NOW - WEEK)
    after = Call.objects.get()
    for name in ("colour", "tier", "conflict", "caller_id", "responsible_id", "rung_at", "rules_version"):
        assert getattr(after, name) == getattr(call, name)
    assert after.verdict["palette"] == call.verdict["palette"]
    assert after.verdict["mirror"] == call.verdict["mirror"]


def test_younger_calls_and_calls_without_a_number_stay_as_they_are():
    rung("young", RED, at=NOW)
    rung("hidden", "anonymous", at=NOW - MONTH)
    assert mask_numbers(NOW - WEEK) == 0
    assert numbers() == {"young": RED, "hidden": ""}


def test_a_later_night_looks_only_through_what_has_become_old_since(django_assert_max_num_queries):
    rung("first", RED, at=NOW - MONTH)
    mask_numbers(NOW - WEEK)
    assert Retention.objects.get().masked_before == NOW - WEEK
    rung("second", RED, at=NOW - timedelta(days=3))
    assert mask_numbers(NOW - timedelta(days=2)) == 1
    with django_assert_max_num_queries(6):
        assert mask_numbers(NOW - timedelta(days=2)) == 0


def test_a_conflict_that_is_not_judged_yet_waits_for_a_later_night():
    pending = recorded("pending", RED, at=NOW - MONTH)
    recorded("no conflict", RED, at=NOW - MONTH, caller=OLGA)
    assert mask_numbers(NOW - WEEK) == 1
    assert numbers() == {"pending": RED, "no conflict": "+7916*****67"}
    Call.objects.filter(pk=pending.pk).update(judged_at=NOW)
    assert mask_numbers(NOW - WEEK + timedelta(days=1)) == 1
    assert numbers()["pending"] == "+7916*****67"


def test_a_night_that_does_not_get_through_is_gone_on_with(monkeypatch):
    for number in range(5):
        rung(str(number), RED, at=NOW - MONTH)
    monkeypatch.setattr("callguard.privacy.rewriting.AT_ONCE", 2)
    assert mask_numbers(NOW - WEEK, at_most=2) == 2
    assert not Retention.objects.exists()
    assert mask_numbers(NOW - WEEK) == 3
    assert set(numbers().values()) == {"+7916*****67"}


def test_two_disputes_that_become_alike_stay_two():
    call = rung("old", RED, at=NOW - MONTH)
    for spelling in (RED, SPELLING.replace("8 (916)", "+7 916")):
        call.disputes.create(by_id=call.caller_id, comment=spelling, at=NOW, state=DisputeState.REJECTED)
    mask_numbers(NOW - WEEK)
    assert list(call.disputes.values_list("comment", flat=True)) == ["+7916*****67"] * 2


def test_old_looks_are_forgotten():
    for days in (400, 1):
        AccessLog.objects.create(at=NOW - timedelta(days=days), reader_name="x", page="person")
    keep_to(Periods(None, None, timedelta(days=365)), at=NOW)
    assert AccessLog.objects.count() == 1


def test_nothing_is_touched_while_the_settings_say_so(settings):
    settings.RETENTION_MASK_DAYS = settings.RETENTION_CALLS_DAYS = settings.RETENTION_ACCESS_DAYS = 0
    rung("old", RED, at=NOW - timedelta(days=4000))
    assert keep_to(periods_in_force(), at=NOW) == dict.fromkeys(retention.KINDS, 0)
    assert numbers() == {"old": RED}


# --- Calls that are removed ------------------------------------------------------------------------------------------
def figures():
    """Everything that the tallies say, whoever removes what."""
    return [list(model.objects.order_by("pk").values()) for model in (CallTally, ConflictTally)]


@pytest.fixture
def counted():
    """Two judged calls of a month ago and one of today, in the sums."""
    for name, at in (("old", NOW - MONTH), ("older", NOW - MONTH - WEEK), ("young", NOW)):
        rung(name, RED, at=at)
    Call.objects.update(judged_at=NOW)
    bring_up_to_date()


def left():
    return set(Call.objects.values_list("call_id", flat=True))


def test_old_calls_go_with_all_that_hangs_on_them_and_their_sums_stay(counted):
    talked_about(Call.objects.get(call_id="old"))
    Dispute.objects.update(state=DisputeState.ACCEPTED)
    before = figures()
    assert forget_calls(day_of(NOW - WEEK)) == 2
    assert left() == {"young"}
    assert not Dispute.objects.exists()
    bring_up_to_date()
    assert figures() == before


def test_a_rebuild_of_the_sums_leaves_days_without_calls_alone(counted):
    before = figures()
    forget_calls(day_of(NOW - WEEK))
    rebuild()
    keys = ("day", "caller", "calls", "conflicts", "blamed")
    assert [[{k: row[k] for k in keys if k in row} for row in rows] for rows in figures()] == [
        [{k: row[k] for k in keys if k in row} for row in rows] for rows in before
    ]


def test_calls_that_are_not_in_the_sums_yet_stay(counted):
    Call.objects.filter(call_id="older").update(untallied=True)
    assert forget_calls(day_of(NOW - WEEK)) == 0
    bring_up_to_date()
    assert forget_calls(day_of(NOW - WEEK)) == 2


def test_the_day_of_an_open_dispute_waits_with_those_after_it(counted):
    call = Call.objects.get(call_id="old")
    dispute = call.disputes.create(by_id=call.caller_id, comment="Мой", at=NOW, due_at=NOW)
    assert forget_calls(day_of(NOW - WEEK)) == 1
    assert left() == {"old", "young"}
    Dispute.objects.filter(pk=dispute.pk).update(state=DisputeState.REJECTED)
    assert forget_calls(day_of(NOW - WEEK)) == 1


def test_so_does_the_day_of_a_conflict_that_is_not_judged_yet(counted):
    Call.objects.filter(call_id="older").update(judged_at=None)
    assert forget_calls(day_of(NOW - WEEK)) == 0


def test_a_day_goes_as_a_whole(counted):
    assert forget_calls(day_of(NOW - MONTH)) == 1
    assert left() == {"old", "young"}


def test_one_night_removes_no_more_than_it_may(counted, monkeypatch):
    monkeypatch.setattr("callguard.privacy.retention.AT_ONCE", 1)
    assert forget_calls(day_of(NOW), at_most=1) == 1
    assert left() == {"old", "young"}
    assert forget_calls(day_of(NOW)) == 1


def test_the_night_task_does_what_the_settings_say(counted, settings):
    settings.RETENTION_MASK_DAYS, settings.RETENTION_CALLS_DAYS = 7, 33
    assert forget_personal_data() == 2
    assert numbers() == {"old": "+7916*****67", "young": RED}


def test_an_open_dispute_of_before_deadlines_holds_its_day_too(counted):
    call = Call.objects.get(call_id="older")
    call.disputes.create(by_id=call.caller_id, comment="Мой", at=NOW)
    assert forget_calls(day_of(NOW - WEEK)) == 0


def test_a_dispute_that_comes_while_others_are_being_removed_holds_its_day(counted, monkeypatch):
    call = Call.objects.get(call_id="old")
    asked = retention.waiting_since

    def then_disputed():
        found = asked()
        call.disputes.get_or_create(comment="Мой", defaults={"by_id": call.caller_id, "at": NOW, "due_at": NOW})
        return found

    monkeypatch.setattr(retention, "waiting_since", then_disputed)
    monkeypatch.setattr(retention, "AT_ONCE", 1)
    assert forget_calls(day_of(NOW - WEEK)) == 1
    assert left() == {"old", "young"}


def test_only_the_days_whose_calls_go_are_sealed(counted, monkeypatch):
    monkeypatch.setattr(retention, "AT_ONCE", 1)
    forget_calls(day_of(NOW - WEEK), at_most=1)
    assert TallyState.objects.get().sealed_before == day_of(NOW - MONTH - WEEK) + timedelta(days=1)


def test_a_call_after_which_the_client_came_to_the_caller_stays_without_its_number(counted):
    call = Call.objects.get(call_id="older")
    Takeover.objects.create(call=call, moved_at=NOW - MONTH, from_id=call.responsible_id, to_id=call.caller_id)
    Call.objects.filter(pk=call.pk).update(taken_over=True)
    assert forget_calls(day_of(NOW - WEEK)) == 1
    assert numbers() == {"older": "+7916*****67", "young": RED}
    assert Takeover.objects.exists()


def test_once_the_client_is_given_back_it_goes(counted):
    call = Call.objects.get(call_id="older")
    Takeover.objects.create(call=call, moved_at=NOW - MONTH, to_id=call.caller_id, undone_at=NOW - WEEK)
    assert forget_calls(day_of(NOW - WEEK)) == 2
