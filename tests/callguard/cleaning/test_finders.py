"""What misleads callers is found, kind by kind, and what misleads nobody is left alone."""

from __future__ import annotations

import pytest
from django.utils import timezone

from callguard.cleaning.finders import FINDERS
from callguard.models import Flaw
from crm_mirror.models import Company, Contact, Lead, UnreadablePhone
from tests.cast import IVAN, OLGA, mirrored_company, mirrored_contact, mirrored_lead, mirrored_people

PHONE = "+79161234567"


@pytest.fixture(autouse=True)
def people(db):
    mirrored_people()


def found(flaw):
    return {one.key: list(one.parts) for one in FINDERS[flaw]()}


def ref(row):
    return (type(row).__name__.lower(), row.portal_id)


# --- Numbers of several responsibles --------------------------------------------------------------------------------
def test_a_number_of_two_companies_with_different_responsibles_is_shared():
    one = mirrored_company("Ромашка", phone=PHONE, responsible=OLGA)
    other = mirrored_company("Ромашка (дубль)", phone=PHONE, responsible=IVAN)
    assert found(Flaw.SHARED) == {PHONE: [ref(one), ref(other)]}


def test_a_number_of_a_company_and_of_somebody_elses_contact_is_shared_too():
    company, contact = mirrored_company("Ромашка", phone=PHONE), mirrored_contact("Вера", phone=PHONE, responsible=IVAN)
    assert found(Flaw.SHARED) == {PHONE: [ref(company), ref(contact)]}


def test_a_company_and_a_contact_of_the_same_id_are_not_taken_for_one_another():
    mirrored_company("Ромашка", phone=PHONE, responsible=OLGA, id=5)
    mirrored_contact("Вера", phone=PHONE, responsible=OLGA, id=5)
    mirrored_lead("Лид", responsible=IVAN, id=5)
    assert found(Flaw.SHARED) == {}


def test_leads_share_a_number_only_where_no_client_has_it():
    leads = [mirrored_lead("Лид", phone=PHONE, responsible=person) for person in (OLGA, IVAN)]
    assert found(Flaw.SHARED) == {PHONE: [ref(lead) for lead in leads]}
    mirrored_company("Ромашка", phone=PHONE)
    assert found(Flaw.SHARED) == {}


@pytest.mark.parametrize("so", [{"responsible": OLGA}, {"responsible": IVAN, "deleted": True},
                                {"responsible": IVAN, "is_my_company": True}])  # fmt: skip
def test_one_responsible_a_deleted_company_or_our_own_mislead_nobody(so):
    mirrored_company("Ромашка", phone=PHONE, responsible=OLGA)
    mirrored_company("Другая", phone=PHONE, **so)
    assert found(Flaw.SHARED) == {}


# --- Contacts and companies -----------------------------------------------------------------------------------------
def test_a_contact_with_another_responsible_than_its_company_is_apart():
    company = mirrored_company("Ромашка", responsible=OLGA)
    contact = mirrored_contact("Вера", responsible=IVAN, companies=[company])
    mirrored_contact("Своя", responsible=OLGA, companies=[company])
    mirrored_contact("Ничья", responsible=None, companies=[company])
    assert found(Flaw.APART) == {f"{contact.portal_id}:{company.portal_id}": [ref(contact), ref(company)]}


def test_of_a_contact_with_two_companies_the_one_with_another_responsible_counts():
    companies = [mirrored_company("А", responsible=OLGA), mirrored_company("Б", responsible=IVAN)]
    contact = mirrored_contact("Вера", responsible=IVAN, companies=companies)
    assert list(found(Flaw.APART).values()) == [[ref(contact), ref(companies[0])]]


def test_deleted_contacts_and_companies_are_not_apart():
    mirrored_contact("Вера", responsible=IVAN, companies=[mirrored_company("А", responsible=OLGA, deleted=True)])
    mirrored_contact("Ада", responsible=IVAN, companies=[mirrored_company("Б", responsible=OLGA)], deleted=True)
    assert found(Flaw.APART) == {}


def test_a_contact_without_a_company_whose_number_a_company_has_is_loose():
    company = mirrored_company("Ромашка", phone=PHONE)
    contact = mirrored_contact("Вера", phone=PHONE)
    assert found(Flaw.LOOSE) == {f"{contact.portal_id}:{PHONE}": [ref(contact), ref(company)]}


def test_a_contact_of_any_living_company_is_not_loose():
    mirrored_company("Ромашка", phone=PHONE)
    mirrored_contact("Вера", phone=PHONE, companies=[mirrored_company("Другая")])
    assert found(Flaw.LOOSE) == {}
    Company.objects.filter(title="Другая").update(deleted_at=timezone.now())
    assert len(found(Flaw.LOOSE)) == 1


# --- Leads ----------------------------------------------------------------------------------------------------------
def test_a_lead_in_progress_with_a_clients_number_is_one_of_a_known_client():
    lead = mirrored_lead("Лид", phone=PHONE)
    contact, company = mirrored_contact("Вера", phone=PHONE), mirrored_company("Ромашка", phone=PHONE)
    assert found(Flaw.KNOWN_LEAD) == {f"{lead.portal_id}:{PHONE}": [ref(lead), ref(company), ref(contact)]}


@pytest.mark.parametrize("so", [{"semantic": "S"}, {"semantic": "F"}, {"company_id": 5}, {"contact_id": 5}])
def test_a_lead_that_is_closed_or_linked_is_in_order(so):
    mirrored_lead("Лид", phone=PHONE)
    mirrored_company("Ромашка", phone=PHONE)
    Lead.objects.update(**so)
    assert found(Flaw.KNOWN_LEAD) == {}


# --- Phones and statuses --------------------------------------------------------------------------------------------
def test_a_phone_that_gives_no_number_is_found_with_its_text():
    company, contact = mirrored_company("Ромашка"), mirrored_contact("Вера")
    for row in (company, contact):
        kind, portal_id = ref(row)
        UnreadablePhone.objects.create(entity_type=kind, entity_id=portal_id, value="спросить", kind="unreadable")
    Contact.objects.update(deleted_at=timezone.now())
    (one,) = FINDERS[Flaw.UNREADABLE]()
    assert (one.parts, one.text, one.number) == ((ref(company),), "спросить", "")


def test_companies_without_a_status_are_found_our_own_aside():
    bare = mirrored_company("Без статуса")
    mirrored_company("В работе", status="В работе")
    mirrored_company("Наша", is_my_company=True)
    mirrored_company("Удалена", deleted=True)
    assert found(Flaw.NO_STATUS) == {str(bare.portal_id): [ref(bare)]}


def test_every_kind_has_a_finder():
    assert set(FINDERS) == set(Flaw)


def test_finders_ask_the_same_number_of_queries_however_much_they_find(django_assert_max_num_queries):
    for number in range(30):
        phone = f"+7916{number:07}"
        mirrored_company("А", phone=phone)
        mirrored_contact("В", phone=phone, responsible=IVAN)
        mirrored_lead("Л", phone=phone)
    with django_assert_max_num_queries(9):
        assert [len(list(find())) for find in FINDERS.values()] == [30, 0, 30, 30, 0, 30]
