"""An event of a contact or a company brings the links between them, listed by the portal or not."""

from __future__ import annotations

import pytest

from crm_mirror.models import ContactCompany
from crm_mirror.sandbox.server import running
from tests.portal import PortalDriver


@pytest.mark.parametrize("lists_companies", [True, False], ids=["companyIds", "one by one"])
class TestLinks:
    @pytest.fixture
    def portal(self, settings, lists_companies):
        with running("empty", limits_on=False, item_list_company_ids=lists_companies) as server:
            settings.BITRIX_WEBHOOK_URL = server.webhook
            settings.BITRIX_RATE_PER_SECOND = 0.0
            yield PortalDriver(server)

    @pytest.fixture
    def world(self, portal, sync):
        companies = [portal.add_company("Ромашка"), portal.add_company("Лютик")]
        contact = portal.add_contact("Ольга Петрова", companies=companies[:1])
        sync()
        return contact, *companies

    def links(self):
        return sorted(ContactCompany.objects.values_list("contact_id", "company_id"))

    def test_a_contacts_event_brings_its_links(self, portal, drain, told, world):
        contact, first, second = world
        portal.unlink(contact, first)
        portal.link(contact, second)
        told("ONCRMCONTACTUPDATE", contact)
        drain()
        assert self.links() == [(contact, second)]

    def test_a_companys_event_brings_links_that_came_and_went_at_its_end(self, portal, drain, told, world):
        contact, first, second = world
        portal.unlink(contact, first)
        portal.link(contact, second)
        told("ONCRMCOMPANYUPDATE", first)
        drain()
        assert self.links() == [(contact, second)]
        portal.link(contact, first)
        told("ONCRMCOMPANYUPDATE", first)
        drain()
        assert self.links() == [(contact, first), (contact, second)]

    def test_a_company_without_news_of_links_costs_no_second_request(self, portal, drain, told, world):
        told("ONCRMCOMPANYUPDATE", world[1])
        portal.log.clear()
        drain()
        assert len(list(portal.log)) == 1

    def test_a_contact_that_is_gone_is_not_asked_for_again_and_again(self, portal, sync, drain, told, world):
        contact, first, _ = world
        portal.delete_contact(contact)
        told("ONCRMCONTACTDELETE", contact)
        drain()
        told("ONCRMCOMPANYUPDATE", first)
        portal.log.clear()
        drain()
        assert len(list(portal.log)) == 1

    def test_without_an_administrators_token_no_link_is_removed(self, portal, drain, told, world):
        contact, first, _ = world
        portal.unlink(contact, first)
        portal.fails_with("not_admin")
        told("ONCRMCONTACTUPDATE", contact)
        drain()
        assert ContactCompany.objects.get().missing_since
