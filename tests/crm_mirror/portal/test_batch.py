"""Batches and chained pages against the sandbox."""

from __future__ import annotations

import pytest

from crm_mirror.portal.batch import Command, asked, outcome_of, pairs, run_batch
from crm_mirror.portal.errors import CallRefused, MethodMissing, NotAllowed, PortalFaulty, PortalUnreachable
from crm_mirror.portal.paging import Listing, chained, harvest, head_of

COMPANIES = Listing("crm.company.list", {"select": ["ID", "TITLE"]})
CONTACTS = Listing("crm.item.list", {"entityTypeId": 3, "select": ["id"]}, id_key="id", rows_in="items")
DEPARTMENTS = Listing("department.get", sorts_flat=True, by_offset=True)


@pytest.fixture
def company_ids(portal):
    return [portal.add_company(f"Компания {number}") for number in range(130)]


def pages(client, listing, count, *, after=0):
    outcomes = run_batch(client, chained(listing, "page", after=after, seen=0, pages=count))
    return harvest(listing, outcomes.values(), after=after)


def test_each_command_has_its_own_answer_or_error(client):
    outcomes = run_batch(
        client,
        {
            "who": Command("profile"),
            "none": Command("no.such.method"),
            "gone": Command("crm.company.get", {"id": 404}),
            "nothing": Command("crm.company.list", {"filter": {"ID": 404}}),
        },
    )
    assert outcomes["who"].result["ID"] == "1"
    assert isinstance(outcomes["none"], MethodMissing)
    assert isinstance(outcomes["gone"], CallRefused)
    assert outcomes["nothing"].result == []


def test_cyrillic_and_brackets_arrive_as_they_were_sent(portal, client):
    title = "ООО «Рога & копыта» [50%] = 1+1"
    command = Command("crm.company.add", {"fields": {"TITLE": title, "PHONE": [{"VALUE": "+7 916 1234567"}]}})
    outcomes = run_batch(client, {"add": command})
    row = portal.get("company", outcomes["add"].result)
    assert (row["TITLE"], row["PHONE"][0]["VALUE"]) == (title, "+7 916 1234567")


def test_more_than_fifty_commands_are_refused_here(client):
    with pytest.raises(ValueError, match="51"):
        run_batch(client, {f"one_{number}": Command("profile") for number in range(51)})


def test_one_commands_lost_scope_does_not_touch_the_others(portal, client):
    portal.fails_with("scope", method="user.get")
    outcomes = run_batch(client, {"people": Command("user.get"), "me": Command("profile")})
    assert isinstance(outcomes["people"], NotAllowed)
    assert outcomes["me"].result


def test_a_command_without_a_result_is_no_refusal():
    assert isinstance(outcome_of("who", "profile", {"result": {"other": 1}, "result_error": []}), PortalFaulty)


def test_a_batch_that_changes_something_is_sent_once_when_its_answer_is_lost(portal, client):
    portal.fails_with("reset", times=1)
    with pytest.raises(PortalUnreachable):
        asked(client, {"add": Command("crm.company.add", {"fields": {"TITLE": "Ромашка"}})}, repeatable=False)
    assert len(portal.log.of("crm.company.add")) == 1


def test_parameters_become_brackets():
    nested = {"filter": {">ID": 5, "@ID": [1, 2]}, "flag": True, "nothing": None}
    assert list(pairs(nested)) == [
        ("filter[%3EID]", "5"),
        ("filter[%40ID][0]", "1"),
        ("filter[%40ID][1]", "2"),
        ("flag", "1"),
        ("nothing", ""),
    ]


def test_chained_pages_bring_every_row_once(company_ids, client):
    found = pages(client, COMPANIES, 3)
    assert [int(row["ID"]) for row in found.rows] == company_ids
    assert (found.last_id, found.counted) == (company_ids[-1], 130)


def test_pages_after_the_last_one_start_over_and_are_discarded(company_ids, client):
    assert [int(row["ID"]) for row in pages(client, COMPANIES, 7).rows] == company_ids


def test_a_chain_goes_on_from_any_row(company_ids, client):
    found = pages(client, COMPANIES, 2, after=company_ids[59])
    assert [int(row["ID"]) for row in found.rows] == company_ids[60:]


def test_a_row_that_comes_twice_counts_once(portal, company_ids, client):
    portal.fails_with("duplicate", times=2)
    assert [int(row["ID"]) for row in pages(client, COMPANIES, 4).rows] == company_ids


def test_a_failed_page_ends_the_chain_with_what_came_before(portal, company_ids, client):
    portal.fails_with("error", after=1, method="crm.company.list")
    found = pages(client, COMPANIES, 3)
    assert [int(row["ID"]) for row in found.rows] == company_ids[:50]
    assert isinstance(found.error, PortalFaulty)


def test_rows_of_items_and_of_departments_are_found_too(portal, client):
    contacts = [portal.add_contact(f"Контакт {number}") for number in range(60)]
    departments = [portal.add_department(f"Отдел {number}") for number in range(60)]
    assert [row["id"] for row in pages(client, CONTACTS, 2).rows] == contacts
    assert [int(row["ID"]) for row in pages(client, DEPARTMENTS, 2).rows][-60:] == departments


@pytest.mark.parametrize(("listing", "expected"), [(COMPANIES, 130), (CONTACTS, 0)])
def test_the_head_tells_how_many_and_how_far(company_ids, client, listing, expected):
    outcome = run_batch(client, {"head": listing.head()})["head"]
    assert head_of(listing, outcome) == (expected, company_ids[-1] if expected else 0)


def test_rows_can_be_asked_for_by_their_ids(company_ids, client):
    some = company_ids[::7]
    outcome = run_batch(client, {"some": COMPANIES.rows_with([*some, 999_999])})["some"]
    assert sorted(int(row["ID"]) for row in outcome.result) == some
