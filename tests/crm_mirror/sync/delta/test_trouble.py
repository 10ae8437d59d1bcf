"""What could not be read in one round, for a fault or for its mass, is read by the next, and the others go on."""

from __future__ import annotations

import pytest

from crm_mirror.models import Company, Deal, DeltaCursor, SyncCursor
from crm_mirror.portal.errors import PortalError
from tests.crm_mirror.sync.delta.conftest import titles
from tests.portal import PortalDriver

pytestmark = pytest.mark.django_db


class TestManyAtOnce:
    def change_all(self, portal: PortalDriver, title: str) -> None:
        moment = int(portal.now.timestamp())
        with portal.store.writing():
            portal.store.execute("UPDATE company SET TITLE = ?, DATE_MODIFY = ?", (title, moment))

    @pytest.fixture
    def many(self, portal, delta) -> int:
        with portal.store.writing():
            portal.store.executemany(
                "INSERT INTO company (TITLE, ASSIGNED_BY_ID, DATE_MODIFY, DATE_CREATE) VALUES (?, ?, ?, ?)",
                [("Компания", 1, 1, 1)] * 3000,
            )
        delta()
        return 3000

    def test_a_mass_change_is_worked_off_and_fresh_changes_go_first(self, portal, delta, many):
        self.change_all(portal, "Импорт")
        report = delta()
        assert report.entities["company"].seen >= 1000
        left = Company.objects.filter(title="Компания").count()
        for _ in range(5):
            newest = portal.add_company("Свежая")
            delta()
            assert Company.objects.filter(portal_id=newest).exists()
        assert Company.objects.filter(title="Компания").count() == 0 <= left

    def test_a_backlog_makes_the_mirror_as_old_as_it_is(self, portal, delta, many):
        portal.fails_with("revoked", after=2)
        before = SyncCursor.objects.get(kind="company").true_at
        self.change_all(portal, "Импорт")
        with pytest.raises(PortalError):
            delta()
        cursor = DeltaCursor.objects.get(kind="company")
        assert cursor.backlog_since
        assert SyncCursor.objects.get(kind="company").true_at == before
        portal.heal()
        delta()
        assert Company.objects.filter(title="Компания").count() == 0
        assert SyncCursor.objects.get(kind="company").true_at > before


class TestTrouble:
    def test_a_kind_that_is_refused_stays_where_it_is_and_the_others_go_on(self, portal, delta):
        company, deal = portal.add_company("Ромашка"), portal.add_deal("Поставка")
        delta()
        since = DeltaCursor.objects.get(kind="deal").since
        portal.update_company(company, TITLE="Лютик")
        portal.update_deal(deal, TITLE="Возврат")
        portal.fails_with("error", method="crm.deal.list")
        with pytest.raises(PortalError, match=r"crm\.deal\.list"):
            delta()
        assert titles() == ["Лютик"]
        assert DeltaCursor.objects.get(kind="deal").since == since
        portal.heal()
        delta()
        assert Deal.objects.get().title == "Возврат"

    def test_a_method_whose_budget_is_spent_waits_and_is_no_error(self, portal, delta):
        company = portal.add_company("Ромашка")
        delta()
        portal.update_company(company, TITLE="Лютик")
        portal.fails_with("429", times=1, method="crm.lead.list")
        delta()
        assert titles() == ["Лютик"]

    def test_a_lost_answer_repeats_the_round(self, portal, delta):
        company = portal.add_company("Ромашка")
        delta()
        portal.update_company(company, TITLE="Лютик")
        portal.fails_with("half", times=2)
        delta()
        assert titles() == ["Лютик"]

    def test_a_malformed_row_goes_to_quarantine_and_is_read_when_it_is_mended(self, portal, delta):
        good, bad = portal.add_company("Ромашка"), portal.add_company("Лютик")
        delta()
        moment = int(portal.now.timestamp())
        with portal.store.writing():
            portal.store.execute(
                "UPDATE company SET ASSIGNED_BY_ID = 'кто-то', DATE_MODIFY = ? WHERE ID = ?", (moment, bad)
            )
        portal.update_company(good, TITLE="Василёк")
        report = delta()
        assert report.entities["company"].quarantined == 1
        assert "Василёк" in titles()
        portal.update_company(bad, responsible=1)
        assert delta().entities["company"].quarantined == 0

    def test_a_kind_that_was_never_read_does_not_hold_up_the_others(self, portal, delta):
        company = portal.add_company("Ромашка")
        delta()
        SyncCursor.objects.filter(kind="department").delete()
        portal.fails_with("scope", method="department.get")
        portal.update_company(company, TITLE="Лютик")
        with pytest.raises(PortalError):
            delta()
        assert titles() == ["Лютик"]

    def test_a_first_request_that_takes_too_long_is_repeated_smaller_and_moves_the_cursor(self, portal, delta):
        company = portal.add_company("Ромашка")
        delta()
        since = DeltaCursor.objects.get(kind="company").since
        portal.update_company(company, TITLE="Лютик")
        portal.fails_with("504", times=3)
        delta()
        assert titles() == ["Лютик"]
        assert DeltaCursor.objects.get(kind="company").since > since
