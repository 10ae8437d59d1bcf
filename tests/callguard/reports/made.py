"""Calls put straight into the table, one after another or at random, for tests of figures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from hypothesis import strategies as st

from callguard.access.actors import Actor
from callguard.access.roles import Role
from callguard.models import Call, CallTally, CallWeek, ConflictTally, Excuse, TallyState
from callguard.reports.question import Question
from tests.cast import BORIS, IVAN, MARINA, OLGA, PAVEL, STRANGER

NOW = datetime(2026, 4, 5, 9, 30, tzinfo=UTC)
ROOT = Actor("root", Role.ADMINISTRATOR)
MARINAS = Actor("Marina", Role.SUPERVISOR, MARINA.id, manages=frozenset({OLGA.id, IVAN.id}))
IVANS = Actor("Ivan", Role.EMPLOYEE, IVAN.id)
STATUSES = ("IN_WORK", "PROCESSING", "")
_ids = count(1)


def made_call(**facts: Any) -> Call:
    """A conflict of Ivan about Olga's client that waits for its judgement, unless told otherwise."""
    usual: dict[str, Any] = {
        "call_id": f"made-{next(_ids)}",
        "caller_id": IVAN.id,
        "rung_at": NOW - timedelta(hours=2),
        "direction": "outgoing",
        "number": "+79161234567",
        "colour": "red",
        "tier": "company",
        "reason": "foreign_client",
        "responsible_id": OLGA.id,
        "conflict": True,
        "rules_version": 1,
        "verdict": {},
        "status_value": "IN_WORK",
    }
    return Call.objects.create(**usual | facts)


def blamed_call(**facts: Any) -> Call:
    return made_call(**{"judged_at": NOW, "answered": True} | facts)


def nothing_called() -> None:
    """No calls, and tallies as of a fresh installation."""
    for model in (Excuse, Call, CallTally, CallWeek, ConflictTally, TallyState):
        model.objects.all().delete()


def asked(actor: Actor = ROOT, /, *, at: datetime = NOW, **params: Any) -> Question:
    return Question.asked({name: str(value) for name, value in params.items()}, actor, at)


# Around days' and weeks' ends, and the days on which clocks are changed in Europe.
moments = st.one_of(
    st.builds(
        lambda minutes: datetime(2026, 3, 20, tzinfo=UTC) + timedelta(minutes=minutes), st.integers(0, 16 * 24 * 60)
    ),
    st.builds(
        lambda day, minutes: datetime(2026, 3, day, tzinfo=UTC) + timedelta(minutes=minutes),
        st.integers(21, 31),
        st.integers(-240, 240),
    ),
)


@st.composite
def call_facts(draw: st.DrawFn) -> dict[str, Any]:
    """What a call's row may hold, whatever the rest of the program makes of it."""
    outgoing = draw(st.booleans())
    return {
        "caller_id": draw(st.sampled_from([OLGA.id, IVAN.id, MARINA.id, BORIS.id, STRANGER.id])),
        "rung_at": draw(moments),
        "direction": draw(st.sampled_from(["outgoing", "callback"])) if outgoing else "incoming",
        "number": draw(st.sampled_from(["+79161234567", "+79167654321", ""])),
        "tier": draw(st.sampled_from(["company", "company_contact", "contact", "lead", ""])),
        "responsible_id": draw(st.sampled_from([OLGA.id, MARINA.id, PAVEL.id, STRANGER.id, None])),
        "conflict": outgoing and draw(st.integers(0, 3)) > 0,
        "status_value": draw(st.sampled_from(STATUSES)),
        "contested": draw(st.booleans()),
        "shown": draw(st.booleans()),
        "judged_at": draw(st.sampled_from([NOW, NOW, None])),
        "excused": draw(st.booleans()),
        "answered": draw(st.sampled_from([True, False, None])),
        "taken_over": draw(st.booleans()),
        "deal_id": draw(st.sampled_from([5, None])),
    }


questions = st.fixed_dictionaries(
    {},
    optional={
        "period": st.sampled_from(["7", "30", "all"]),
        "status": st.sampled_from(["-", "IN_WORK"]),
        "excused": st.sampled_from(["no", "yes", "pending"]),
        "department": st.sampled_from(["1", "20", "30"]),
        "person": st.sampled_from([str(OLGA.id), str(IVAN.id), str(BORIS.id)]),
    },
)
actors = st.sampled_from([ROOT, MARINAS, IVANS])
