"""What is gone from the portal is marked deleted, and every reason not to believe that it is gone."""

from __future__ import annotations

import pytest
from django.utils import timezone

from crm_mirror.models import Company, Contact, ContactCompany, Department, Employee, Lead, PhoneNumber
from crm_mirror.portal.errors import PortalError
from crm_mirror.sync.kinds import kinds
from crm_mirror.sync.look import Look, Source
from crm_mirror.sync.tombstones import Doubt, bury, confirm_gone
from crm_mirror.sync.work import Work, at_work
from crm_mirror.sync.writer import writing

COUNT = 60


@pytest.fixture
def companies(portal):
    return [portal.add_company(f"Компания {number}", phone=f"+7916{number:07}") for number in range(COUNT)]


def deleted(model=Company):
    return sorted(model.objects.exclude(deleted_at=None).values_list("portal_id", flat=True))


def about_the_missing(report):
    return [warning for warning in report.warnings if "missing" in warning]


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
    sync(allow_mass_delete=True)
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


class TestManyAtOnce:
    """More than the settings allow is a person's decision: settings MASS_DELETE_ROWS and MASS_DELETE_PERCENT."""

    @pytest.fixture
    def many_gone(self, portal, sync, companies):
        sync()
        for company in companies[:11]:
            portal.delete_company(company)
        return companies[:11]

    def test_none_is_marked_and_one_line_says_what_was_seen_and_what_to_do(self, sync, many_gone):
        report = sync()
        assert deleted() == []
        assert report.counts("company").deleted == 0
        (warning,) = about_the_missing(report)
        assert warning.startswith("company: 11 rows are missing, none was marked deleted: 11 of 60 at once")
        assert "--allow-mass-delete" in warning

    def test_all_are_marked_once_a_person_says_so(self, sync, many_gone):
        sync()
        assert Company.objects.exclude(missing_since=None).count() == 11
        report = sync(allow_mass_delete=True)
        assert deleted() == many_gone
        assert about_the_missing(report) == []

    def test_they_are_restored_as_if_nothing_had_been(self, portal, sync, many_gone):
        sync()
        for company in many_gone:
            portal.restore_company(company)
        sync()
        assert not Company.objects.exclude(missing_since=None, deleted_at=None).exists()

    def test_permission_is_no_proof(self, portal, sync, companies, many_gone):
        portal.fails_with("not_admin")
        sync(allow_mass_delete=True)
        assert deleted() == []

    @pytest.mark.parametrize(("rows", "percent", "are_marked"), [(50, 20, True), (10, 20, False), (50, 18, False)])
    def test_both_limits_count(self, sync, settings, many_gone, rows, percent, are_marked):
        settings.MASS_DELETE_ROWS, settings.MASS_DELETE_PERCENT = rows, percent
        sync()
        assert deleted() == (many_gone if are_marked else [])

    def test_a_handful_may_always_go(self, portal, sync):
        leads = [portal.add_lead(f"Звонок {number}") for number in range(6)]
        sync()
        for lead in leads[:5]:
            portal.delete_lead(lead)
        sync()
        assert deleted(Lead) == leads[:5]

    def test_links_are_rows_too(self, portal, sync, companies):
        contact = portal.add_contact("Ольга Петрова", companies=companies[:8])
        sync()
        for company in companies[:6]:
            portal.unlink(contact, company)
        assert "--allow-mass-delete" in about_the_missing(sync())[0]
        assert ContactCompany.objects.count() == 8
        sync(allow_mass_delete=True)
        assert ContactCompany.objects.count() == 2


class TestAskingForRows:
    """confirm_gone, which every way of forgetting goes through."""

    @pytest.fixture
    def ask(self, portal, sync, companies):
        sync()

        def asked(ids):
            with at_work(Work.INBOX) as bench:
                return confirm_gone(bench, kinds("UF_CRM_X")["company"], ids)

        return asked

    def test_those_that_are_gone_and_those_that_are_not(self, portal, ask, companies):
        portal.delete_company(companies[3])
        found = ask([companies[3], companies[4], 999_999])
        assert found.gone == [companies[3], 999_999]
        assert [row["ID"] for row in found.rows] == [str(companies[4])]
        assert len(portal.log) == 2  # the sync's and one more

    def test_each_of_a_few_is_asked_for_by_itself(self, portal, ask, companies):
        ivan = portal.add_employee("Иван Сидоров")
        for company in companies[:47]:
            portal.delete_company(company)
        portal.update_company(companies[47], responsible=ivan)
        portal.fails_with("own_rows")
        with pytest.raises(Doubt, match="refused, not missing"):
            ask(companies[:48])

    def test_a_token_that_is_no_administrators_proves_nothing(self, portal, ask, companies):
        portal.delete_company(companies[3])
        portal.fails_with("not_admin")
        with pytest.raises(Doubt, match="administrator no more"):
            ask([companies[3]])

    def test_a_later_answer_is_not_undone_by_an_earlier_question(self, portal, ask, sync, companies):
        portal.delete_company(companies[3])
        found = ask([companies[3]])
        portal.restore_company(companies[3])
        portal.update_company(companies[3], TITLE="Снова здесь")
        sync()
        with writing():
            look = Look(timezone.now(), found.ticket, Source.EVENT)
            assert bury(kinds("UF_CRM_X")["company"], found.gone, look) == []
        assert deleted() == []
