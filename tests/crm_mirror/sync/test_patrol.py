"""The patrol compares a share of everything each night, and all of it within a week."""

from __future__ import annotations

import pytest

from crm_mirror.models import Lead, Patrol
from crm_mirror.portal.errors import PortalError
from crm_mirror.sync.patrol import share_of
from crm_mirror.sync.reconcile import patrol
from crm_mirror.sync.work import Work, at_work


class TestPatrol:
    def test_a_nights_share_covers_everything_within_a_week(self):
        assert [share_of(rows) for rows in (0, 1, 50, 51, 10_000)] == [1, 1, 1, 2, 200]
        assert share_of(1_000_000) == 3334
        assert share_of(1_000_000) * 50 * 7 > 1_000_000

    def test_it_goes_on_where_it_was_and_begins_anew_at_the_end(self, portal, sync, small):
        for n in range(120):
            portal.add_lead(f"Ещё {n}")
        sync()
        Lead.objects.update(title="Иначе")
        rounds = []
        for _ in range(3):
            with at_work(Work.RECONCILE) as bench:
                rounds.append(patrol(bench, 1)["lead"])
        assert [one.compared for one in rounds] == [50, 50, 40]
        assert [one.repaired for one in rounds] == [50, 50, 40]
        assert not Lead.objects.filter(title="Иначе").exists()
        row = Patrol.objects.get(kind="lead")
        assert (row.last_id, bool(row.finished_at)) == (0, True)

    def test_without_repair_it_only_looks(self, portal, small):
        Lead.objects.update(title="Иначе")
        with at_work(Work.RECONCILE) as bench:
            assert patrol(bench, 1, repair=False)["lead"].left == 20
        assert Lead.objects.filter(title="Иначе").count() == 20

    def test_an_interrupted_one_looks_at_the_same_rows_again(self, portal, small):
        Lead.objects.update(title="Иначе")
        portal.fails_with("revoked", method="batch", after=7)
        with at_work(Work.RECONCILE) as bench, pytest.raises(PortalError):
            patrol(bench, 1)
        portal.heal()
        with at_work(Work.RECONCILE) as bench:
            patrol(bench, 1)
        assert not Lead.objects.filter(title="Иначе").exists()
