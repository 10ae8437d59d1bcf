"""Figures, the lists behind them and the plain rows say the same, whatever is asked by whomever."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from callguard.models import Call, Excuse, ExcuseRule, Ground
from callguard.reports import figures
from callguard.reports.lists import FIGURES, NOBODY, Cell, UnknownFigure, calls_behind
from callguard.reports.question import NO_STATUS, Question
from tests.callguard.reports.made import (
    IVANS,
    MARINAS,
    NOW,
    actors,
    asked,
    blamed_call,
    call_facts,
    made_call,
    nothing_called,
    questions,
)
from tests.callguard.reports.plain import hour_of, plain, state_of, week_of
from tests.cast import BORIS, IVAN, OLGA, OTHERS, SALES, STRANGER, WHOLE_COMPANY, mirrored_people

CHARTS = (
    figures.summary,
    figures.trend,
    figures.matrix,
    figures.by_department,
    figures.by_tier,
    figures.by_status,
    figures.by_hour,
    figures.by_ground,
    figures.contested_numbers,
    figures.takeovers,
    figures.people,
)
patient = settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[phase for phase in Phase if phase != Phase.shrink],  # it takes minutes, and the rows are few
)


@pytest.fixture
def mirror(db: None) -> None:
    mirrored_people()


def agree(q: Question, expected: dict[Any, Any], key: Any, *told: Any, **cell: Any) -> None:
    """The numbers of one line: the plain ones and the lists behind them, those of no call at the sum of all lines."""
    said = {name: count for numbers in told for name, count in asdict(numbers).items()}
    plainly = expected.get(key, {})
    assert said == {name: plainly.get(name, 0) for name in said}
    for name, count in said.items():
        if count or not cell:
            assert calls_behind(q, name, **cell).count() == count, (name, cell)


def populated(rows: list[dict[str, Any]]) -> list[int]:
    nothing_called()
    return [made_call(**facts).pk for facts in rows]


def agree_everywhere(q: Question) -> None:
    """Every chart of the question, cell by cell."""
    now = figures.summary(q).now
    agree(q, plain(q), None, now.traffic, now.counts)
    for line in figures.by_tier(q):
        agree(q, plain(q, lambda call: call.tier), line.key, line.counts, tier=line.key)
    for line in figures.by_status(q):
        agree(q, plain(q, lambda call: call.status_value or NO_STATUS), line.key, line.counts, status=line.key)
    for line in figures.by_hour(q):
        agree(q, plain(q, hour_of), line.key, line.counts, hour=line.key)
    for person in figures.people(q):
        agree(q, plain(q, lambda call: call.caller_id), person.id, person.traffic, person.counts, caller=person.id)


@patient
@given(rows=st.lists(call_facts(), max_size=20), params=questions, actor=actors)
def test_every_figure_is_its_list_and_the_plain_count(
    mirror: None, rows: list[dict[str, Any]], params: dict[str, str], actor: Any
) -> None:
    populated(rows)
    agree_everywhere(asked(actor, **params))


@patient
@given(rows=st.lists(call_facts(), max_size=20), params=questions, actor=actors)
def test_the_trend_tells_every_week_and_each_is_its_list(
    mirror: None, rows: list[dict[str, Any]], params: dict[str, str], actor: Any
) -> None:
    populated(rows)
    q, whole = asked(actor, **params), asked(actor, **params | {"period": "all"})
    weeks = figures.trend(q)
    for week in weeks:
        agree(q, plain(whole, week_of), week.first, week.traffic, week.counts, week=week.first)
    assert {week.first for week in weeks} >= set(plain(whole, week_of))


@patient
@given(rows=st.lists(call_facts(), max_size=20), params=questions, actor=actors, top=st.sampled_from([1, 2, 12]))
def test_every_cell_of_the_matrix_is_its_list_also_those_of_the_rest(
    mirror: None, rows: list[dict[str, Any]], params: dict[str, str], actor: Any, top: int
) -> None:
    populated(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "TOP", top)
        q = asked(actor, **params)
        table = figures.matrix(q)
        for head, row in zip(table.callers, table.cells, strict=True):
            for column, count in zip(table.responsibles, row, strict=True):
                responsible = NOBODY if column.key is None else column.key
                assert calls_behind(q, table.figure, caller=head.key, responsible=responsible).count() == count
        assert sum(map(sum, table.cells)) == getattr(figures.summary(q).now.counts, table.figure)
        for line in figures.takeovers(q):
            pair = {"caller": line.caller.key, "responsible": line.responsible.key or NOBODY}
            assert calls_behind(q, "takeovers", **pair).count() == line.takeovers


@patient
@given(rows=st.lists(call_facts(), max_size=20), params=questions, actor=actors)
def test_every_department_is_its_list_and_counts_its_people_once(
    mirror: None, rows: list[dict[str, Any]], params: dict[str, str], actor: Any
) -> None:
    populated(rows)
    q = asked(actor, **params)
    for line in figures.by_department(q):
        for name, count in {**asdict(line.traffic), **asdict(line.counts)}.items():
            assert calls_behind(q, name, department=line.id).count() == count, (line.name, name)


@patient
@given(
    rows=st.lists(st.tuples(call_facts(), st.sets(st.sampled_from(Ground), max_size=2)), max_size=20),
    params=questions,
    actor=actors,
)
def test_grounds_and_contested_numbers_are_their_lists(
    mirror: None, rows: list[tuple[dict[str, Any], set[str]]], params: dict[str, str], actor: Any
) -> None:
    for pk, (_facts, grounds) in zip(populated([facts for facts, _grounds in rows]), rows, strict=True):
        Excuse.objects.bulk_create(Excuse(call_id=pk, ground=ground, noted_at=NOW) for ground in grounds)
    q = asked(actor, **params)
    for line in figures.by_ground(q):
        assert calls_behind(q, "ground", ground=line.ground).count() == line.conflicts
    for number in figures.contested_numbers(q):
        assert calls_behind(q, "contested", number=number.number).count() == number.calls


def test_numbers_that_look_alike_under_their_masks_are_not_counted_as_one(mirror: None) -> None:
    made_call(contested=True, number="+79161234567")
    made_call(contested=True, number="+7916*****67")
    assert [(one.number, one.calls) for one in figures.contested_numbers(asked())] == [("+79161234567", 1)]


@patient
@given(rows=st.lists(call_facts(), max_size=20), params=questions, actor=actors)
def test_no_list_of_blame_holds_a_call_that_is_excused_or_still_looked_into(
    mirror: None, rows: list[dict[str, Any]], params: dict[str, str], actor: Any
) -> None:
    populated(rows)
    q = asked(actor, **params)
    for figure in ("blamed", "heeded", "proceeded", "open", "takeovers"):
        assert {state_of(call) for call in calls_behind(q, figure)} <= {"blamed"}


cells = st.fixed_dictionaries(
    {},
    optional={
        "caller": st.sampled_from([BORIS.id, OLGA.id, STRANGER.id, figures.REST]),
        "responsible": st.sampled_from([BORIS.id, OLGA.id, NOBODY, figures.REST]),
        "department": st.sampled_from([0, SALES, OTHERS, WHOLE_COMPANY]),
        "hour": st.integers(0, 23),
        "status": st.sampled_from(["IN_WORK", NO_STATUS]),
        "week": st.sampled_from([date(2026, 3, 23), date(2026, 3, 30)]),
        "number": st.just("+79161234567"),
    },
)


@patient
@given(rows=st.lists(call_facts(), max_size=20), params=questions, figure=st.sampled_from([*FIGURES]), cell=cells)
def test_a_supervisor_gets_nobody_elses_call_out_of_any_list(
    mirror: None, rows: list[dict[str, Any]], params: dict[str, str], figure: str, cell: dict[str, Any]
) -> None:
    populated(rows)
    for actor in (MARINAS, IVANS):
        callers = calls_behind(asked(actor, **params), figure, **cell).values_list("caller_id", flat=True)
        assert set(callers) <= actor.sees


@patient
@given(cell=cells)
def test_a_cell_comes_back_from_its_address_as_it_was(mirror: None, cell: dict[str, Any]) -> None:
    q = asked()
    assert Cell.asked(QueryDict(q.query(**Cell(**cell).params))) == Cell(**cell)


@pytest.mark.parametrize(
    "params", [{"in_caller": "me"}, {"in_hour": "-1"}, {"in_week": "now"}, {"in_caller": "9" * 30}]
)
def test_a_cell_that_no_figure_has_is_refused(params: dict[str, str]) -> None:
    with pytest.raises(UnknownFigure):
        Cell.asked(params)


def test_a_figure_of_no_name_is_refused(mirror: None) -> None:
    with pytest.raises(UnknownFigure):
        calls_behind(asked(), "guilt")


def test_a_ground_that_is_switched_off_is_told_no_longer(mirror: None) -> None:
    call = made_call(judged_at=NOW, excused=True)
    for ground in (Ground.MANAGER, Ground.CONTESTED, Ground.DECISION):
        Excuse.objects.create(call=call, ground=ground, noted_at=NOW)
    ExcuseRule.objects.filter(ground=Ground.MANAGER).update(enabled=False)
    assert {line.ground for line in figures.by_ground(asked())} == {Ground.CONTESTED, Ground.DECISION}


def test_an_excuse_takes_a_conflict_out_of_the_blame_at_the_next_look(mirror: None) -> None:
    call = blamed_call()
    assert figures.summary(asked()).now.counts.blamed == 1
    Call.objects.filter(pk=call.pk).update(excused=True, untallied=True)
    now = figures.summary(asked()).now.counts
    assert (now.blamed, now.excused, now.proceeded) == (0, 1, 0)


def test_the_summary_compares_with_as_many_days_before(mirror: None) -> None:
    blamed_call()
    blamed_call(rung_at=NOW - timedelta(days=8))
    blamed_call(rung_at=NOW - timedelta(days=9))
    told = figures.summary(asked(period=7))
    assert told.before is not None
    assert (told.now.counts.blamed, told.before.counts.blamed) == (1, 2)


def test_a_page_of_all_figures_costs_the_same_queries_however_much_was_called(
    mirror: None, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        blamed_call(caller_id=(IVAN.id, OLGA.id)[number % 2], rung_at=NOW - timedelta(hours=number))
    asked()
    with django_assert_max_num_queries(19):
        q = asked()
        for chart in CHARTS:
            chart(q)
