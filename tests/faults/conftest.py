"""What every fault befalls: a mirrored portal on which people go on working, and the rounds that follow them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from crm_mirror import rounds
from crm_mirror.sync.reconcile import Reconciled, reconcile
from crm_mirror.sync.report import SyncReport
from crm_mirror.sync.work import Work, at_work
from tests.drill.compare import Difference, differences
from tests.portal import Employee, PortalDriver

COMPANIES = 60


@dataclass
class Town:
    """A portal with clients. `work_a_day()`: something of everything happens to some of them."""

    portal: PortalDriver
    olga: Employee = field(init=False)
    companies: list[int] = field(init=False)
    contacts: list[int] = field(init=False)
    leads: list[int] = field(init=False)
    days: int = 0

    def __post_init__(self) -> None:
        portal = self.portal
        self.olga = portal.add_employee("Ольга Смирнова")
        add = portal.add_company
        self.companies = [add(f"Клиент {n}", phone=f"+7 916 {n:07d}", status="В работе") for n in range(COMPANIES)]
        self.contacts = [
            portal.add_contact(f"Пётр {n}", phone=f"+7 903 {n:07d}", companies=[self.companies[n]]) for n in range(10)
        ]
        self.leads = [portal.add_lead(f"Заявка {n}", phone=f"+7 905 {n:07d}") for n in range(10)]
        portal.add_deal("Поставка", company=self.companies[0], contacts=self.contacts[:1])

    def work_a_day(self) -> None:
        """Edits, a new client, another responsible, phones, a conversion, a link, a merge, deletes, a restore."""
        portal, self.days = self.portal, self.days + 1
        day = self.days
        portal.portal.clock.advance(60)
        portal.update_company(self.companies[0], TITLE=f"Переименован {day}", status="В обработке")
        portal.update_company(self.companies[1], responsible=self.olga)
        self.companies.append(portal.add_company(f"Новый {day}", phone=f"+7 925 {day:07d}", responsible=self.olga))
        portal.add_phone("company", self.companies[2], f"8 926 {day:07d}")
        portal.change_phone("contact", self.contacts[1], *self._phone_of(1))
        portal.update_contact(self.contacts[2], COMPANY_IDS=[self.companies[3], self.companies[4]])
        portal.convert_lead(self.leads.pop())
        portal.merge("company", self.companies[5], self.companies.pop())
        portal.delete_company(gone := self.companies.pop())
        portal.delete_company(self.companies.pop())
        portal.delete_lead(self.leads.pop())
        portal.restore("company", gone)

    def _phone_of(self, place: int) -> tuple[str, str]:
        old = self.portal.get("contact", self.contacts[place])["PHONE"][0]["VALUE"]
        return old, f"+7 904 {self.days:07d}"

    def unlike_the_mirror(self) -> list[Difference]:
        return differences(self.portal.portal)


@pytest.fixture
def town(portal: PortalDriver, db: None) -> Town:
    """Mirrored by a full pass."""
    town = Town(portal)
    rounds.whole_round()
    assert town.unlike_the_mirror() == []
    return town


@pytest.fixture
def round_(town: Town) -> Callable[[], SyncReport]:
    """What `manage.py sync` does."""
    return rounds.whole_round


@pytest.fixture
def reconciled(town: Town) -> Callable[[], Reconciled]:
    """What `manage.py reconcile --repair` does."""

    def run() -> Reconciled:
        with at_work(Work.RECONCILE) as bench:
            return reconcile(bench, repair=True)

    return run
