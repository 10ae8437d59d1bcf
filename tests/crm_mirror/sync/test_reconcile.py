"""Whatever differs is found, told apart and put right; what does not differ is left alone."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from crm_mirror.models import (
    Change,
    Company,
    Contact,
    ContactCompany,
    Deal,
    Department,
    Drift,
    Employee,
    Lead,
    PhoneNumber,
    Quarantine,
    Repair,
    Status,
    SyncRun,
    UnreadablePhone,
)
from crm_mirror.portal.errors import PortalError
from crm_mirror.sync.kinds import NAMES
from crm_mirror.sync.work import Work
from tests.crm_mirror.sync.conftest import found


def test_a_true_mirror_has_no_drift(compare, small):
    report = compare()
    assert (found(report), report.drift_left, report.warnings) == ({}, 0, [])
    assert list(report.kinds) == list(NAMES)
    company = report.kinds["company"]
    assert (company.portal, company.mirror, company.compared) == (30, 30, 30)
    assert (report.numbers.checked > 20, report.numbers.explained, report.numbers.unexplained) == (True, {}, 0)
    assert report.requests < 15


def test_every_run_is_kept(compare, portal, small):
    portal.delete_company(small[0])
    compare()
    row = Drift.objects.filter(kind="company").latest("at")
    assert (row.portal_rows, row.mirror_rows, row.surplus, row.left) == (29, 30, 1, 1)
    assert set(Drift.objects.values_list("kind", flat=True)) == set(NAMES)
    run = SyncRun.objects.get(work=Work.RECONCILE)
    assert (run.ok, run.report["kinds"]["company"]["surplus"]) == (True, 1)


class TestOneDifference:
    """Counted without --repair and left as it is; with it written, and noted with its reason."""

    @pytest.fixture
    def repaired(self, compare):
        def run(kind, expected, facts):
            missing, surplus, different = (expected == one for one in ("missing", "surplus", "different"))
            assert found(compare()) == {kind: (missing, surplus, different, 0, 1)}
            assert not Repair.objects.exists()
            assert found(compare(repair=True)) == {kind: (missing, surplus, different, 1, 0)}
            repair = Repair.objects.get()
            assert (repair.kind, repair.what, repair.facts) == (kind, expected, facts)
            assert found(compare()) == {}
            return repair.portal_id

        return run

    def test_an_unseen_row(self, portal, repaired, small):
        company = portal.add_company("Новая", phone="+7 916 555-55-55")
        assert repaired("company", "missing", {"row": [None, "live"]}) == company
        assert PhoneNumber.objects.filter(e164="+79165555555", entity_id=company).exists()
        assert Change.objects.latest("id").source == "reconcile"

    def test_a_row_that_is_gone(self, portal, repaired, small):
        portal.delete_company(small[3])
        assert repaired("company", "surplus", {"row": ["live", "Not found"]}) == small[3]
        assert Company.objects.get(portal_id=small[3]).deleted_at

    def test_a_row_that_is_back(self, portal, repaired, small):
        Company.objects.filter(portal_id=small[3]).update(deleted_at="2026-01-01T00:00:00Z")
        repaired("company", "missing", {"row": ["deleted", "live"]})

    def test_a_field(self, repaired, small):
        Company.objects.filter(portal_id=small[3]).update(title="Иначе", lead_id=7)
        repaired("company", "different", {"title": ["Иначе", "Компания 3"], "lead_id": [7, None]})

    def test_a_time_of_change_alone(self, repaired, small):
        Deal.objects.filter(title="Поставка 3").update(modified_by_id=77)
        repaired("deal", "different", {"modified_by_id": [77, 1]})

    def test_a_number(self, repaired, small):
        PhoneNumber.objects.filter(e164="+79160000003").update(e164="+79169999999")
        repaired("company", "different", {"numbers": [["+79169999999"], ["+79160000003"]]})

    def test_a_value_that_is_no_number(self, portal, sync, repaired, small):
        portal.add_phone("company", small[3], "спросить Олю")
        sync()
        UnreadablePhone.objects.all().delete()
        repaired("company", "different", {"unreadable": [[], ["спросить Олю"]]})

    def test_a_link_too_few(self, repaired, small):
        contact = Contact.objects.get(title="Иван Сидоров-1").portal_id
        (company,) = ContactCompany.objects.filter(contact_id=contact).values_list("company_id", flat=True)
        ContactCompany.objects.filter(contact_id=contact).delete()
        assert repaired("link", "different", {"company_ids": [[], [company]]}) == contact

    def test_a_link_too_many(self, repaired, small):
        contact = Contact.objects.get(title="Иван Сидоров-0").portal_id
        ContactCompany.objects.create(contact_id=contact, company_id=small[3])
        repaired("link", "different", {"company_ids": [[small[3]], []]})

    def test_an_employee(self, portal, repaired, small):
        employee = Employee.objects.get(name="Ольга Петрова")
        portal.dismiss(employee.portal_id)
        repaired("employee", "different", {"active": [True, False]})

    def test_an_employee_who_comes_no_more_is_kept(self, portal, repaired, small):
        employee = Employee.objects.get(name="Ольга Петрова")
        portal.store.user(employee.portal_id)["IS_HIDDEN"] = True
        assert repaired("employee", "surplus", {"row": ["live", "Not found"]}) == employee.portal_id
        employee.refresh_from_db()
        assert (employee.deleted_at, bool(employee.missing_since)) == (None, True)

    def test_a_department(self, portal, repaired, small):
        department = Department.objects.get(name="Продажи")
        portal.set_head(department.portal_id, None)
        repaired("department", "different", {"head_id": [department.head_id, None]})

    def test_a_status(self, repaired, small):
        status = Status.objects.filter(in_portal=True).first()
        Status.objects.filter(id=status.id).update(sort=7)
        facts = {"value": [status.value] * 2, "name and order": [[status.name, 7], [status.name, status.sort]]}
        assert repaired("status", "different", facts) == status.id

    def test_a_row_that_cannot_be_read(self, portal, repaired, small):
        portal.store.execute("UPDATE company SET ASSIGNED_BY_ID = 'nobody' WHERE ID = ?", [small[3]])
        repaired("company", "different", {"quarantine": [None, "ASSIGNED_BY_ID is no ID: 'nobody'"]})
        assert Quarantine.objects.get().portal_id == str(small[3])


def test_a_swap_that_leaves_the_counts_equal_is_found(portal, compare, small):
    portal.delete_company(small[3])
    new = portal.add_company("Новая")
    assert found(compare(repair=True)) == {"company": (1, 1, 0, 2, 0)}
    assert Company.objects.live().filter(portal_id__in=[small[3], new]).get().portal_id == new


def test_an_unseen_contact_brings_its_companies(portal, compare, small):
    contact = portal.add_contact("Пётр Иванов", companies=small[:2])
    assert compare(repair=True).drift_left == 0
    assert ContactCompany.objects.filter(contact_id=contact).count() == 2


def test_a_portal_too_old_to_list_links_loses_none(portal, compare, small):
    portal.portal.config = replace(portal.portal.config, item_list_company_ids=False)
    before = set(ContactCompany.objects.values_list("contact_id", "company_id"))
    contact = Contact.objects.get(title="Иван Сидоров-1").portal_id
    portal.update_contact(contact, LAST_NAME="Иначе")
    report = compare(repair=True)
    assert found(report) == {"contact": (0, 0, 1, 1, 0)}
    assert "links were not compared" in report.warnings[0]
    assert set(ContactCompany.objects.values_list("contact_id", "company_id")) == before


class TestNoDrift:
    """Differences that are only an impression."""

    def test_what_changes_while_it_looks(self, portal, compare, small):
        portal.portal.clock.advance(5)

        def edit():
            portal.portal.clock.advance(5)
            portal.update_company(small[3], TITLE=f"Меняется {random.random()}")

        report = compare(repair=True, between=edit)
        assert found(report) == {}
        assert Company.objects.get(portal_id=small[3]).title == "Компания 3"  # the sync brings it

    def test_rows_left_out_of_a_page(self, portal, compare, small):
        portal.fails_with("lose", times=1, method="crm.company.list", after=1)
        assert found(compare(repair=True)) == {}

    def test_a_page_that_comes_empty(self, portal, compare, small):
        portal.fails_with("empty_page", times=1, method="crm.company.list", after=1)
        assert found(compare(repair=True)) == {}
        assert Company.objects.live().count() == 30


class TestDoubt:
    """What is not proven is not repaired, and counts as drift that is left."""

    def test_rows_that_may_not_be_read(self, portal, compare, small):
        ivan = portal.add_employee("Иван Сидоров")
        portal.update_company(small[5], responsible=ivan)
        portal.fails_with("own_rows")
        report = compare(repair=True)
        assert found(report)["company"] == (0, 1, 0, 0, 1)
        assert any("refused, not missing" in warning for warning in report.warnings)
        assert Company.objects.live().count() == 30

    def test_a_token_that_is_no_administrators(self, portal, compare, small):
        portal.delete_company(small[3])
        portal.fails_with("not_admin")
        report = compare(repair=True)
        assert found(report)["company"] == (0, 1, 0, 0, 1)
        assert Company.objects.live().count() == 30

    def test_so_many_that_a_person_must_decide(self, portal, compare, small):
        for company in small[:10]:
            portal.delete_company(company)
        report = compare(repair=True)
        assert found(report)["company"] == (0, 10, 0, 0, 10)
        assert any("--allow-mass-delete" in warning for warning in report.warnings)
        assert Company.objects.live().count() == 30
        assert compare(repair=True, allow_mass_delete=True).drift_left == 0
        assert Company.objects.live().count() == 20

    def test_so_many_links_that_a_person_must_decide(self, portal, compare, small):
        contact = Contact.objects.get(title="Иван Сидоров-0").portal_id
        ContactCompany.objects.bulk_create(ContactCompany(contact_id=contact, company_id=one) for one in small)
        report = compare(repair=True)
        assert found(report) == {"link": (0, 0, 1, 0, 1)}
        assert any("--allow-mass-delete" in warning for warning in report.warnings)
        assert compare(repair=True, allow_mass_delete=True).drift_left == 0

    def test_a_kind_that_is_refused_fails_the_run_after_all_the_others(self, portal, compare, small):
        portal.add_lead("Новый")
        portal.fails_with("scope", method="crm.company.list")
        with pytest.raises(PortalError):
            compare(repair=True)
        assert Lead.objects.filter(title="Новый").exists()
        assert Company.objects.live().count() == 30
        assert SyncRun.objects.get(work=Work.RECONCILE).ok is False

    def test_a_portal_that_is_lost(self, portal, compare, small):
        portal.fails_with("revoked", after=2)
        with pytest.raises(PortalError):
            compare(repair=True)
        assert Company.objects.live().count() == 30
