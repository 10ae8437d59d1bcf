"""No event is lost by a portal that refuses, fails or goes away: it waits, is tried again, and may be replayed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from crm_mirror import inbox
from crm_mirror.models import Change, Company, InboxEvent, Lead
from crm_mirror.portal.errors import PortalError
from tests.crm_mirror.sync.conftest import State, states, try_again_now, waiting


class TestFaults:
    @pytest.fixture
    def company(self, portal, sync):
        company = portal.add_company("Ромашка")
        sync()
        portal.update_company(company, TITLE="Лютик")
        return company

    @pytest.mark.parametrize("fault", ["revoked", "plan_ended", "deleted", "overload"])
    def test_a_lost_portal_leaves_everything_waiting(self, portal, drain, told, company, fault):
        told("ONCRMCOMPANYUPDATE", company)
        portal.fails_with(fault)
        with pytest.raises(PortalError):
            drain()
        assert (waiting().get().attempts, Company.objects.get().title) == (0, "Ромашка")

    def test_a_kind_that_is_refused_waits_and_the_others_go_on(self, portal, drain, told, company):
        lead = portal.add_lead("Звонок")
        told("ONCRMCOMPANYUPDATE", company)
        told("ONCRMLEADADD", lead)
        portal.fails_with("scope", method="crm.company.list")
        report = drain()
        assert (Lead.objects.count(), waiting().get().entity_id) == (1, str(company))
        assert "insufficient_scope" in waiting().get().note
        assert len(report.warnings) == 1
        portal.heal()
        try_again_now()
        drain()
        assert Company.objects.get().title == "Лютик"

    def test_a_method_whose_budget_is_spent_is_left_alone(self, portal, drain, told, company):
        lead = portal.add_lead("Звонок")
        told("ONCRMCOMPANYUPDATE", company)
        told("ONCRMLEADADD", lead)
        portal.fails_with("429", times=1, method="crm.company.list")
        drain()
        try_again_now()
        portal.log.clear()
        drain()
        assert not list(portal.log)
        assert waiting().get().attempts == 2

    def test_after_about_a_day_it_is_given_up_and_may_be_replayed(self, portal, drain, told, company):
        told("ONCRMCOMPANYUPDATE", company)
        portal.fails_with("error", method="crm.company.list")
        spent = timedelta()
        while waiting().exists():
            drain()
            spent += InboxEvent.objects.get().next_attempt_at - timezone.now()
            try_again_now()
        assert timedelta(hours=20) < spent < timedelta(hours=28)
        assert states() == [State.FAILED]
        portal.heal()
        assert inbox.replay(InboxEvent.objects.filter(state=State.FAILED), at=timezone.now()) == 1
        drain()
        assert (states(), Company.objects.get().title) == ([State.DONE], "Лютик")

    def test_a_crash_after_the_question_repeats_harmlessly(self, portal, drain, told, company):
        gone = portal.add_company("Уходит")
        told("ONCRMCOMPANYADD", gone)
        drain()
        portal.delete_company(gone)
        told("ONCRMCOMPANYUPDATE", company)
        told("ONCRMCOMPANYDELETE", gone)
        portal.fails_with("revoked", after=1)  # the portal is lost between the list and the questions one by one
        with pytest.raises(PortalError):
            drain()
        assert waiting().count() == 2
        portal.heal()
        drain()
        assert waiting().count() == 0
        assert Company.objects.get(portal_id=gone).deleted_at
        assert Change.objects.filter(portal_id=str(gone), what="deleted").count() == 1
