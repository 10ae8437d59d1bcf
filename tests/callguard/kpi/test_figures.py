"""The article's figures: whose, of which day, and without what came from colleagues' clients. They are their lists."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callguard.access.actors import actor_of, employee_actor
from callguard.kpi import figures, won
from callguard.kpi.figures import Kpi, Won
from callguard.models import Account, Call, CallTally, ConflictTally, Takeover, Tier
from callguard.reports.lists import calls_behind
from callguard.reports.question import Question
from crm_mirror.models import Deal, Lead
from tests.callguard.kpi.world import called, converted_lead, took_over
from tests.cast import (
    BORIS,
    IVAN,
    MARINA,
    OLGA,
    mirrored_company,
    mirrored_contact,
    mirrored_deal,
    mirrored_people,
)

ZONE = ZoneInfo("Europe/Moscow")
NOON = datetime(2026, 11, 10, 12, tzinfo=ZONE)
NOW = datetime(2026, 11, 24, 12, tzinfo=ZONE)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def people(db):
    mirrored_people()


def asked(actor=None, **params):
    root = actor_of(Account(username="root", is_active=True, is_superuser=True))
    return Question.asked({"from": "2026-11-01", "to": "2026-11-20"} | params, actor or root, NOW)


def kpi_of(person, **params):
    return {one.person_id: one for one in figures.by_person(asked(**params))}.get(person.id, Kpi(person.id))


def test_calls_to_leads_and_on_current_deals_are_outgoing_ones():
    called(IVAN, NOON, tier=Tier.LEAD)
    called(IVAN, NOON, tier=Tier.LEAD, direction="incoming")
    called(IVAN, NOON, deal_id=5)
    called(IVAN, NOON, deal_id=5, direction="incoming")
    called(IVAN, NOON)
    assert (kpi_of(IVAN).to_leads, kpi_of(IVAN).on_deals) == (1, 1)


def test_leads_count_for_their_responsible_once_they_are_converted():
    converted_lead("Сконвертирован", IVAN, NOON)
    converted_lead("Брак", IVAN, NOON)
    Lead.objects.filter(title="Брак").update(semantic="F")
    assert (kpi_of(IVAN).converted, kpi_of(OLGA).converted) == (1, 0)


def test_deals_count_for_their_responsible_once_they_are_won_with_their_sum_by_currency():
    for outcome, amount, currency in (("S", "100.50", "RUB"), ("S", "0.50", "RUB"), ("S", "7", "EUR"), ("S", None, ""),
                                      ("F", "9", "RUB"), ("P", "9", "RUB")):  # fmt: skip
        mirrored_deal("Сделка", responsible=IVAN, outcome=outcome, amount=amount, currency=currency, moved=NOON)
    assert kpi_of(IVAN).won == Won(4, {"EUR": Decimal("7.00"), "RUB": Decimal("101.00")})


def test_what_is_deleted_in_the_portal_counts_no_more():
    mirrored_deal("Сделка", responsible=IVAN, outcome="S", moved=NOON, deleted=True)
    assert kpi_of(IVAN).won == Won()


@pytest.mark.parametrize(
    ("moved", "counts"),
    [
        (datetime(2026, 11, 1, 0, 0, tzinfo=ZONE), True),
        (datetime(2026, 10, 31, 23, 59, 59, tzinfo=ZONE), False),
        (datetime(2026, 11, 20, 23, 59, 59, tzinfo=ZONE), True),
        (datetime(2026, 11, 21, 0, 0, tzinfo=ZONE), False),
    ],
)
def test_the_day_is_that_of_the_companys_zone(moved, counts, settings):
    settings.TIME_ZONE = "Europe/Moscow"
    mirrored_deal("Сделка", responsible=IVAN, outcome="S", moved=moved)
    converted_lead("Лид", IVAN, moved)
    assert (kpi_of(IVAN).won.deals, kpi_of(IVAN).converted) == (counts, counts)


def test_a_deal_of_before_we_knew_stages_counts_where_it_was_changed_last():
    deal = mirrored_deal("Сделка", responsible=IVAN, outcome="S", moved=None)
    Deal.objects.filter(pk=deal.pk).update(modified_at=NOON)
    assert kpi_of(IVAN).won.deals == 1


# --- Won from a colleague's client ----------------------------------------------------------------------------------
@pytest.fixture
def romashka():
    return mirrored_company("Ромашка", responsible=IVAN)


def won_from(client, *, by=IVAN, at=NOON, amount="100"):
    which = "company" if type(client).__name__ == "Company" else "contact"
    return mirrored_deal("Поставка", responsible=by, outcome="S", amount=amount, moved=at, **{which: client})


def test_a_deal_won_after_taking_the_client_over_is_shown_apart_and_taken_off(romashka):
    took_over(IVAN, OLGA, romashka, NOON - DAY)
    won_from(romashka)
    won_from(mirrored_company("Своя", responsible=IVAN), amount="30")
    kpi = kpi_of(IVAN)
    assert kpi.won == Won(2, {"RUB": Decimal("130.00")})
    assert kpi.taken == Won(1, {"RUB": Decimal("100.00")})
    assert kpi.corrected == Won(1, {"RUB": Decimal("30.00")})


def test_a_contact_without_a_company_may_be_taken_over_too():
    contact = mirrored_contact("Вера", responsible=IVAN)
    took_over(IVAN, OLGA, contact, NOON - DAY)
    won_from(contact)
    assert kpi_of(IVAN).taken.deals == 1


def test_several_takeovers_of_one_client_take_the_deal_off_once(romashka):
    for days in (1, 2, 3):
        took_over(IVAN, OLGA, romashka, NOON - days * DAY)
    won_from(romashka)
    assert kpi_of(IVAN).taken == Won(1, {"RUB": Decimal("100.00")})


def test_the_client_of_a_company_that_was_merged_stays_taken_over(romashka):
    survivor = mirrored_company("Ромашка плюс", responsible=IVAN)
    took_over(IVAN, OLGA, romashka, NOON - DAY)
    Call.objects.update(survivor_id=survivor.portal_id)
    won_from(survivor)
    assert kpi_of(IVAN).taken.deals == 1


def test_a_deal_won_before_the_takeover_stays(romashka):
    took_over(IVAN, OLGA, romashka, NOON + HOUR)
    won_from(romashka)
    assert kpi_of(IVAN).taken == Won()


@pytest.mark.parametrize(
    "so", [{"excused": True}, {"judged": False}, {"undone": NOON}], ids=["excused", "not judged yet", "given back"]
)
def test_nothing_is_taken_off_for_what_blames_nobody_or_was_given_back(so, romashka):
    took_over(IVAN, OLGA, romashka, NOON - DAY, **so)
    won_from(romashka)
    assert kpi_of(IVAN).corrected == kpi_of(IVAN).won == Won(1, {"RUB": Decimal("100.00")})


def test_what_a_colleague_took_over_takes_nothing_off_others(romashka):
    took_over(BORIS, OLGA, romashka, NOON - DAY)
    won_from(romashka)
    assert kpi_of(IVAN).taken == Won()


# --- Whose figures ---------------------------------------------------------------------------------------------------
def test_everybody_sees_his_own_and_his_peoples_figures_only():
    for person in (IVAN, OLGA, BORIS):
        called(person, NOON, tier=Tier.LEAD)
        converted_lead("Лид", person, NOON)
        mirrored_deal("Сделка", responsible=person, outcome="S", moved=NOON)

    def seen(by, **params):
        return {one.person_id for one in figures.by_person(asked(employee_actor(by.id), **params))}

    assert seen(IVAN) == {IVAN.id}
    assert seen(MARINA) == {IVAN.id, OLGA.id}
    assert seen(MARINA, person=str(IVAN.id)) == {IVAN.id}
    assert BORIS.id not in seen(MARINA, person=str(BORIS.id))


# --- Figures are their lists, and what a plain look at the rows says ------------------------------------------------
moments = st.integers(-30, 30).map(lambda hours: datetime(2026, 11, 20, 12, tzinfo=ZONE) + hours * HOUR)
persons = st.sampled_from([IVAN, OLGA, BORIS])
deals = st.tuples(persons, st.integers(0, 1), st.sampled_from("SSPF"), st.sampled_from(["10.10", "0.01", None]),
                  st.sampled_from(["RUB", "EUR"]), st.none() | moments)  # fmt: skip
takeovers = st.tuples(persons, st.integers(0, 1), moments, st.booleans(), st.booleans(), st.booleans())
leads = st.tuples(persons, st.none() | moments)
calls = st.tuples(
    persons, moments, st.sampled_from([Tier.LEAD, Tier.COMPANY]), st.booleans(), st.sampled_from([None, 5])
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(deals, max_size=6),
    st.lists(takeovers, max_size=4),
    st.lists(leads, max_size=4),
    st.lists(calls, max_size=6),
)
def test_figures_equal_their_lists_and_a_plain_count(some_deals, some_takeovers, some_leads, some_calls):
    for model in (Takeover, Call, CallTally, ConflictTally, Deal, Lead):
        model.objects.all().delete()
    companies = [mirrored_company("А"), mirrored_company("Б")]
    for person, place, outcome, amount, currency, moved in some_deals:
        mirrored_deal("С", responsible=person, company=companies[place], outcome=outcome, amount=amount,
                      currency=currency, moved=moved)  # fmt: skip
    for person, place, at, excused, judged, undone in some_takeovers:
        took_over(person, OLGA, companies[place], at, excused=excused, judged=judged, undone=NOW if undone else None)
    for person, moved in some_leads:
        converted_lead("Л", person, moved)
    for person, at, tier, outgoing, deal_id in some_calls:
        called(person, at, tier=tier, direction="outgoing" if outgoing else "incoming", deal_id=deal_id)
    q = asked()
    found = {one.person_id: one for one in figures.by_person(q)}
    for person in (IVAN, OLGA, BORIS):
        kpi = found.get(person.id, Kpi(person.id))
        assert kpi.to_leads == calls_behind(q, "to_leads", caller=person.id).count()
        assert kpi.on_deals == calls_behind(q, "on_deals", caller=person.id).count()
        assert kpi.converted == won.leads_converted(q).filter(responsible_id=person.id).count()
        for part, rows in ((kpi.won, won.deals_won), (kpi.taken, won.deals_taken), (kpi.corrected, won.deals_kept)):
            listed = list(rows(q).filter(responsible_id=person.id))
            assert part == Won(len(listed), plain_sums(listed))
        assert kpi.won.deals == len([deal for deal in Deal.objects.all() if is_won(deal, person)])
        assert kpi.taken.deals == len([deal for deal in Deal.objects.all() if is_taken(deal, person)])


def plain_sums(rows):
    sums = Counter()
    for deal in rows:
        if deal.amount:
            sums[deal.currency] += deal.amount
    return dict(sums)


def is_won(deal, person):
    days = (datetime(2026, 11, 1, tzinfo=ZONE), datetime(2026, 11, 21, tzinfo=ZONE))
    moved = deal.moved_at
    return deal.responsible_id == person.id and deal.semantic == "S" and moved and days[0] <= moved < days[1]


def is_taken(deal, person):
    return is_won(deal, person) and any(
        one.to_id == person.id
        and one.call.entity_id == deal.company_id
        and one.moved_at <= deal.moved_at
        and one.undone_at is None
        and one.call.judged_at
        and not one.call.excused
        for one in Takeover.objects.select_related("call")
    )


def test_it_takes_three_queries_however_many_people(django_assert_num_queries):
    for person in (IVAN, OLGA, BORIS, MARINA):
        mirrored_deal("Сделка", responsible=person, outcome="S", moved=NOON)
    q = asked()
    with django_assert_num_queries(3):
        assert len(figures.by_person(q)) == 4


def test_a_total_is_the_sum_of_its_people():
    mirrored_deal("Сделка", responsible=IVAN, outcome="S", moved=NOON, amount="1")
    mirrored_deal("Сделка", responsible=OLGA, outcome="S", moved=NOON, amount="2.50")
    whole = figures.total(figures.by_person(asked()))
    assert whole.won == Won(2, {"RUB": Decimal("3.50")})
