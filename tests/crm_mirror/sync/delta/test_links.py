"""Links between contacts and companies are as new as the rows, and none is taken away on a mere impression."""

from __future__ import annotations

import pytest

from crm_mirror.allowance import resume
from crm_mirror.models import ContactCompany
from crm_mirror.portal.errors import PortalError
from crm_mirror.sandbox import links

pytestmark = pytest.mark.django_db


class TestLinks:
    @pytest.fixture
    def three(self, portal, delta) -> tuple[int, int, int]:
        old, new = portal.add_company("Старая"), portal.add_company("Новая")
        contact = portal.add_contact("Анна Белова", companies=[old])
        delta()
        return contact, old, new

    def test_a_contact_that_moved_to_another_company(self, portal, delta, three):
        contact, _, new = three
        portal.update_contact(contact, COMPANY_IDS=[new])
        delta()
        assert list(ContactCompany.objects.values_list("company_id", flat=True)) == [new]

    def test_a_link_that_moved_without_any_trace_in_a_date(self, portal, delta, three):
        contact, old, new = three
        relation = links.link_kinds()["contact"]
        with portal.store.writing():
            links.remove_link(portal.store, relation, contact, old)
            links.add_link(portal.store, relation, contact, new)
        delta()
        assert list(ContactCompany.objects.values_list("company_id", flat=True)) == [new]

    def test_a_company_that_changed_brings_its_contacts_on_portals_without_company_ids(self, portal, delta, three):
        contact, old, new = three
        portal.portal.config.item_list_company_ids = False
        portal.unlink(contact, old)
        portal.link(contact, new)
        portal.update_company(new, TITLE="Новейшая")
        delta()
        assert list(ContactCompany.objects.values_list("company_id", flat=True)) == [new]

    def test_a_portal_that_tells_no_companies_in_lists_takes_no_link_away(self, portal, delta, three):
        portal.portal.config.item_list_company_ids = False
        delta()
        delta()
        assert ContactCompany.objects.count() == 1

    def test_contacts_that_all_lose_their_companies_at_once_are_only_suspected(self, portal, delta, settings, three):
        contact, _, _ = three
        settings.MASS_DELETE_ROWS = 0
        portal.update_contact(contact, COMPANY_IDS=[])
        delta()
        assert ContactCompany.objects.get().missing_since

    def test_links_that_a_broken_round_left_unread_are_read_by_the_next(self, portal, delta, three):
        contact, _, new = three
        portal.update_contact(contact, COMPANY_IDS=[new])
        portal.fails_with("revoked", after=1)
        portal.delete_company(portal.add_company("Лишняя"))
        with pytest.raises(PortalError):
            delta()
        portal.heal()
        resume()
        portal.portal.clock.advance(3600)
        delta()
        assert list(ContactCompany.objects.values_list("company_id", flat=True)) == [new]

    def test_a_token_that_is_no_administrators_removes_no_link(self, portal, delta, three):
        contact, _, _ = three
        portal.update_contact(contact, COMPANY_IDS=[])
        portal.fails_with("not_admin")
        delta()
        assert ContactCompany.objects.count() == 1
