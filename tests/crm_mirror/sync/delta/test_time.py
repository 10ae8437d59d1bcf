"""A round begins where the last one looked, by the portal's clock, whatever that clock does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from crm_mirror.freshness import synced_at
from crm_mirror.models import Change, DeltaCursor, SyncCursor
from crm_mirror.sync.kinds import VERDICT_NAMES
from tests.crm_mirror.sync.delta.conftest import renamed, titles

pytestmark = pytest.mark.django_db


class TestTime:
    def test_a_change_in_the_second_of_the_last_look_is_read(self, portal, delta, sync):
        company = portal.add_company("Ромашка")
        delta()
        portal.update_company(company, TITLE="Лютик")
        sync(full=False)
        portal.update_company(company, TITLE="Василёк")  # the same second
        sync(full=False)
        assert titles() == ["Василёк"]

    @pytest.mark.parametrize("hours", [-5, 5])
    def test_the_portals_clock_may_be_another(self, portal, delta, hours):
        company = portal.add_company("Ромашка")
        portal.fails_with("clock", amount=f"{hours}h")
        delta()
        renamed(portal, company, "Лютик")
        delta()
        assert titles() == ["Лютик"]

    def test_a_portal_clock_that_was_set_back_loses_nothing(self, portal, delta):
        company = portal.add_company("Ромашка")
        portal.fails_with("clock", amount="3h")
        delta()
        delta()
        portal.heal()
        renamed(portal, company, "Лютик")
        delta()
        assert titles() == ["Лютик"]

    def test_the_first_round_goes_on_from_the_beginning_of_the_pass_by_the_portals_clock(self, portal, delta, sync):
        before = portal.now
        sync()
        after = portal.now
        since = DeltaCursor.objects.get(kind="company").since
        assert before - timedelta(seconds=1) <= since <= after

    def test_lag_is_measured_by_the_portals_clock(self, portal, delta, sync):
        portal.portal.clock.advance(7200)
        company = portal.add_company("Ромашка")
        sync()
        portal.update_company(company, TITLE="Лютик")
        portal.portal.clock.advance(40)
        sync(full=False)
        assert 39 <= Change.objects.get(kind="company").lag_s <= 50

    def test_what_was_read_is_true_as_of_the_rounds_beginning(self, portal, delta):
        delta()
        before = timezone.now()
        delta()
        assert set(SyncCursor.objects.filter(kind__in=VERDICT_NAMES).values_list("true_at", flat=True)) == {synced_at()}
        assert before <= synced_at() <= timezone.now()
