"""Figures, the lists behind them and the plain rows say the same, whatever is asked by whomever."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from callguard.reports import figures
from callguard.reports.lists import calls_behind
from callguard.reports.question import Question
from tests.callguard.reports.made import actors, asked, call_facts, made_call, nothing_called, questions
from tests.callguard.reports.plain import hour_of, plain, week_of
from tests.cast import mirrored_people

patient = settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[phase for phase in Phase if phase != Phase.shrink],  # it takes minutes, and the rows are few
)


@pytest.fixture
def mirror(db: None) -> None:
    mirrored_people()


def agree(q: Question, expected: dict[Any, Any], key: Any, *told: Any, **cell: Any) -> None:
    """The numbers of one line: the plain ones and the lists behind them."""
    said = {name: count for numbers in told for name, count in asdict(numbers).items()}
    plainly = expected.get(key, {})
    assert said == {name: plainly.get(name, 0) for name in said}
    for name, count in said.items():
        assert calls_behind(q, name, **cell).count() == count, (name, cell)


@patient
@given(rows=st.lists(call_facts(), max_size=25), params=questions, actor=actors)
def test_every_figure_is_its_list_and_the_plain_count(
    mirror: None, rows: list[dict[str, Any]], params: dict[str, str], actor: Any
) -> None:
    nothing_called()
    for facts in rows:
        made_call(**facts)
    q = asked(actor, **params)
    now = figures.summary(q).now
    agree(q, plain(q), None, now.traffic, now.counts)
    for line in figures.by_tier(q):
        agree(q, plain(q, lambda call: call.tier), line.key, line.counts, tier=line.key)
    for line in figures.by_status(q):
        agree(q, plain(q, lambda call: call.status_value or "-"), line.key, line.counts, status=line.key)
    for line in figures.by_hour(q):
        agree(q, plain(q, hour_of), line.key, line.counts, hour=line.key)
    for person in figures.people(q):
        agree(q, plain(q, lambda call: call.caller_id), person.id, person.traffic, person.counts, caller=person.id)
    for week in figures.trend(q):
        whole = asked(actor, **params | {"period": "all"})
        agree(q, plain(whole, week_of), week.first, week.traffic, week.counts, week=week.first)
