"""Which deal a call was about is noted soon after it rang: the caller's own with this client, open at that moment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from callguard.answer import Terms
from callguard.calls import Ring, point_to_survivor, record_call
from callguard.kpi.noting import note_deals
from callguard.models import Call
from crm_mirror.models import Deal, PhoneNumber
from tests.cast import (
    IVAN,
    OLGA,
    mirror_synced,
    mirrored_company,
    mirrored_contact,
    mirrored_deal,
    mirrored_lead,
    mirrored_people,
)

PHONE = "8 (916) 123-45-67"
TERMS = Terms(portal_origin="https://portal.example")
NOW = timezone.now()


@pytest.fixture(autouse=True)
def mirror(db):
    mirrored_people()
    mirror_synced(NOW)


def ring(call_id="c1", *, caller=OLGA, phone=PHONE, direction="outgoing", ago=timedelta(minutes=5)):
    return record_call(Ring(call_id, phone, direction), caller_id=caller.id, at=NOW - ago, terms=TERMS)[0]


def noted(call):
    note_deals(at=NOW)
    return Call.objects.get(pk=call.pk).deal_id


def test_a_call_to_a_company_is_about_the_callers_open_deal_with_it():
    company = mirrored_company("Ромашка", phone=PHONE)
    deal = mirrored_deal("Поставка", company=company)
    assert noted(ring()) == deal.portal_id


def test_a_colleagues_deal_is_not_the_callers():
    mirrored_deal("Поставка", company=mirrored_company("Ромашка", phone=PHONE))
    assert noted(ring(caller=IVAN)) is None


@pytest.mark.parametrize(
    ("made", "moved", "outcome", "counts"),
    [
        (timedelta(hours=1), timedelta(hours=1), "P", True),
        (timedelta(hours=1), timedelta(minutes=1), "S", True),
        (timedelta(hours=2), timedelta(hours=1), "S", False),
        (timedelta(hours=2), timedelta(hours=1), "F", False),
        (timedelta(minutes=1), timedelta(minutes=1), "P", False),
    ],
    ids=["open", "won after the call", "won before", "lost before", "made after the call"],
)
def test_only_a_deal_that_was_open_when_it_rang_counts(made, moved, outcome, counts):
    company = mirrored_company("Ромашка", phone=PHONE)
    mirrored_deal("Поставка", company=company, outcome=outcome, created=NOW - made, moved=NOW - moved)
    assert (noted(ring()) is not None) is counts


def test_a_deal_with_the_contact_or_the_lead_behind_the_number_counts():
    contact = mirrored_contact("Вера", phone="+7 903 222-33-44")
    lead = mirrored_lead("Заявка", phone="+7 905 333-44-55")
    with_contact, with_lead = mirrored_deal("А", contact=contact), mirrored_deal("Б", lead=lead)
    first, second = ring("c1", phone="+7 903 222-33-44"), ring("c2", phone="+7 905 333-44-55")
    assert (noted(first), noted(second)) == (with_contact.portal_id, with_lead.portal_id)


def test_a_deal_with_the_company_of_a_contact_counts():
    company = mirrored_company("Ромашка")
    mirrored_contact("Вера", phone=PHONE, companies=[company])
    deal = mirrored_deal("Поставка", company=company)
    assert noted(ring()) == deal.portal_id


def test_of_two_twins_the_one_with_the_callers_deal_counts():
    mirrored_company("Ромашка", phone=PHONE)
    twin = mirrored_company("Ромашка (дубль)", phone=PHONE, responsible=IVAN)
    deal = mirrored_deal("Поставка", company=twin, responsible=IVAN)
    assert noted(ring(caller=IVAN)) == deal.portal_id


def test_of_several_deals_the_newest_counts():
    company = mirrored_company("Ромашка", phone=PHONE)
    mirrored_deal("Первая", company=company)
    newer = mirrored_deal("Вторая", company=company)
    assert noted(ring()) == newer.portal_id


def test_an_incoming_call_is_about_no_deal():
    mirrored_deal("Поставка", company=mirrored_company("Ромашка", phone=PHONE))
    assert noted(ring(direction="incoming")) is None


def test_the_deal_of_an_entity_that_was_merged_is_found_at_its_survivor():
    company, survivor = mirrored_company("Ромашка", phone=PHONE), mirrored_company("Ромашка плюс")
    call, deal = ring(), mirrored_deal("Поставка", company=survivor)
    PhoneNumber.objects.all().delete()
    point_to_survivor("company", company.portal_id, survivor.portal_id)
    assert noted(call) == deal.portal_id


def test_a_call_waits_until_the_mirror_of_deals_has_come_past_it():
    mirror_synced(NOW - timedelta(minutes=10))
    company = mirrored_company("Ромашка", phone=PHONE)
    call = ring()
    assert noted(call) is None
    deal = mirrored_deal("Поставка", company=company, created=NOW - timedelta(minutes=6))
    mirror_synced(NOW)
    assert noted(call) == deal.portal_id


def test_figures_are_told_of_the_calls_that_were_noted():
    mirrored_deal("Поставка", company=mirrored_company("Ромашка", phone=PHONE))
    call = ring()
    Call.objects.update(untallied=False)
    noted(call)
    assert Call.objects.get().untallied


def test_a_deal_once_noted_stays():
    mirrored_deal("Поставка", company=mirrored_company("Ромашка", phone=PHONE))
    call = ring()
    first = noted(call)
    Deal.objects.all().delete()
    mirror_synced(NOW + timedelta(minutes=1))
    note_deals(at=NOW + timedelta(minutes=1))
    assert noted(call) == first


def test_a_call_written_a_little_late_is_looked_at_too():
    company = mirrored_company("Ромашка", phone=PHONE)
    assert note_deals(at=NOW) == 0
    deal, call = mirrored_deal("Поставка", company=company), ring(ago=timedelta(minutes=1))
    mirror_synced(NOW + timedelta(minutes=1))
    note_deals(at=NOW + timedelta(minutes=1))
    assert Call.objects.get(pk=call.pk).deal_id == deal.portal_id


def test_a_long_backlog_is_worked_off_in_several_rounds():
    mirrored_deal("Поставка", company=mirrored_company("Ромашка", phone=PHONE))
    for number in range(7):
        ring(f"c{number}", ago=timedelta(hours=7 - number))
    assert [note_deals(at=NOW, batch=2, most=4) for _round in range(3)] == [4, 3, 0]


def test_a_round_without_news_takes_two_queries(django_assert_num_queries):
    note_deals(at=NOW)
    with django_assert_num_queries(2):
        assert note_deals(at=NOW) == 0


def test_a_batch_takes_the_same_number_of_queries_however_long_it_is(django_assert_max_num_queries):
    mirrored_deal("Поставка", company=mirrored_company("Ромашка", phone=PHONE))
    for number in range(30):
        ring(f"c{number}", ago=timedelta(minutes=number + 1))
    with django_assert_max_num_queries(12):
        assert note_deals(at=NOW) == 30
