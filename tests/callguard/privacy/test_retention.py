"""Numbers masked when their time has come."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from callguard.models import AccessLog, Call, Retention
from callguard.privacy import retention
from callguard.privacy.retention import Periods, keep_to, mask_numbers, periods_in_force
from tests.callguard.privacy.conftest import LEAD, RED, SPELLING, all_that_is_kept, rung, talked_about

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clients")]
NOW = timezone.now()
WEEK, MONTH = timedelta(days=7), timedelta(days=30)


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
        call.disputes.create(by_id=call.caller_id, comment=spelling, at=NOW)
    mask_numbers(NOW - WEEK)
    comments = list(call.disputes.order_by("pk").values_list("comment", flat=True))
    assert comments[0] == "+7916*****67"
    assert comments[1].startswith("+7916*****67 (")


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
