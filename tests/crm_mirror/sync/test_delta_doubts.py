"""What a delta round does not take for the whole truth: nothing that changed is ticked off before it was read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm_mirror.allowance import resume
from crm_mirror.models import Company, ContactCompany, DeltaCursor, SyncCursor
from crm_mirror.portal.errors import PortalError
from crm_mirror.portal.paging import PAGE
from crm_mirror.sync.lanes import MOST_FRESH

pytestmark = pytest.mark.django_db
COUNT = 180
HOUR = 3600


@pytest.fixture
def delta(portal, sync):
    def run(**how):
        resume()
        return sync(full=False, **how)

    return run


@pytest.fixture
def companies(portal, sync):
    companies = [portal.add_company(f"Компания {number}") for number in range(COUNT)]
    sync()
    portal.portal.clock.advance(HOUR)
    return companies


@pytest.fixture
def renamed_ones(portal, companies):
    rename_all(portal)


def rename_all(portal) -> None:
    moment = int(portal.now.timestamp())
    with portal.store.writing():
        portal.store.execute("UPDATE company SET TITLE = 'Новое имя', DATE_MODIFY = ?", (moment,))


def renamed() -> int:
    return Company.objects.filter(title="Новое имя").count()


def true_at(kind="company"):
    return SyncCursor.objects.get(kind=kind).true_at


@pytest.mark.parametrize("fault", ["lose", "empty_page"])
@pytest.mark.parametrize("after", [0, 1])  # pages
def test_rows_that_do_not_come_are_asked_for_again_by_the_next_round(portal, delta, renamed_ones, fault, after):
    before = true_at()
    portal.fails_with(fault, times=1, after=after, method="crm.company.list")
    report = delta()
    assert renamed() < COUNT
    assert any("announced" in warning for warning in report.warnings)
    assert true_at() == before
    portal.portal.clock.advance(HOUR)
    delta()
    assert renamed() == COUNT
    assert true_at() > before


def test_rows_of_a_backlog_that_do_not_come_are_asked_for_again(portal, sync, delta):
    with portal.store.writing():
        portal.store.executemany(
            "INSERT INTO company (TITLE, ASSIGNED_BY_ID, DATE_MODIFY, DATE_CREATE) VALUES (?, ?, ?, ?)",
            [("Компания", 1, 1, 1)] * (MOST_FRESH * PAGE + 300),
        )
    sync()
    portal.portal.clock.advance(HOUR)
    rename_all(portal)
    portal.fails_with("lose", times=1, after=MOST_FRESH + 5, method="crm.company.list")
    delta()
    portal.portal.clock.advance(HOUR)
    delta()
    portal.portal.clock.advance(HOUR)
    delta()
    assert not Company.objects.exclude(title="Новое имя").exists()
    assert DeltaCursor.objects.get(kind="company").backlog_since is None


def test_changes_that_a_weaker_token_cannot_see_are_read_when_rights_are_back(portal, delta, companies):
    ivan = portal.add_employee("Иван Сидоров")
    portal.update_company(companies[3], responsible=ivan, TITLE="Новое имя")
    before = true_at()
    portal.fails_with("not_admin")
    portal.fails_with("own_rows")
    for _ in range(2):
        delta()
        portal.portal.clock.advance(HOUR)
    assert (renamed(), true_at()) == (0, before)
    portal.heal()
    delta()
    assert renamed() == 1
    assert true_at() > before


def test_a_mirror_that_never_had_more_rights_goes_on_with_those_it_has(portal, sync, delta):
    portal.fails_with("not_admin")
    company = portal.add_company("Ромашка")
    sync()
    before = true_at()
    portal.update_company(company, TITLE="Новое имя")
    delta()
    assert renamed() == 1
    assert true_at() > before


@pytest.mark.parametrize("kind", ["contact", "company"])
def test_links_that_the_portal_does_not_tell_are_asked_for_by_the_next_round(portal, sync, delta, kind):
    company, contact = portal.add_company("Ромашка"), portal.add_contact("Анна Белова")
    sync()
    portal.portal.config.item_list_company_ids = False  # no other way to come by a link
    portal.portal.clock.advance(HOUR)
    portal.link(contact, company)
    portal.update(kind, contact if kind == "contact" else company, COMMENTS="!")
    before = true_at("link")
    for method in ("crm.contact.company.items.get", "crm.company.contact.items.get"):
        portal.fails_with("error", method=method)
    with pytest.raises(PortalError):
        delta()
    assert true_at("link") == before
    portal.heal()
    portal.portal.clock.advance(HOUR)
    delta()
    assert ContactCompany.objects.filter(contact_id=contact, company_id=company).exists()
    assert true_at("link") > before


@pytest.mark.parametrize("seconds", [40, 7200])
def test_a_change_right_after_the_last_round_under_a_clock_set_back_meanwhile_is_read(portal, sync, delta, seconds):
    """However little: less than has passed since that round, the portal's time still seems to go on."""
    company = portal.add_company("Ромашка")
    sync()
    portal.portal.clock.advance(HOUR)
    delta()
    portal.portal.clock.be_wrong(-seconds)
    portal.fails_with("clock", amount=-seconds)
    portal.update_company(company, TITLE="Новое имя")
    SyncCursor.objects.update(true_at=true_at() - timedelta(seconds=60))
    portal.portal.clock.advance(60)
    delta()
    assert renamed() == 1
