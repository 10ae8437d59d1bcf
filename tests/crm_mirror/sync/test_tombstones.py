"""What is gone from the portal is marked deleted, and every reason not to believe that it is gone."""

from __future__ import annotations

import pytest

from crm_mirror.models import Company, Contact, ContactCompany, Department, Employee, Lead, PhoneNumber
from crm_mirror.portal.errors import PortalError

COUNT = 60


@pytest.fixture
def companies(portal):
    return [portal.add_company(f"Компания {number}", phone=f"+7916{number:07}") for number in range(COUNT)]


def deleted(model=Company):
    return sorted(model.objects.exclude(deleted_at=None).values_list("portal_id", flat=True))


def test_a_deleted_row_is_marked_and_keeps_its_numbers(portal, sync, companies):
    sync()
    portal.delete_company(companies[3])
    report = sync()
    assert deleted() == [companies[3]]
    assert report.counts("company").deleted == 1
    assert PhoneNumber.objects.filter(entity_id=companies[3]).exists()


@pytest.mark.parametrize("which", [slice(0, 1), slice(-1, None), slice(10, 55)])
def test_wherever_and_however_many_they_were(portal, sync, companies, which):
    sync()
    for company in companies[which]:
        portal.delete_company(company)
    sync()
    assert deleted() == companies[which]


def test_every_kind_that_can_be_deleted(portal, sync):
    kept = [portal.add_company("Ромашка"), portal.add_contact("Ольга Петрова"), portal.add_lead("Звонок")]
    department = portal.add_department("Лишний")
    contact, lead, deal = portal.add_contact("Иван Сидоров"), portal.add_lead("Другой"), portal.add_deal("Поставка")
    portal.add_deal("Ещё одна")
    sync()
    portal.delete_contact(contact)
    portal.delete_lead(lead)
    portal.delete_deal(deal)
    del portal.store.departments[department]
    report = sync()
    assert (deleted(Contact), deleted(Lead), deleted(Department)) == ([contact], [lead], [department])
    assert report.counts("deal").deleted == 1
    assert Company.objects.live().count() == 1
    assert Contact.objects.live().get().portal_id == kept[1]


def test_a_restored_row_is_revived_with_its_numbers(portal, sync, companies):
    sync()
    portal.delete_company(companies[3])
    sync()
    portal.restore_company(companies[3])
    report = sync()
    assert deleted() == []
    assert report.counts("company").updated == 1
    assert list(PhoneNumber.objects.filter(entity_id=companies[3]).values_list("e164", flat=True)) == ["+79160000003"]


def test_a_merged_company_disappears(portal, sync, companies):
    sync()
    portal.merge("company", companies[0], companies[1])
    sync()
    assert deleted() == [companies[1]]


def test_an_employee_who_comes_no_more_is_kept(portal, sync):
    ivan = portal.add_employee("Иван Сидоров")
    sync()
    portal.store.user(ivan.id)["IS_HIDDEN"] = True
    sync()
    row = Employee.objects.get(portal_id=ivan.id)
    assert row.deleted_at is None
    assert row.missing_since


def test_a_link_that_was_removed_is_removed(portal, sync):
    first, second = portal.add_company("Ромашка"), portal.add_company("Лютик")
    contact = portal.add_contact("Ольга Петрова", companies=[first, second])
    sync()
    portal.unlink(contact, second)
    report = sync()
    assert list(ContactCompany.objects.values_list("contact_id", "company_id")) == [(contact, first)]
    assert report.counts("link").deleted == 1


class TestNothingIsDeleted:
    """Each time the portal brings less than there is."""

    @pytest.fixture(autouse=True)
    def _mirrored(self, portal, sync, companies):
        portal.add_contact("Ольга Петрова", phone="+7 495 123-45-67", companies=companies[:2])
        sync()

    @pytest.fixture
    def one_gone(self, portal, companies):
        portal.delete_company(companies[3])

    def test_when_the_token_is_no_administrators(self, portal, sync, one_gone):
        portal.fails_with("not_admin")
        report = sync()
        assert deleted() == []
        assert any("no administrator" in warning for warning in report.warnings)

    def test_when_rows_are_left_out_in_silence_although_the_token_says_administrator(self, portal, sync, companies):
        ivan = portal.add_employee("Иван Сидоров")
        portal.update_company(companies[5], responsible=ivan)
        portal.fails_with("own_rows")
        report = sync()
        assert deleted() == []
        assert any("refused, not missing" in warning for warning in report.warnings)

    def test_when_rights_are_lost_between_the_pass_and_its_end(self, portal, sync, one_gone):
        portal.fails_with("not_admin", after=1)
        report = sync()
        assert deleted() == []
        assert any("administrator no more" in warning for warning in report.warnings)

    def test_when_everything_is_gone_at_once(self, portal, sync, companies):
        for company in companies:
            portal.delete_company(company)
        report = sync()
        assert deleted() == []
        assert any("no row at all" in warning for warning in report.warnings)

    def test_when_rows_were_lost_on_the_way(self, portal, sync, one_gone):
        portal.fails_with("lose", times=1, method="crm.company.list", after=1)
        sync()
        assert deleted() == []

    def test_when_lists_come_empty(self, portal, sync, one_gone):
        portal.fails_with("empty_page", method="crm.company.list")
        sync()
        assert deleted() == []

    def test_when_the_portal_is_lost_on_the_way(self, portal, sync, one_gone):
        portal.fails_with("revoked", after=1)
        with pytest.raises(PortalError):
            sync()
        assert deleted() == []

    def test_when_the_kind_is_refused(self, portal, sync, one_gone):
        portal.fails_with("scope", method="crm.company.list")
        with pytest.raises(PortalError):
            sync()
        assert deleted() == []

    def test_when_the_question_after_the_pass_fails(self, portal, sync, one_gone):
        portal.fails_with("error", method="crm.company.get")
        report = sync()
        assert deleted() == []
        assert any("none was marked deleted" in warning for warning in report.warnings)

    def test_when_the_row_comes_after_all_if_asked_for_by_itself(self, portal, sync, companies):
        Company.objects.filter(portal_id=companies[3]).update(missing_since="2026-01-01T00:00:00Z")
        portal.fails_with("lose", times=1, method="crm.company.list")
        sync()
        assert deleted() == []

    def test_and_the_next_good_pass_makes_up_for_it(self, portal, sync, companies, one_gone):
        portal.fails_with("not_admin")
        sync()
        portal.heal()
        sync()
        assert deleted() == [companies[3]]


def test_rows_deleted_during_the_pass_are_no_flaw(portal, sync, companies):
    sync()
    portal.delete_company(companies[3])
    sync()
    assert deleted() == [companies[3]]
    assert all("announced" not in warning for warning in sync().warnings)


def test_links_of_a_contact_nobody_may_read_stay(portal, sync):
    ivan = portal.add_employee("Иван Сидоров")
    company = portal.add_company("Ромашка")
    contact = portal.add_contact("Ольга Петрова", companies=[company], responsible=ivan)
    portal.add_contact("Пётр Иванов")
    sync()
    portal.fails_with("own_rows")
    sync()
    assert ContactCompany.objects.filter(contact_id=contact, company_id=company).exists()
