"""What must hold for any mirror, any rules and any caller."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from callguard.verdict import (
    Caller,
    Candidate,
    Contact,
    Person,
    Policy,
    Rule,
    RuleSet,
    Status,
    Tier,
    decide,
    finding_of,
)

patient = settings(deadline=None)  # a busy machine is no failure
PALETTES = {"red": 30, "yellow": 20, "blue": 10, "orange": 25}
STATUSES = [None, *(Status(str(n), f"Статус {n}", n) for n in range(1, 5)), Status("x", "x", None)]
PEOPLE = [None, *(Person(n, f"Сотрудник {n}", True) for n in range(1, 5))]
callers = st.builds(Caller, st.integers(1, 4), st.frozensets(st.integers(1, 4), max_size=2))
policies = st.sampled_from(Policy)


@st.composite
def candidates(draw):
    tier = draw(st.sampled_from(Tier))
    in_company = tier in (Tier.COMPANY, Tier.COMPANY_CONTACT)
    return Candidate(
        tier,
        draw(st.integers(1, 6)),
        "имя",
        draw(st.sampled_from(PEOPLE)),
        draw(st.sampled_from(STATUSES)) if in_company else None,
        Contact(draw(st.integers(1, 3)), "контакт", None) if tier is Tier.COMPANY_CONTACT else None,
    )


@st.composite
def mirrors(draw):
    """Candidates as a look-up gives them: one entity looks the same however many contacts lead to it."""
    seen: dict[tuple, Candidate] = {}
    for row in draw(st.lists(candidates(), max_size=12)):
        first = seen.setdefault((row.tier, row.id), row)
        seen[(row.tier, row.id, row.contact)] = replace(first, contact=row.contact)
    return [row for key, row in seen.items() if len(key) == 3]


@st.composite
def rule_sets(draw):
    keys = [(tier, "one", n) for tier in Tier for n in range(1, 5)] + [
        (t, m, None) for t in Tier for m in ("none", "any")
    ]
    chosen = draw(st.lists(st.sampled_from(keys), unique=True))
    palettes = st.sampled_from([None, *PALETTES])
    return RuleSet(1, tuple(_rule(*key, draw(palettes), draw(st.booleans())) for key in chosen))


def _rule(tier, match, status, palette, own):
    return Rule(tier, match, status, palette, PALETTES.get(palette, -1), own)


def severity(verdict):
    return PALETTES.get(verdict.colour, -1)


@patient
@given(mirrors(), callers, rule_sets(), policies)
def test_the_deciding_tier_is_the_first_that_holds_an_entity(found, caller, rules, policy):
    verdict = decide(found, caller, rules, policy=policy)
    tiers = [tier for tier in Tier if any(row.tier is tier for row in found)]
    assert verdict.tier == (tiers[0] if tiers else None)
    assert verdict.matches == len({row.id for row in found if tiers and row.tier is tiers[0]})


@patient
@given(mirrors(), callers, rule_sets(), policies, st.randoms())
def test_the_same_mirror_gives_the_same_verdict_in_whatever_order_it_is_read(found, caller, rules, policy, chance):
    again = list(found)
    chance.shuffle(again)
    assert decide(found, caller, rules, policy=policy) == decide(again, caller, rules, policy=policy)


@patient
@given(mirrors(), callers, rule_sets())
def test_the_strictest_outcome_of_the_deciding_tier_wins(found, caller, rules):
    verdict = decide(found, caller, rules)
    assume(verdict.tier)
    alone = [finding_of(row, caller, rules).outcome for row in found if row.tier is verdict.tier]
    assert severity(verdict) == max(PALETTES.get(outcome.palette, -1) for outcome in alone)


@patient
@given(mirrors(), candidates(), callers, rule_sets())
def test_a_duplicate_in_the_deciding_tier_never_weakens_the_verdict(found, extra, caller, rules):
    before = decide(found, caller, rules)
    assume(before.tier)
    extra = replace(extra, tier=before.tier, id=99)
    assert severity(decide([*found, extra], caller, rules)) >= severity(before)


@patient
@given(mirrors(), callers, rule_sets())
def test_own_first_shows_no_colour_as_soon_as_any_entity_is_own(found, caller, rules):
    strict, mild = decide(found, caller, rules), decide(found, caller, rules, policy=Policy.OWN_FIRST)
    assume(strict.tier)
    claims = {caller.claim_on(finding.candidate.responsible_id) for finding in strict.steps[-1].findings} - {None}
    assert mild.colour == ("none" if claims else strict.colour)
    assert mild.reason in (claims or {strict.reason})


@patient
@given(mirrors(), callers, rule_sets(), policies)
def test_a_substitute_is_answered_as_the_responsible_would_be(found, caller, rules, policy):
    """Whom somebody stands in for, his clients are as good as own: the colour is the same."""
    assume(all(row.responsible is None or row.responsible.id != caller.id for row in found))
    stand_in = Caller(caller.id, frozenset({1}))
    absent = Caller(1)
    assert decide(found, stand_in, rules, policy=policy).colour == decide(found, absent, rules, policy=policy).colour


@patient
@given(mirrors(), callers, rule_sets(), policies)
def test_the_reason_is_that_of_the_decisive_entity(found, caller, rules, policy):
    verdict = decide(found, caller, rules, policy=policy)
    assume(verdict.decisive)
    assert verdict.reason is verdict.decisive.outcome.reason
    assert verdict.own == (caller.claim_on(verdict.decisive.candidate.responsible_id) is not None)
    twins = [f for f in verdict.steps[-1].findings if f.outcome == verdict.decisive.outcome]
    assert verdict.decisive.candidate.id == min(f.candidate.id for f in twins)


@patient
@given(mirrors(), callers, policies)
def test_without_rules_nothing_is_ever_painted(found, caller, policy):
    assert decide(found, caller, RuleSet(1, ()), policy=policy).colour == "none"
