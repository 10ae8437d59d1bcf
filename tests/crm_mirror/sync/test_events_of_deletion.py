"""An event is no proof that something is gone: it is buried when the portal says so, and not before."""

from __future__ import annotations

import pytest
from django.utils import timezone

from crm_mirror.models import Change, Company, Quarantine
from tests.crm_mirror.sync.conftest import State, numbers_of, states, try_again_now, waiting


class TestDeleted:
    @pytest.fixture
    def companies(self, portal, sync):
        companies = [portal.add_company(f"Компания {number}", phone=f"+7916{number:07}") for number in range(4)]
        sync()
        return companies

    def deleted(self):
        return sorted(Company.objects.exclude(deleted_at=None).values_list("portal_id", flat=True))

    def test_a_deleted_one_is_asked_for_and_buried(self, portal, drain, told, companies):
        portal.delete_company(companies[1])
        told("ONCRMCOMPANYDELETE", companies[1])
        report = drain()
        assert self.deleted() == [companies[1]]
        assert report.entities["company"].deleted == 1
        assert Change.objects.get().what == "deleted"
        assert states() == [State.DONE]

    def test_its_update_event_will_do(self, portal, drain, told, companies):
        portal.delete_company(companies[1])
        told("ONCRMCOMPANYUPDATE", companies[1])
        drain()
        assert self.deleted() == [companies[1]]

    def test_double_delete_events_bury_once(self, portal, drain, told, companies):
        portal.delete_company(companies[1])
        for _ in range(2):
            told("ONCRMCOMPANYDELETE", companies[1])
            drain()
        assert Change.objects.filter(what="deleted").count() == 1

    def test_a_restored_one_is_revived(self, portal, drain, told, companies):
        portal.delete_company(companies[1])
        told("ONCRMCOMPANYDELETE", companies[1])
        drain()
        portal.restore_company(companies[1])
        told("ONCRMCOMPANYADD", companies[1])
        drain()
        assert self.deleted() == []
        assert numbers_of(companies[1]) == ["+79160000001"]
        assert list(Change.objects.order_by("id").values_list("what", flat=True)) == ["deleted", "revived"]

    def test_one_in_quarantine_leaves_it(self, portal, drain, told, companies):
        Quarantine.objects.create(kind="company", portal_id="4711", reason="…", row={}, seen_at=timezone.now())
        told("ONCRMCOMPANYDELETE", 4711)
        drain()
        assert not Quarantine.objects.exists()

    def test_one_that_a_list_loses_is_kept(self, portal, drain, told, companies):
        portal.fails_with("empty_page", method="crm.company.list")
        told("ONCRMCOMPANYDELETE", companies[1])
        drain()
        assert self.deleted() == []
        assert states() == [State.DONE]

    @pytest.mark.parametrize(
        ("fault", "words"), [("not_admin", "no administrator"), ("own_rows", "Access denied")], ids=str
    )
    def test_without_proof_its_event_waits_and_one_line_says_why(self, portal, drain, told, companies, fault, words):
        ivan = portal.add_employee("Иван Сидоров")
        for company in companies:
            portal.update_company(company, responsible=ivan)
        portal.delete_company(companies[1])
        portal.fails_with(fault)
        for company in companies[1:3]:
            told("ONCRMCOMPANYDELETE", company)
        report = drain()
        assert Company.objects.get(portal_id=companies[2]).deleted_at is None
        kept = waiting().order_by("entity_id").last()
        assert (kept.attempts, kept.next_attempt_at > timezone.now()) == (1, True)
        assert [words in warning for warning in report.warnings if warning.startswith("inbox")] == [True]
        portal.heal()
        try_again_now()
        drain()
        assert self.deleted() == [companies[1]]
        assert states() == [State.DONE] * 2

    def test_one_that_cannot_be_proven_does_not_hold_up_another(self, portal, drain, told, companies):
        portal.delete_company(companies[0])
        portal.delete_company(companies[1])
        portal.fails_with("error", times=1, method="crm.company.get")
        told("ONCRMCOMPANYDELETE", companies[0])
        told("ONCRMCOMPANYDELETE", companies[1])
        drain()
        assert self.deleted() == [companies[1]]
        assert waiting().get().entity_id == str(companies[0])

    def test_a_row_that_a_later_request_brought_is_not_buried(self, portal, drain, told, companies):
        Company.objects.update(read_ticket=10_000_000)
        portal.delete_company(companies[1])
        told("ONCRMCOMPANYDELETE", companies[1])
        drain()
        assert self.deleted() == []
