"""Contact ↔ company on portals old and new: the same links, at a different price."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crm_mirror.models import ContactCompany
from crm_mirror.portal.errors import CallRefused, MethodMissing
from crm_mirror.portal.paging import Harvest
from crm_mirror.sandbox.server import running
from crm_mirror.sync.full import lacks_companies
from tests.portal import PortalDriver


@pytest.fixture(params=[True, False], ids=["companyIds", "one by one"])
def portal(request, settings) -> Iterator[PortalDriver]:
    with running("empty", limits_on=False, item_list_company_ids=request.param) as server:
        settings.BITRIX_WEBHOOK_URL = server.webhook
        settings.BITRIX_RATE_PER_SECOND = 0.0
        yield PortalDriver(server)


def links():
    return sorted(ContactCompany.objects.values_list("contact_id", "company_id"))


@pytest.fixture
def world(portal):
    companies = [portal.add_company(f"Компания {number}") for number in range(5)]
    contacts = [
        portal.add_contact(f"Контакт {number}", companies=companies[number % 4 : number % 4 + 2])
        for number in range(70)
    ]
    expected = [(contact, company) for n, contact in enumerate(contacts) for company in companies[n % 4 : n % 4 + 2]]
    return companies, contacts, sorted(expected)


def test_all_links_of_all_contacts_are_mirrored(sync, world):
    report = sync()
    assert links() == world[2]
    assert report.counts("link").seen == len(world[2])
    assert not any("link" in warning for warning in report.warnings)


def test_a_second_pass_writes_nothing(sync, world):
    sync()
    counts = sync().counts("link")
    assert (counts.seen, counts.created, counts.updated, counts.deleted) == (len(world[2]), 0, 0, 0)


def test_links_that_come_and_go_are_followed(portal, sync, world):
    companies, contacts, expected = world
    sync()
    portal.unlink(*expected[0])
    portal.link(contacts[0], companies[4])
    report = sync()
    assert links() == sorted({*expected[1:], (contacts[0], companies[4])})
    assert (report.counts("link").created, report.counts("link").deleted) == (1, 1)


def test_a_contact_belongs_to_its_main_company_before_links_are_read(portal, sync):
    company = portal.add_company("Ромашка")
    contact = portal.add_contact("Ольга Петрова", companies=[company])
    sync(only=["contact"])
    assert links() == [(contact, company)]


def test_a_portal_without_contacts_has_no_links(portal, sync):
    portal.add_company("Ромашка")
    assert sync().counts("link").seen == 0


def test_single_questions_that_fail_in_passing_are_asked_again(portal, sync, world):
    portal.fails_with("error", times=5, method="crm.contact.company.items.get")
    sync()
    assert links() == world[2]


@pytest.mark.parametrize(("error", "expected"), [(MethodMissing("no"), True), (CallRefused("busy"), False)])
def test_only_a_portal_without_the_method_is_asked_one_by_one(error, expected):
    assert lacks_companies(Harvest(0, 0, [], error=error)) is expected
