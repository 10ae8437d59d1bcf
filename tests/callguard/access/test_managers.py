"""Who manages whom: the truth table of status-and-roles.md, and what never happens in any tree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callguard.access.managers import Department, Person, Scope, Structure, managers_of, people_of

OLGA, IVAN, MARINA, BORIS, PAVEL, VERA, NINA = range(1, 8)
COMPANY, SALES, WEST, OTHERS = 10, 20, 21, 30


def structure(people: dict[int, Person] | None = None, **heads: int | None) -> Structure:
    """The company > sales > west, and others; `heads` by name of the department, people in west by default."""
    posts = {"company": None, "sales": None, "west": None, "others": None} | heads
    departments = (
        Department(COMPANY, None, posts["company"]),
        Department(SALES, COMPANY, posts["sales"]),
        Department(WEST, SALES, posts["west"]),
        Department(OTHERS, COMPANY, posts["others"]),
    )
    everybody = {one: Person(one, departments=(WEST,)) for one in range(1, 8)} | (people or {})
    return Structure(everybody, {one.id: one for one in departments})


TABLE = {
    "the head of his department": (structure(west=MARINA), {MARINA}, {MARINA}),
    "a vacant head: the next one above": (structure(sales=MARINA), {MARINA}, {MARINA}),
    "two vacant heads": (structure(company=VERA), {VERA}, {VERA}),
    "every head above in a chain": (
        structure(west=MARINA, sales=BORIS, company=VERA),
        {MARINA},
        {MARINA, BORIS, VERA},
    ),
    "a dismissed head": (
        structure({MARINA: Person(MARINA, active=False)}, west=MARINA, sales=BORIS),
        {BORIS},
        {BORIS},
    ),
    "a head nobody lists (bot, integrator)": (structure(west=404, sales=BORIS), {BORIS}, {BORIS}),
    "a head from outside": (
        structure({NINA: Person(NINA, user_type="extranet")}, west=NINA, sales=BORIS),
        {BORIS},
        {BORIS},
    ),
    "himself": (structure(west=OLGA, sales=BORIS), {BORIS}, {BORIS}),
    "himself twice": (structure(west=OLGA, sales=OLGA, company=VERA), {VERA}, {VERA}),
    "the head of the whole company": (structure(west=OLGA, sales=OLGA, company=OLGA), set(), set()),
    "several departments": (
        structure({OLGA: Person(OLGA, departments=(WEST, OTHERS))}, west=MARINA, others=BORIS),
        {MARINA, BORIS},
        {MARINA, BORIS},
    ),
    "several departments under one vacant post": (
        structure({OLGA: Person(OLGA, departments=(WEST, OTHERS))}, company=VERA, west=MARINA),
        {MARINA, VERA},
        {MARINA, VERA},
    ),
    "no department": (structure({OLGA: Person(OLGA)}, west=MARINA, company=VERA), set(), set()),
    "a department that is not there": (structure({OLGA: Person(OLGA, departments=(99,))}, company=VERA), set(), set()),
    "nobody heads anything": (structure(), set(), set()),
    "a dismissed responsible keeps his manager": (
        structure({OLGA: Person(OLGA, active=False, departments=(WEST,))}, west=MARINA),
        {MARINA},
        {MARINA},
    ),
}


@pytest.mark.parametrize(("company", "direct", "chain"), TABLE.values(), ids=TABLE.keys())
def test_managers_of_olga(company, direct, chain):
    assert managers_of(OLGA, company) == direct
    assert managers_of(OLGA, company, Scope.CHAIN) == chain


def test_an_unknown_responsible_has_no_manager():
    assert managers_of(404, structure(west=MARINA)) == frozenset()


def test_a_circle_in_the_tree_ends():
    circle = {1: Department(1, 3), 2: Department(2, 1), 3: Department(3, 2, head_id=MARINA)}
    people = {OLGA: Person(OLGA, departments=(1,)), MARINA: Person(MARINA)}
    assert managers_of(OLGA, Structure(people, circle)) == {MARINA}
    assert managers_of(MARINA, Structure(people | {MARINA: Person(MARINA, departments=(1,))}, circle)) == frozenset()


def test_whom_one_manages_is_the_same_question_from_the_other_side():
    company = structure(west=MARINA, sales=BORIS)
    assert people_of(MARINA, company) == {OLGA, IVAN, BORIS, PAVEL, VERA, NINA}
    assert people_of(BORIS, company) == {MARINA}
    assert people_of(BORIS, company, Scope.CHAIN) == {OLGA, IVAN, MARINA, PAVEL, VERA, NINA}
    assert people_of(IVAN, company) == frozenset()


IDS = st.integers(1, 6)
TREES = st.builds(
    Structure,
    st.dictionaries(IDS, st.none()).flatmap(
        lambda some: st.fixed_dictionaries(
            {
                one: st.builds(
                    Person,
                    st.just(one),
                    st.booleans(),
                    st.lists(IDS, max_size=3).map(tuple),
                    st.sampled_from([True, False, None]),
                    st.sampled_from(["employee", "extranet", ""]),
                )
                for one in some
            }
        )
    ),
    st.dictionaries(IDS, st.none()).flatmap(
        lambda some: st.fixed_dictionaries(
            {one: st.builds(Department, st.just(one), st.none() | IDS, st.none() | IDS) for one in some}
        )
    ),
)


@given(TREES, IDS)
def test_in_any_tree_a_manager_is_at_work_heads_something_and_is_somebody_else(company, employee):
    direct, chain = (managers_of(employee, company, scope) for scope in Scope)
    assert direct <= chain
    assert employee not in chain
    assert all(company.people[one].works_here for one in chain)
    assert chain <= {department.head_id for department in company.departments.values()}
    assert len(direct) <= len(set(company.people[employee].departments)) if employee in company.people else not direct
