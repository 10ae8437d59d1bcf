"""What other rules would have made of past calls, from the evidence kept with them. The CRM of today is not asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from callguard.calls import is_conflict
from callguard.evidence import caller_of, candidates_of
from callguard.models import Call
from callguard.verdict import Policy, RuleSet, Verdict, decide

AT_MOST = 20_000  # calls, the newest: two seconds at most on a slow machine
AT_ONCE = 2_000
Change = tuple[str, str]  # from one colour to another


@dataclass
class Trial:
    """`changes`: IDs of the calls that would have another colour, newest first, by what it was and would be.

    `untestable`: calls from before evidence was kept. `is_cut`: there are more calls than were looked at.
    """

    looked_at: int = 0
    untestable: int = 0
    is_cut: bool = False
    conflicts_before: int = 0
    conflicts_after: int = 0
    changes: dict[Change, list[int]] = field(default_factory=dict)

    @property
    def tested(self) -> int:
        return self.looked_at - self.untestable

    @property
    def changed(self) -> int:
        return sum(len(calls) for calls in self.changes.values())

    def by_change(self) -> list[tuple[Change, int]]:
        """The changes with their numbers, the most frequent first."""
        counted = [(change, len(calls)) for change, calls in self.changes.items()]
        return sorted(counted, key=lambda one: (-one[1], one[0]))


def tried(
    calls: QuerySet[Call], rules: RuleSet, *, policy: Policy, against: RuleSet | None = None, at_most: int = AT_MOST
) -> Trial:
    """The rules tried on the newest of the calls. `against` None: compared with what the calls were given then;
    else with what those rules make of them. One query, read in pieces.
    """
    trial, new, old = Trial(), Judge(rules, policy), against and Judge(against, policy)
    for call_id, colour, conflict, direction, evidence in _facts(calls, at_most):
        if trial.looked_at == at_most:
            trial.is_cut = True
            break
        trial.looked_at += 1
        if evidence is None:
            trial.untestable += 1
            continue
        before, after = old.verdict(evidence) if old else None, new.verdict(evidence)
        was = (before.colour, is_conflict(before, direction)) if before else (colour, conflict)
        trial.conflicts_before += was[1]
        trial.conflicts_after += is_conflict(after, direction)
        if after.colour != was[0]:
            trial.changes.setdefault((was[0], after.colour), []).append(call_id)
    return trial


def _facts(calls: QuerySet[Call], at_most: int) -> Iterator[tuple[Any, ...]]:
    columns = ("pk", "colour", "conflict", "direction", "evidence")
    return calls.order_by("-rung_at").values_list(*columns)[: at_most + 1].iterator(chunk_size=AT_ONCE)


class Judge:
    """One rule set. Calls with alike evidence are judged once: most of a company's are."""

    def __init__(self, rules: RuleSet, policy: Policy) -> None:
        self.rules, self.policy = rules, policy
        self.known: dict[object, Verdict] = {}

    def verdict(self, evidence: dict[str, Any]) -> Verdict:
        """Its colour, tier and `own` are those of the call; names and IDs may be another call's."""
        likeness = likeness_of(evidence)
        if likeness not in self.known:
            self.known[likeness] = decide(candidates_of(evidence), caller_of(evidence), self.rules, policy=self.policy)
        return self.known[likeness]


def likeness_of(evidence: dict[str, Any]) -> object:
    """All that a rule can ask of a call: the deciding step, and of each entity there whose it is and its status."""
    if not evidence["steps"]:
        return None
    last = evidence["steps"][-1]
    return last["tier"], tuple(
        (found["outcome"]["claim"], (status := found["candidate"]["status"]) and (status["value"], status["row_id"]))
        for found in last["found"]
    )
