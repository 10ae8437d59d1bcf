"""A merged entity points at the one that took it over, where that is certain."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from crm_mirror.models import Change, Company, Contact, ContactCompany, InboxEvent, Lead, PhoneNumber
from crm_mirror.portal.errors import PortalError

ONE, OTHER = "8 (916) 123-45-67", "8 (495) 765-43-21"
MODELS = {"company": Company, "contact": Contact, "lead": Lead}


def survivor(kind, gone):
    row = MODELS[kind].objects.get(portal_id=gone)
    assert row.deleted_at
    return row.merged_into_id


def merged():
    return list(Change.objects.filter(what="merged").values_list("portal_id", "facts"))


@pytest.fixture
def add(portal):
    verbs = {"company": portal.add_company, "contact": portal.add_contact, "lead": portal.add_lead}
    return lambda kind, title, **facts: verbs[kind](title, **facts)


@pytest.mark.parametrize("kind", MODELS)
class TestNumbers:
    def test_the_numbers_tell_although_no_event_speaks_of_the_survivor(self, portal, sync, drain, told, add, kind):
        stays, goes = add(kind, "Ромашка", phone=OTHER), add(kind, "Ромашка ООО", phone=ONE)
        sync()
        portal.merge(kind, stays, goes)
        told(f"ONCRM{kind.upper()}DELETE", goes)
        drain()
        assert survivor(kind, goes) == stays
        assert merged() == [(str(goes), {"into": stays})]
        held = PhoneNumber.objects.filter(entity_type=kind, entity_id=stays)
        assert sorted(held.values_list("e164", flat=True)) == ["+74957654321", "+79161234567"]

    def test_the_survivors_own_event_may_come_first(self, portal, sync, drain, told, add, kind):
        stays, goes = add(kind, "Ромашка", phone=OTHER), add(kind, "Ромашка ООО", phone=ONE)
        sync()
        portal.merge(kind, stays, goes)
        told(f"ONCRM{kind.upper()}UPDATE", stays)
        drain()
        told(f"ONCRM{kind.upper()}DELETE", goes)
        portal.log.clear()
        drain()
        assert survivor(kind, goes) == stays
        assert len(list(portal.log)) == 2, "the mirror alone could tell"

    def test_duplicates_with_the_same_number_are_told_by_the_change(self, portal, sync, drain, told, add, kind):
        stays, goes, third = (add(kind, f"Ромашка {number}", phone=ONE) for number in range(3))
        long_ago = int((timezone.now() - timedelta(days=3)).timestamp())
        portal.store.execute(f"UPDATE {kind} SET DATE_MODIFY = ?", (long_ago,))  # noqa: S608 - a kind of ours
        sync()
        portal.merge(kind, stays, goes)
        told(f"ONCRM{kind.upper()}DELETE", goes)
        drain()
        assert survivor(kind, goes) == stays
        assert MODELS[kind].objects.get(portal_id=third).deleted_at is None

    def test_a_deleted_one_whose_numbers_are_nowhere_was_not_merged(self, portal, sync, drain, told, add, kind):
        add(kind, "Ромашка", phone=OTHER)
        goes = add(kind, "Ромашка ООО", phone=ONE)
        sync()
        portal.delete(kind, goes)
        told(f"ONCRM{kind.upper()}DELETE", goes)
        drain()
        assert survivor(kind, goes) is None
        assert merged() == []

    def test_a_restored_one_is_itself_again(self, portal, sync, drain, told, add, kind):
        stays, goes = add(kind, "Ромашка", phone=OTHER), add(kind, "Ромашка ООО", phone=ONE)
        sync()
        portal.merge(kind, stays, goes)
        told(f"ONCRM{kind.upper()}DELETE", goes)
        drain()
        portal.restore(kind, goes)
        told(f"ONCRM{kind.upper()}ADD", goes)
        drain()
        row = MODELS[kind].objects.get(portal_id=goes)
        assert (row.deleted_at, row.merged_into_id) == (None, None)


class TestDoubt:
    def gone(self, portal, told, drain, company):
        portal.delete_company(company)
        told("ONCRMCOMPANYDELETE", company)
        drain()
        return survivor("company", company)

    def test_two_that_would_fit_are_none(self, portal, sync, drain, told):
        goes = portal.add_company("Ромашка", phone=ONE)
        portal.add_company("Лютик", phone=ONE)
        portal.add_company("Василёк", phone=ONE)
        sync()
        assert self.gone(portal, told, drain, goes) is None

    def test_one_that_carries_some_of_the_numbers_only_is_none(self, portal, sync, drain, told):
        goes = portal.add_company("Ромашка", phone=[ONE, OTHER])
        portal.add_company("Лютик", phone=ONE)
        sync()
        assert self.gone(portal, told, drain, goes) is None

    def test_one_that_nobody_changed_at_the_time_is_none(self, portal, sync, drain, told):
        goes = portal.add_company("Ромашка", phone=ONE)
        other = portal.add_company("Лютик", phone=ONE)
        sync()
        long_ago = timezone.now() - timedelta(days=3)
        portal.store.execute("UPDATE company SET DATE_MODIFY = ? WHERE ID = ?", (int(long_ago.timestamp()), other))
        sync()
        assert self.gone(portal, told, drain, goes) is None

    def test_another_kind_is_none(self, portal, sync, drain, told):
        goes = portal.add_company("Ромашка", phone=ONE)
        portal.add_contact("Ольга Петрова", phone=ONE)
        sync()
        assert self.gone(portal, told, drain, goes) is None

    def test_without_numbers_and_contacts_nobody_is_asked(self, portal, sync, drain, told):
        goes = portal.add_company("Ромашка")
        sync()
        portal.log.clear()
        assert self.gone(portal, told, drain, goes) is None
        assert len(list(portal.log)) == 2

    def test_deals_have_nothing_to_know_them_by(self, portal, sync, drain, told):
        deal = portal.add_deal("Поставка")
        sync()
        portal.delete_deal(deal)
        told("ONCRMDEALDELETE", deal)
        drain()
        assert not merged()


class TestContacts:
    """A company without numbers is known by the people who work there."""

    @pytest.fixture
    def world(self, portal, sync):
        stays, goes = portal.add_company("Ромашка"), portal.add_company("Ромашка ООО")
        contacts = [portal.add_contact(f"Контакт {number}", companies=[goes]) for number in range(3)]
        sync()
        return stays, goes, contacts

    def test_who_has_all_of_them_took_it_over(self, portal, drain, told, world):
        stays, goes, contacts = world
        portal.merge("company", stays, goes)
        told("ONCRMCOMPANYDELETE", goes)
        drain()
        assert survivor("company", goes) == stays
        assert sorted(ContactCompany.objects.values_list("contact_id", "company_id")) == [
            (contact, stays) for contact in contacts
        ]

    def test_who_has_some_of_them_did_not(self, portal, drain, told, world):
        stays, goes, contacts = world
        portal.link(contacts[0], stays)
        portal.update_company(stays, TITLE="Ромашка+")
        portal.delete_company(goes)
        told("ONCRMCOMPANYDELETE", goes)
        drain()
        assert survivor("company", goes) is None
        assert list(ContactCompany.objects.values_list("contact_id", "company_id")) == [(contacts[0], stays)]

    def test_numbers_and_contacts_have_to_agree(self, portal, sync, drain, told, world):
        stays, goes, _ = world
        portal.add_phone("company", goes, ONE)
        other = portal.add_company("Лютик", phone=ONE)
        sync()
        portal.merge("company", stays, goes)
        portal.update_company(other, TITLE="Лютик+")
        told("ONCRMCOMPANYUPDATE", other)
        told("ONCRMCOMPANYDELETE", goes)
        drain()
        assert survivor("company", goes) == stays


class TestInterrupted:
    @pytest.fixture
    def world(self, portal, sync, told):
        stays, goes = portal.add_company("Ромашка", phone=OTHER), portal.add_company("Ромашка ООО", phone=ONE)
        sync()
        portal.merge("company", stays, goes)
        told("ONCRMCOMPANYDELETE", goes)
        return stays, goes

    @pytest.mark.parametrize("requests", [1, 2, 3])
    def test_wherever_it_stopped_the_next_time_finds_the_survivor(self, portal, drain, world, requests):
        stays, goes = world
        portal.fails_with("revoked", after=requests)
        with pytest.raises(PortalError):
            drain()
        assert InboxEvent.objects.get().state == InboxEvent.State.WAITING
        portal.heal()
        drain()
        assert survivor("company", goes) == stays
        assert merged() == [(str(goes), {"into": stays})]
        assert Change.objects.filter(what="deleted").count() == 1
        assert InboxEvent.objects.get().state == InboxEvent.State.DONE

    def test_what_the_portal_would_not_tell_is_found_when_the_survivor_comes(self, portal, drain, told, world):
        stays, goes = world
        portal.fails_with("error", method="crm.duplicate.findbycomm")
        drain()
        assert survivor("company", goes) is None
        told("ONCRMCOMPANYUPDATE", stays)
        drain()
        assert survivor("company", goes) == stays

    def test_a_day_later_nobody_looks_any_more(self, portal, drain, told, world):
        stays, goes = world
        portal.fails_with("error", method="crm.duplicate.findbycomm")
        drain()
        Company.objects.filter(portal_id=goes).update(deleted_at=timezone.now() - timedelta(hours=25))
        told("ONCRMCOMPANYUPDATE", stays)
        drain()
        assert survivor("company", goes) is None


def test_many_at_once_are_a_few_requests(portal, sync, drain, told):
    stays = portal.add_company("Ромашка", phone=OTHER)
    gone = [portal.add_company(f"Ромашка {number}", phone=f"+7916{number:07}") for number in range(40)]
    sync()
    portal.merge("company", stays, *gone)
    for company in gone:
        told("ONCRMCOMPANYDELETE", company)
    portal.log.clear()
    drain()
    assert {survivor("company", company) for company in gone} == {stays}
    assert len(list(portal.log)) <= 4
