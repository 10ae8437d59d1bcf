"""verdict.md §2–3, a test for every row and sentence, on the pure engine."""

from __future__ import annotations

import pytest

from callguard import models
from callguard.verdict import (
    Caller,
    Candidate,
    Contact,
    Person,
    Policy,
    Reason,
    Rule,
    RuleSet,
    Status,
    Tier,
    decide,
    unasked,
)

OLGA, IVAN, BORIS = Person(7, "Ольга", True), Person(8, "Иван", True), Person(10, "Борис", True)
IN_WORK = Status("3", "В работе", 30)
PROCESSING = Status("2", "В обработке", 20)
WAITING = Status("1", "В ожидании", 10)
LATER = Status("9", "Отложен", 90)  # no rule speaks of it
COMPANY_TIERS = (Tier.COMPANY, Tier.COMPANY_CONTACT)
SEVERITY = {"red": 30, "yellow": 20, "blue": 10, None: -1}


def rule(tier, match, status=None, palette=None, own=False):
    return Rule(tier, match, status and status.row_id, palette, SEVERITY[palette], own)


INSTALLED = (
    *(rule(tier, "one", IN_WORK, "red") for tier in COMPANY_TIERS),
    *(rule(tier, "one", PROCESSING, "yellow") for tier in COMPANY_TIERS),
    *(rule(tier, "one", WAITING) for tier in COMPANY_TIERS),
    *(rule(tier, "none") for tier in COMPANY_TIERS),
    rule(Tier.CONTACT, "any", palette="yellow", own=True),
    rule(Tier.LEAD, "any", palette="blue", own=True),
)
RULES = RuleSet(4, INSTALLED)
CALLER = Caller(IVAN.id)
STAND_IN = Caller(IVAN.id, frozenset({OLGA.id}))


def company(id=1, responsible=OLGA, status=IN_WORK, tier=Tier.COMPANY, contact=None):
    return Candidate(tier, id, f"Компания {id}", responsible, status, contact)


def linked(id=1, responsible=OLGA, status=IN_WORK, contact_id=50):
    return company(id, responsible, status, Tier.COMPANY_CONTACT, Contact(contact_id, "Пётр", BORIS))


def contact(id=1, responsible=OLGA):
    return Candidate(Tier.CONTACT, id, "Пётр", responsible)


def lead(id=1, responsible=OLGA):
    return Candidate(Tier.LEAD, id, "Лид", responsible)


def said(*candidates, caller=CALLER, rules=RULES, policy=Policy.STRICTEST):
    verdict = decide(candidates, caller, rules, policy=policy)
    return verdict.colour, verdict.reason.value


@pytest.mark.parametrize("make", [company, linked])
@pytest.mark.parametrize(
    ("status", "responsible", "expected"),
    [
        (IN_WORK, OLGA, ("red", "foreign_client")),
        (PROCESSING, OLGA, ("yellow", "foreign_client")),
        (WAITING, OLGA, ("none", "waiting")),
        (None, OLGA, ("none", "no_status")),
        (LATER, OLGA, ("none", "no_rule")),
        (Status("77", "77", None), OLGA, ("none", "no_rule")),  # a value that the reference does not hold
        (IN_WORK, None, ("red", "foreign_client")),
        (IN_WORK, IVAN, ("none", "own_client")),
        (PROCESSING, IVAN, ("none", "own_client")),
        (WAITING, IVAN, ("none", "own_client")),
        (None, IVAN, ("none", "own_client")),
        (LATER, IVAN, ("none", "own_client")),
    ],
)
def test_a_company_speaks_by_its_responsible_and_status(make, status, responsible, expected):
    assert said(make(responsible=responsible, status=status)) == expected


@pytest.mark.parametrize("responsible", [OLGA, IVAN, None])
def test_a_contact_without_a_company_is_yellow_whoever_is_responsible(responsible):
    verdict = decide([contact(responsible=responsible)], CALLER, RULES)
    assert (verdict.colour, verdict.reason) == ("yellow", Reason.STANDALONE_CONTACT)
    assert verdict.own == (responsible == IVAN)


@pytest.mark.parametrize("responsible", [OLGA, IVAN, None])
def test_a_lead_is_blue_whoever_is_responsible(responsible):
    verdict = decide([lead(responsible=responsible)], CALLER, RULES)
    assert (verdict.colour, verdict.reason) == ("blue", Reason.KNOWN_LEAD)
    assert verdict.own == (responsible == IVAN)


def test_nothing_found_gives_no_colour_and_says_so():
    verdict = decide([], CALLER, RULES)
    assert (verdict.colour, verdict.reason, verdict.tier, verdict.decisive) == (
        "none",
        Reason.UNKNOWN_NUMBER,
        None,
        None,
    )
    assert (verdict.matches, verdict.contested, verdict.own, verdict.rules_version) == (0, False, False, 4)
    assert [step.tier for step in verdict.steps] == list(Tier)


@pytest.mark.parametrize("reason", [Reason.HIDDEN_NUMBER, Reason.INTERNAL_NUMBER, Reason.MIRROR_EMPTY])
def test_what_was_not_looked_up_has_no_steps(reason):
    verdict = unasked(reason, RULES)
    assert (verdict.colour, verdict.reason, verdict.steps, verdict.rules_version) == ("none", reason, (), 4)


@pytest.mark.parametrize(
    ("candidates", "tier"),
    [
        ([lead(), contact(), linked(), company()], Tier.COMPANY),
        ([lead(), contact(), linked()], Tier.COMPANY_CONTACT),
        ([lead(), contact()], Tier.CONTACT),
        ([lead()], Tier.LEAD),
    ],
)
def test_the_first_tier_with_an_entity_decides_and_the_rest_are_not_looked_at(candidates, tier):
    verdict = decide(candidates, CALLER, RULES)
    assert verdict.tier is tier
    assert [step.tier for step in verdict.steps] == list(Tier)[: list(Tier).index(tier) + 1]


def test_a_tier_decides_even_when_its_outcome_is_no_colour():
    assert said(company(status=WAITING), linked(), contact(), lead()) == ("none", "waiting")
    assert said(company(responsible=IVAN), linked(2)) == ("none", "own_client")


def test_in_tier_2_the_companys_responsible_counts_not_the_contacts():
    mine = Candidate(Tier.COMPANY_CONTACT, 1, "Ромашка", OLGA, IN_WORK, Contact(50, "Пётр", IVAN))
    theirs = Candidate(Tier.COMPANY_CONTACT, 1, "Ромашка", IVAN, IN_WORK, Contact(50, "Пётр", OLGA))
    assert said(mine) == ("red", "foreign_client")
    assert said(theirs) == ("none", "own_client")


def test_a_substitute_may_work_with_the_clients_of_whom_he_stands_in_for():
    verdict = decide([company()], STAND_IN, RULES)
    assert (verdict.colour, verdict.reason, verdict.own) == ("none", Reason.SUBSTITUTED_CLIENT, True)
    assert said(company(responsible=BORIS), caller=STAND_IN) == ("red", "foreign_client")
    assert said(contact(), caller=STAND_IN) == ("yellow", "standalone_contact")


def test_a_switch_paints_own_companies_too_and_leaves_own_contacts_alone():
    rules = RuleSet(5, (rule(Tier.COMPANY, "one", IN_WORK, "red", own=True), rule(Tier.CONTACT, "any", None, "yellow")))
    verdict = decide([company(responsible=IVAN)], CALLER, rules)
    assert (verdict.colour, verdict.reason, verdict.own) == ("red", Reason.OWN_CLIENT, True)
    assert said(contact(responsible=IVAN), rules=rules) == ("none", "own_client")
    assert said(contact(), rules=rules) == ("yellow", "standalone_contact")


def test_a_rule_for_any_status_holds_where_no_other_rule_names_it():
    rules = RuleSet(5, (*INSTALLED, rule(Tier.COMPANY, "any", palette="blue")))
    assert said(company(status=LATER), rules=rules) == ("blue", "foreign_client")
    assert said(company(status=IN_WORK), rules=rules) == ("red", "foreign_client")
    assert said(company(status=None), rules=rules) == ("none", "no_status")


def test_without_any_rule_for_a_tier_there_is_no_colour():
    assert said(lead(), rules=RuleSet(6, ())) == ("none", "no_rule")


@pytest.mark.parametrize(
    ("found", "colour", "decisive"),
    [
        ([company(1, status=PROCESSING), company(2, status=IN_WORK)], "red", 2),
        ([company(1, responsible=IVAN), company(2, status=IN_WORK)], "red", 2),
        ([company(1, status=WAITING), company(2, status=PROCESSING)], "yellow", 2),
        ([company(5), company(3), company(4)], "red", 3),
    ],
)
def test_the_strictest_outcome_wins_and_of_equals_the_lowest_portal_id(found, colour, decisive):
    verdict = decide(found, CALLER, RULES)
    assert (verdict.colour, verdict.decisive.candidate.id, verdict.matches) == (colour, decisive, len(found))


def test_strictness_is_the_palettes_severity_not_its_name():
    mild = RuleSet(
        7, (Rule(Tier.COMPANY, "one", 30, "red", 1, False), Rule(Tier.COMPANY, "one", 20, "orange", 2, False))
    )
    assert said(company(1), company(2, status=PROCESSING), rules=mild) == ("orange", "foreign_client")


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        ([company(1, responsible=BORIS), company(2, responsible=IVAN)], ("none", "own_client")),
        ([company(1, responsible=BORIS), company(2)], ("none", "substituted_client")),
        ([company(1), company(2, responsible=IVAN)], ("none", "own_client")),
        ([company(1, responsible=BORIS)], ("red", "foreign_client")),
        ([contact(1, responsible=IVAN), contact(2, responsible=BORIS)], ("none", "own_client")),
        ([lead(1), lead(2, responsible=BORIS)], ("none", "substituted_client")),
        ([contact(1, responsible=BORIS)], ("yellow", "standalone_contact")),
    ],
)
def test_own_first_lets_an_own_entity_take_the_colour_away(candidates, expected):
    assert said(*candidates, caller=STAND_IN, policy=Policy.OWN_FIRST) == expected


def test_when_nothing_paints_reasons_go_in_order():
    rows = [
        company(1, status=LATER),
        company(2, status=None),
        company(3, status=WAITING),
        company(4, status=WAITING, responsible=OLGA),
        company(5, responsible=IVAN),
    ]
    caller = Caller(IVAN.id, frozenset({OLGA.id}))
    others = [company(c.id, BORIS, c.status) for c in rows[:3]]
    assert said(*others, *rows[3:], caller=caller) == ("none", "own_client")
    assert said(*others, rows[3], caller=caller) == ("none", "substituted_client")
    assert said(*others) == ("none", "waiting")
    assert said(*others[:2]) == ("none", "no_status")
    assert said(*others[:1]) == ("none", "no_rule")
    assert decide([*others, *rows[3:]], caller, RULES).decisive.candidate.id == 5


def test_the_number_is_contested_when_responsibles_differ():
    assert decide([company(1), company(2, responsible=BORIS)], CALLER, RULES).contested
    assert decide([company(1), company(2, responsible=None)], CALLER, RULES).contested
    assert not decide([company(1), company(2)], CALLER, RULES).contested
    assert not decide([company(1), lead(2, responsible=BORIS)], CALLER, RULES).contested


def test_a_company_that_several_contacts_lead_to_counts_once_through_the_lowest_contact():
    verdict = decide([linked(1, contact_id=52), linked(1, contact_id=51), linked(2, contact_id=51)], CALLER, RULES)
    assert (verdict.matches, verdict.decisive.candidate.contact.id) == (2, 51)


def test_every_entity_of_the_deciding_tier_is_in_the_explanation_with_rule_and_outcome():
    verdict = decide([company(2, status=WAITING), company(1)], CALLER, RULES)
    last = verdict.steps[-1]
    assert [(f.candidate.id, f.rule.palette, f.outcome.reason.value) for f in last.findings] == [
        (1, "red", "foreign_client"),
        (2, None, "waiting"),
    ]


def test_the_pure_words_are_those_of_the_tables():
    assert [tier.value for tier in Tier] == models.Tier.values
    assert {rule.match for rule in INSTALLED} <= set(models.StatusMatch.values)
