"""What is kept of a verdict gives the verdict back, through JSON."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from callguard.evidence import caller_of, candidates_of, evidence_of, verdict_of
from callguard.verdict import Caller, Candidate, Contact, Person, Policy, Rule, RuleSet, Status, Tier, decide

people = st.builds(Person, st.integers(1, 5), st.none() | st.text(max_size=5), st.booleans())
statuses = st.builds(Status, st.sampled_from("ab"), st.text(max_size=5), st.none() | st.integers(1, 3))
contacts = st.builds(Contact, st.integers(1, 9), st.text(max_size=5), st.none() | people)
candidates = st.builds(
    Candidate,
    st.sampled_from(Tier),
    st.integers(1, 9),
    st.text(max_size=5),
    st.none() | people,
    st.none() | statuses,
    st.none() | contacts,
)
rules = st.builds(
    Rule,
    st.sampled_from(Tier),
    st.sampled_from(["one", "none", "any"]),
    st.none() | st.integers(1, 3),
    st.none() | st.sampled_from(["red", "yellow", "blue"]),
    st.integers(-1, 30),
    st.booleans(),
)


@given(
    st.lists(candidates, max_size=5),
    st.builds(Caller, st.integers(1, 5), st.frozensets(st.integers(1, 5), max_size=2)),
    st.builds(RuleSet, st.integers(1, 9), st.lists(rules, max_size=6).map(tuple)),
    st.sampled_from(Policy),
)
def test_evidence_gives_back_the_verdict_and_what_it_was_reached_from(found, caller, rule_set, policy):
    verdict = decide(found, caller, rule_set, policy=policy)
    kept = json.loads(json.dumps(evidence_of(verdict, caller)))
    assert verdict_of(kept) == verdict
    assert caller_of(kept) == caller
    assert decide(candidates_of(kept), caller, rule_set, policy=policy).colour == verdict.colour
