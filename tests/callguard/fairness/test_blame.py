"""Whatever happens and in whatever order we learn of it: no excused and no pending call in a figure of blame.

And nothing late is overlooked: what stands at the end is what somebody finds who looks at every call anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from callguard import substitutions
from callguard.access.actors import Actor
from callguard.access.roles import Role
from callguard.fairness.facts import facts_of
from callguard.fairness.force import grounds_in_force
from callguard.fairness.grounds import excuses
from callguard.fairness.judge import judge_again, settle_excused, terms
from callguard.fairness.switches import WITH_REACH, turn
from callguard.feed import read_all
from callguard.models import (
    Call,
    CallTally,
    ConflictTally,
    Excuse,
    ExcuseRule,
    Ground,
    Substitution,
    Takeover,
    TallyState,
)
from callguard.reports import figures
from callguard.reports.lists import calls_behind
from callguard.reports.question import Question
from crm_mirror.models import Change, ChangeReader, Company, Department, EndedCall, PhoneNumber
from tests.callguard.fairness.court import changed, hung_up, minutes, rung, telephony
from tests.cast import BORIS, IVAN, MARINA, OLGA, PAVEL, SALES, mirrored_company, value_of

pytestmark = pytest.mark.django_db
ANNA = Actor("Анна", Role.ADMINISTRATOR)
CALLERS = (OLGA, IVAN, MARINA, BORIS)
STATUSES = ("В ожидании", "В обработке", "В работе")
PHONES = ("8 916 700-00-01", "8 916 700-00-02", "8 916 700-00-03")
CLIENTS = {71: (OLGA, PHONES[0]), 72: (BORIS, PHONES[1]), 73: (OLGA, PHONES[1]), 74: (PAVEL, PHONES[2])}
STORIES = int(os.environ.get("STORIES", "10"))
LAST, EVERY = 90, 7  # minutes: the last call rang so long ago, and so much later than the one before


@dataclass
class Story:
    """Calls that ring one after the other; the rest is learned of whenever the dice say."""

    dice: Random
    calls: list[Call] = field(default_factory=list)

    def ring(self) -> None:
        ago = minutes(LAST + EVERY * (60 - len(self.calls)))
        direction = self.dice.choice(["outgoing", "outgoing", "outgoing", "callback", "incoming"])
        age = minutes(self.dice.choice([1, 1, 1, 1, 30]))
        caller, phone = self.dice.choice(CALLERS), self.dice.choice(PHONES)
        self.calls.append(rung(by=caller, phone=phone, direction=direction, ago=ago, mirror_age=age))
        if self.dice.random() < 0.7:
            hung_up(self.calls[-1], answered=self.dice.random() < 0.5)

    def hand_over(self) -> None:
        before, after = self.dice.sample(CALLERS, 2)
        self._edited(responsible_id=[before.id, after.id])

    def restatus(self) -> None:
        before, after = self.dice.sample(STATUSES, 2)
        self._edited(status_id=[value_of(before), value_of(after)])

    def take_number_off(self) -> None:
        self._edited(numbers=[["+79167000001", "+79167000002"], []])

    def _edited(self, **facts: Any) -> None:
        at = self._about()
        late = self.dice.choice([0, 0, 20, 200])
        who = self.dice.choice([None, *CALLERS])
        client = self.dice.choice(sorted(CLIENTS))
        changed(client, at=at, seen=min(at + minutes(late), timezone.now()), by=who, **facts)

    def phone(self) -> None:
        """A call of which only telephony knows, or the end of one that we know."""
        type_ = self.dice.choice([1, 2, 3, 4])
        if self.calls and self.dice.random() < 0.5:
            call = self.dice.choice(self.calls)
            telephony(call.call_id, type_=type_, at=call.rung_at, phone=call.number)
        else:
            phone = self.dice.choice(PHONES)
            telephony(f"other {self.dice.random()}", type_=type_, at=self._about(), phone=phone)

    def stand_in(self) -> None:
        substitute, substituted = self.dice.sample(CALLERS, 2)
        day = timezone.localdate(self._about()) + timedelta(days=self.dice.choice([0, 0, 1]))
        entry = Substitution(substitute_id=substitute.id, substituted_id=substituted.id, first_day=day, last_day=day)
        with suppress(substitutions.Overlapping):
            substitutions.enter(entry, by=ANNA, at=timezone.now())

    def take_back(self) -> None:
        if entry := Substitution.objects.order_by("?").first():
            substitutions.take_back(entry, by=ANNA, at=timezone.now())

    def decide(self) -> None:
        """Somebody excuses, or takes it back."""
        for call in self.dice.sample(self.calls, min(1, len(self.calls))):
            if Excuse.objects.filter(call=call, ground=Ground.DECISION).delete()[0]:
                judge_again([call], at=timezone.now())
            elif call.conflict:
                Excuse.objects.create(call=call, ground=Ground.DECISION, noted_at=timezone.now())
                settle_excused([call])

    def switch(self) -> None:
        rule = ExcuseRule.objects.get(
            ground=self.dice.choice(list(ExcuseRule.objects.values_list("ground", flat=True)))
        )
        rule.enabled = not rule.enabled
        if rule.ground in WITH_REACH:
            rule.minutes = self.dice.choice([5, 15, 60, 240])
        turn(rule, by=ANNA, at=timezone.now())

    def appoint(self) -> None:
        head = self.dice.choice(CALLERS)
        sales = Department.objects.get(portal_id=SALES)
        changed(SALES, kind="department", seen=timezone.now(), head_id=[sales.head_id, head.id])
        Department.objects.filter(pk=sales.pk).update(head_id=head.id)

    def read(self) -> None:
        read_all()

    def _about(self) -> Any:
        """A moment near a call."""
        near = self.dice.choice(self.calls).rung_at if self.calls else timezone.now() - minutes(LAST * 2)
        return near + minutes(self.dice.choice([-70, -30, -10, -2, 2, 10, 30]))


STEPS: dict[Callable[[Story], None], int] = {
    Story.ring: 8,
    Story.read: 4,
    Story.phone: 3,
    Story.hand_over: 3,
    Story.restatus: 2,
    Story.take_number_off: 1,
    Story.stand_in: 1,
    Story.take_back: 1,
    Story.decide: 1,
    Story.switch: 1,
    Story.appoint: 1,
}


def everything() -> Question:
    return Question.asked({"period": "all"}, ANNA, timezone.now())


def no_excused_and_no_pending_call_is_blamed() -> None:
    in_force = grounds_in_force()
    excused = set(Excuse.objects.filter(ground__in=in_force).values_list("call", flat=True))
    q, told = everything(), figures.summary(everything()).now.counts
    behind = set(calls_behind(q, "blamed").values_list("pk", flat=True))
    plain = {call.pk for call in Call.objects.filter(conflict=True) if call.judged_at and not call.excused}
    assert behind == plain
    assert not behind & excused
    assert told.blamed == len(plain) == told.heeded + told.proceeded + told.open
    for figure in ("heeded", "proceeded", "open", "takeovers"):
        assert set(calls_behind(q, figure).values_list("pk", flat=True)) <= plain
    assert not Call.objects.filter(judged_at=None, excused=True).exists()


def nothing_late_was_overlooked() -> None:
    at = timezone.now()
    under = terms(at=at)
    for call in Call.objects.filter(conflict=True):
        stored = {one.ground: one.proof for one in Excuse.objects.filter(call=call).exclude(ground=Ground.DECISION)}
        decided = Excuse.objects.filter(call=call, ground=Ground.DECISION).exists()
        assert (call.judged_at is not None) == (decided or under.is_due(call))
        if call.judged_at and under.is_due(call):
            anew = excuses(facts_of([call], under.reach, at=at)[call.pk], under.reach)
            assert stored == anew or decided  # decided before it was due: nobody looked, and nobody is blamed
            assert call.excused == (decided or bool(anew.keys() & under.in_force))


def takeovers_are_where_they_belong() -> None:
    in_force = set(Takeover.objects.filter(undone_at=None).values_list("call", flat=True))
    assert in_force == set(Call.objects.filter(taken_over=True).values_list("pk", flat=True))
    pairs = [(one.call.entity_id, one.to_id) for one in Takeover.objects.filter(undone_at=None).select_related("call")]
    assert len(pairs) == len(set(pairs))
    assert all(one.to_id == one.call.caller_id for one in Takeover.objects.select_related("call"))


@settings(
    deadline=None,
    max_examples=STORIES,
    phases=[Phase.explicit, Phase.generate],  # a shorter seed is no simpler story
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(min_value=0, max_value=10**9), length=st.integers(min_value=5, max_value=30))
def test_no_excused_and_no_pending_call_is_in_a_figure_of_blame_and_nothing_late_is_overlooked(mirror, seed, length):
    forget_everything()
    for number, (responsible, phone) in CLIENTS.items():
        mirrored_company(f"Клиент {number}", phone=phone, responsible=responsible, status="В работе", id=number)
    dice = Random(seed)
    story = Story(dice)
    for step in dice.choices(list(STEPS), list(STEPS.values()), k=length):
        step(story)
        no_excused_and_no_pending_call_is_blamed()
    read_all()
    no_excused_and_no_pending_call_is_blamed()
    nothing_late_was_overlooked()
    takeovers_are_where_they_belong()


def forget_everything() -> None:
    for model in (
        CallTally,
        ConflictTally,
        TallyState,
        Call,
        Substitution,
        Change,
        ChangeReader,
        EndedCall,
        PhoneNumber,
        Company,
    ):
        model.objects.all().delete()
    Department.objects.filter(portal_id=SALES).update(head_id=MARINA.id)
    for ground, reach in (("just_changed", 15), ("called_back", 60)):
        ExcuseRule.objects.filter(ground=ground).update(minutes=reach)
    ExcuseRule.objects.update(enabled=True)
