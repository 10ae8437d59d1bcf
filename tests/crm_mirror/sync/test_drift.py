"""Counts that differ lead to the rows that differ, at a few requests, and to nothing wrong."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from crm_mirror.models import Change, Company, Contact, ContactCompany, PhoneNumber, Quarantine
from crm_mirror.portal.batch import run_batch
from crm_mirror.portal.paging import head_of
from crm_mirror.sandbox import entities
from crm_mirror.sandbox.kinds import kinds as portal_kinds
from crm_mirror.sync.drift import mirror_count, settle
from crm_mirror.sync.kinds import kinds
from crm_mirror.sync.look import Source
from crm_mirror.sync.work import Work, at_work

COUNT = 3000


@pytest.fixture
def add_companies(portal):
    """Rows put into the portal's tables as they are: quicker than its methods."""

    def add(ids):
        with portal.store.writing():
            for one in ids:
                row = {"ID": one, "TITLE": f"Компания {one}", "ASSIGNED_BY_ID": 1, "IS_MY_COMPANY": "N"}
                row |= {"DATE_CREATE": 1_700_000_000, "DATE_MODIFY": 1_700_000_000}
                entities.insert(portal.store, portal_kinds()["company"], row)
        return list(ids)

    return add


@pytest.fixture
def companies(portal, sync, add_companies):
    """Sparse IDs, far above the number of rows."""
    ids = add_companies(sorted(random.Random(5).sample(range(1, 50_000_000), COUNT)))
    sync(only=["company"])
    portal.log.clear()
    return ids


@pytest.fixture
def settled(portal, db):
    """settle() with the head of the moment, `between` before each look; returns (rows left, requests, warnings)"""

    def run(name="company", *, most_requests=10, allow_mass_delete=False, head=None, between=lambda: None):
        kind = kinds("UF_CRM_CALLGUARD_STATUS")[name]
        with at_work(Work.DELTA) as bench:
            head = head or head_of(kind.listing, run_batch(bench.client, {"head": kind.listing.head()})["head"])
            before = bench.client.requests
            options = {"most_requests": most_requests, "allow_mass_delete": allow_mass_delete}
            left = settle(replace(bench, tick=between), kind, head, source=Source.DELTA, **options)
            return left, bench.client.requests - before, bench.report.warnings

    return run


def live():
    return set(Company.objects.live().values_list("portal_id", flat=True))


def test_equal_counts_cost_nothing(settled, companies):
    assert settled() == (0, 0, [])


def test_one_deleted_row_among_thousands_is_found_by_three_requests(portal, settled, companies):
    portal.delete_company(companies[1234])
    assert settled() == (0, 3, [])
    assert Company.objects.live().count() == COUNT - 1
    assert Company.objects.get(portal_id=companies[1234]).deleted_at
    change = Change.objects.get()
    assert (change.what, change.portal_id, change.source) == ("deleted", str(companies[1234]), "delta")


@pytest.mark.parametrize("new_id", [1, 25_000_000, 60_000_000])
def test_an_unseen_row_is_read_wherever_it_lies(settled, companies, add_companies, new_id):
    add_companies([new_id])
    left, requests, _ = settled()
    assert (left, requests <= 4) == (0, True)
    assert Company.objects.get(portal_id=new_id).title == f"Компания {new_id}"


def test_scattered_differences_both_ways(portal, settled, companies, add_companies):
    gone, new = companies[100:2900:400], [companies[-1] + step for step in (3, 7, 1_000_000, 9_000_000)]
    for one in gone:
        portal.delete_company(one)
    add_companies(new)
    assert settled()[0] == 0
    assert live() == set(companies) - set(gone) | set(new)


def test_many_unseen_rows_beyond_all_that_is_known(settled, companies, add_companies):
    new = add_companies(range(80_000_000, 80_000_000 + 17 * 400, 17))
    assert settled(most_requests=12)[0] == 0
    assert live() == set(companies) | set(new)


def test_too_few_requests_are_gone_on_with_the_next_time(portal, settled, companies, add_companies):
    gone = companies[::100]
    for one in gone:
        portal.delete_company(one)
    rounds = [settled(most_requests=5) for _ in range(12)]
    assert rounds[0][0] > 0
    assert rounds[-1][0] == 0
    assert all(requests <= 5 for _, requests, _ in rounds)
    assert live() == set(companies) - set(gone)


def test_a_restored_row_is_live_again(portal, settled, companies):
    portal.delete_company(companies[7])
    settled()
    portal.restore_company(companies[7])
    assert settled()[0] == 0
    assert live() == set(companies)


def test_a_found_contact_comes_with_its_numbers_and_all_its_companies(portal, sync, settled, add_companies):
    first, second = add_companies([5, 9])
    for number in range(60):
        portal.add_contact(f"Иван {number}")
    sync()
    contact = portal.add_contact("Ольга Петрова", phone="8 916 123-45-67", companies=[first, second])
    assert settled("contact")[0] == 0
    assert PhoneNumber.objects.get(entity_type="contact").entity_id == contact
    assert set(ContactCompany.objects.values_list("contact_id", "company_id")) == {(contact, first), (contact, second)}


def test_a_row_in_quarantine_is_no_difference_until_it_is_deleted(portal, sync, settled, companies):
    portal.store.execute("UPDATE company SET ASSIGNED_BY_ID = 'nobody' WHERE ID = ?", [companies[3]])
    Company.objects.filter(portal_id=companies[3]).delete()
    sync(only=["company"])
    assert Quarantine.objects.get().portal_id == str(companies[3])
    assert settled() == (0, 0, [])
    portal.store.execute("DELETE FROM company WHERE ID = ?", [companies[3]])
    assert settled()[0] == 0
    assert not Quarantine.objects.exists()


class TestNothingIsBuried:
    def test_by_a_head_that_is_out_of_date(self, settled, companies):
        assert settled(head=(COUNT - 1, companies[-1])) == (0, 1, [])
        assert live() == set(companies)

    def test_when_the_rows_may_not_be_read(self, portal, settled, companies):
        ivan = portal.add_employee("Иван Сидоров")
        portal.update_company(companies[5], responsible=ivan)
        portal.fails_with("own_rows")
        left, _, warnings = settled()
        assert (left, live()) == (1, set(companies))
        assert "refused, not missing" in warnings[0]

    def test_when_the_token_is_no_administrators(self, portal, settled, companies):
        portal.delete_company(companies[5])
        portal.fails_with("not_admin")
        left, _, warnings = settled()
        assert (left, live()) == (1, set(companies))
        assert "administrator no more" in warnings[0]

    def test_when_lists_come_empty(self, portal, settled, companies):
        portal.delete_company(companies[5])
        portal.fails_with("empty_page", method="crm.company.list")
        settled(head=(COUNT - 1, companies[-1]))
        assert live() == set(companies)

    def test_when_so_many_are_gone_that_a_person_must_decide(self, portal, settled, companies):
        with portal.store.writing():
            portal.store.execute("DELETE FROM company WHERE ID <= ?", [companies[199]])
        left, requests, warnings = settled()
        assert (left, requests, live()) == (200, 0, set(companies))
        assert "200 of 3000 at once" in warnings[0]
        assert "--allow-mass-delete" in warnings[0]
        assert settled(allow_mass_delete=True, most_requests=20)[0] == 0
        assert live() == set(companies[200:])

    def test_when_the_portal_fails_in_between_and_the_next_round_makes_up_for_it(self, portal, settled, companies):
        portal.delete_company(companies[5])
        portal.fails_with("error", method="crm.company.get")
        assert settled()[0] == 1
        portal.heal()
        assert settled()[0] == 0
        assert live() == set(companies) - {companies[5]}


def test_life_goes_on_while_it_looks(portal, settled, companies, add_companies):
    """Rows come and go between each two requests; none that lives is ever buried, and in the end the counts agree."""
    dice = random.Random(11)

    def edit():
        portal.delete_company(dice.choice(sorted(portal_ids(portal))))
        add_companies([dice.randrange(60_000_000, 90_000_000)])

    for _ in range(5):
        portal.delete_company(dice.choice(companies[100:200]))
        settled(most_requests=6, between=edit)
        assert live() >= portal_ids(portal) & set(companies)
    settled(most_requests=30)
    assert len(live()) == mirror_count(kinds("")["company"]) == len(portal_ids(portal))


def portal_ids(portal):
    return {one for (one,) in portal.store.rows("SELECT ID FROM company")}


def test_no_contact_is_touched_by_companies(portal, sync, settled, companies):
    contact = portal.add_contact("Ольга Петрова")
    sync(only=["contact"])
    portal.delete_company(companies[0])
    settled()
    assert Contact.objects.live().get().portal_id == contact
