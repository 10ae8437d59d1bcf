"""Tallies say what the calls say, whatever became of the calls and whenever, in every time zone."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import override_settings
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from callguard.calls import end_call
from callguard.models import Call, CallTally, CallWeek, ConflictTally, TallyState
from callguard.tallies import refresh
from callguard.tallies.refresh import bring_up_to_date, standing_for_page
from tests.callguard.reports.made import NOW, blamed_call, call_facts, made_call, nothing_called
from tests.callguard.reports.plain import hour_of, local_day, state_of, week_of
from tests.cast import IVAN, OLGA

patient = settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[phase for phase in Phase if phase != Phase.shrink],  # it takes minutes, and the rows are few
)
# Clocks that are changed at night, at midnight (which then is missing, or comes twice), by half an hour, never.
ZONES = (
    "Europe/Moscow",
    "Europe/Berlin",
    "Africa/Cairo",
    "Asia/Beirut",
    "America/Nuuk",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
)
KEYS = ("day", "hour", "caller", "responsible", "tier", "status", "state")


def tallied_calls() -> dict[Any, int]:
    return {(row.day, row.caller): row.calls for row in CallTally.objects.all()}


def tallied_conflicts() -> dict[Any, Counter[str]]:
    found: dict[Any, Counter[str]] = {}
    for row in ConflictTally.objects.all():
        key = tuple(getattr(row, name) for name in KEYS)
        assert key not in found, "one row for all conflicts that are alike"
        sums = ("conflicts", "heeded", "proceeded", "takeovers", "unseen", "unseen_proceeded")
        found[key] = Counter({name: count for name in sums if (count := getattr(row, name))})
    return found


def called() -> dict[Any, int]:
    return dict(Counter((local_day(call), call.caller_id) for call in Call.objects.all()))


def conflicted() -> dict[Any, Counter[str]]:
    found: dict[Any, Counter[str]] = {}
    for call in Call.objects.filter(conflict=True):
        state = state_of(call)
        key = (local_day(call), hour_of(call), call.caller_id, call.responsible_id, call.tier, call.status_value, state)
        sums = found.setdefault(key, Counter())
        sums["conflicts"] += 1
        if state == "blamed" and call.answered is not None:
            sums["proceeded" if call.answered else "heeded"] += 1
        if state == "blamed" and call.taken_over:
            sums["takeovers"] += 1
        if not call.shown:
            sums["unseen"] += 1
            sums["unseen_proceeded"] += int(bool(call.answered))
    return {key: +sums for key, sums in found.items()}


def assert_tallied() -> None:
    assert tallied_calls() == called()
    weeks = Counter({(row.week, row.caller): row.calls for row in CallWeek.objects.all()})
    assert weeks == Counter((week_of(call), call.caller_id) for call in Call.objects.all())
    assert tallied_conflicts() == conflicted()


edits = st.one_of(
    st.fixed_dictionaries({"answered": st.booleans(), "duration": st.integers(0, 90)}),  # a late end
    st.fixed_dictionaries({"judged_at": st.sampled_from([NOW, None]), "excused": st.booleans()}),  # judged, decided
    st.fixed_dictionaries({"taken_over": st.booleans()}),
    st.fixed_dictionaries({"deal_id": st.sampled_from([7, None])}),
    st.none(),  # somebody looks at the figures
)


@patient
@given(
    rows=st.lists(call_facts(), min_size=1, max_size=15),
    happenings=st.lists(st.tuples(st.integers(0, 14), edits), max_size=15),
    zone=st.sampled_from(ZONES),
)
def test_after_any_edits_in_any_zone_tallies_are_what_counting_the_calls_gives(
    db: None, rows: list[dict[str, Any]], happenings: list[tuple[int, dict[str, Any] | None]], zone: str
) -> None:
    nothing_called()
    with override_settings(TIME_ZONE=zone):
        ids = [made_call(**facts).pk for facts in rows]
        for place, edit in happenings:
            if edit is None:
                standing_for_page()
            else:
                Call.objects.filter(pk=ids[place % len(ids)]).update(**edit, untallied=True)
        assert bring_up_to_date().is_complete
        assert_tallied()
        refresh.rebuild()
        assert_tallied()


def test_a_call_that_ends_late_moves_from_open_to_heeded(db: None) -> None:
    call = blamed_call(answered=None)
    bring_up_to_date()
    assert ConflictTally.objects.get().heeded == 0
    end_call(call.call_id, caller_id=IVAN.id, answered=False, duration=0, at=NOW)
    bring_up_to_date()
    assert ConflictTally.objects.get().heeded == CallTally.objects.get().heeded == 1


def test_a_call_a_minute_before_midnight_is_of_the_day_that_ends(db: None) -> None:
    for minute in (-1, 0):
        made_call(rung_at=datetime(2026, 3, 31, 21, tzinfo=UTC) + timedelta(minutes=minute))  # midnight in Moscow
    bring_up_to_date()
    assert sorted(str(row.day) for row in CallTally.objects.all()) == ["2026-03-31", "2026-04-01"]


def test_under_another_time_zone_everything_is_counted_anew_and_said_to_be(db: None) -> None:
    made_call(rung_at=datetime(2026, 3, 31, 23, tzinfo=UTC))
    made_call(rung_at=datetime(2026, 4, 3, 12, tzinfo=UTC))
    bring_up_to_date()
    with override_settings(TIME_ZONE="America/New_York"):
        made_call(rung_at=datetime(2026, 4, 4, 12, tzinfo=UTC))
        assert not standing_for_page().is_complete
        assert not standing_for_page().is_complete  # nobody waits at a page for a rebuild
        assert bring_up_to_date().is_complete
        assert standing_for_page().is_complete
        assert_tallied()


def test_sealed_days_stay_as_they_are_when_their_calls_are_gone(db: None) -> None:
    old, new = blamed_call(rung_at=NOW - timedelta(days=9)), blamed_call()
    bring_up_to_date()
    TallyState.objects.update(sealed_before=local_day(new))
    Call.objects.filter(pk=old.pk).delete()
    before = list(CallTally.objects.filter(day=local_day(old)).values())
    assert refresh.rebuild() == 1
    Call.objects.filter(pk=new.pk).update(excused=True, untallied=True)
    bring_up_to_date()
    assert list(CallTally.objects.filter(day=local_day(old)).values()) == before
    assert CallTally.objects.get(day=local_day(new)).excused == 1


def test_a_rebuild_takes_away_what_should_not_be_there(db: None) -> None:
    made_call()
    bring_up_to_date()
    Call.objects.all().delete()
    made_call(rung_at=NOW - timedelta(days=3))
    assert refresh.rebuild() == 4
    assert_tallied()


def test_the_command_counts_everything_anew_and_says_how_many_days(db: None) -> None:
    made_call()
    bring_up_to_date()
    CallTally.objects.update(calls=99)
    said = StringIO()
    call_command("rebuild_tallies", stdout=said)
    assert json.loads(said.getvalue()) == {"days": 1}
    assert_tallied()


def test_a_page_leaves_many_new_calls_to_the_rounds(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refresh, "AT_A_PAGE", 2)
    for _number in range(3):
        made_call()
    assert not standing_for_page().is_complete
    assert not CallTally.objects.exists()
    bring_up_to_date()
    made_call()
    assert standing_for_page().is_complete
    assert_tallied()


def test_a_backlog_is_counted_day_by_day(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refresh, "AT_ONCE", 3)
    for number in range(20):
        made_call(rung_at=NOW - timedelta(hours=5 * number), caller_id=(IVAN.id, OLGA.id)[number % 2])
    assert not bring_up_to_date(steps=2).is_complete
    assert bring_up_to_date().is_complete
    assert_tallied()


def test_with_nothing_new_a_round_costs_one_query(db: None, django_assert_num_queries: Any) -> None:
    made_call()
    bring_up_to_date()
    with django_assert_num_queries(1):
        assert bring_up_to_date().is_complete


def test_one_new_call_is_counted_with_a_dozen_statements_however_many_calls_there_are(
    db: None, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        made_call(caller_id=number % 5 + 7)
    bring_up_to_date()
    made_call()
    with django_assert_max_num_queries(16):
        bring_up_to_date()
