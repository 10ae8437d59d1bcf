"""From an edit in the portal to a row of the mirror, over HTTP both ways."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from crm_mirror.models import Company, ContactCompany, EndedCall, InboxEvent, Lead
from crm_mirror.sync import events
from crm_mirror.sync.work import Work, at_work

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
KINDS = ("COMPANY", "CONTACT", "LEAD", "DEAL")
EVENTS = [f"ONCRM{kind}{what}" for kind in KINDS for what in ("ADD", "UPDATE", "DELETE")]


@pytest.fixture
def portal(portal, live_server, settings):
    """A portal where a person has made an outgoing webhook to us, and copied its token."""
    cache.clear()
    settings.BITRIX_APPLICATION_TOKEN = portal.portal.events.outgoing_webhook(
        f"{live_server.url}/bitrix/events/", [*EVENTS, "ONUSERADD", "ONVOXIMPLANTCALLEND"]
    )
    return portal


@pytest.fixture
def delivered(portal):
    """Everything told so far has been received, and worked off."""

    def wait():
        portal.portal.events.settle()
        assert {one.status for one in portal.portal.events.delivered} == {200}
        with at_work(Work.INBOX) as bench:
            return events.drain(bench)

    return wait


def test_a_day_of_a_company(portal, sync, delivered):
    sync()
    olga = portal.add_employee("Ольга Петрова")
    company = portal.add_company("Ромашка", phone="8 (916) 123-45-67", responsible=olga)
    contact = portal.add_contact("Иван Сидоров", companies=[company])
    assert delivered() == 3
    assert Company.objects.get().responsible.name == "Ольга Петрова"
    assert ContactCompany.objects.get().contact_id == contact

    other = portal.add_company("Ромашка ООО", phone="8 (495) 765-43-21")
    portal.update_company(company, TITLE="Ромашка и Ко")
    delivered()
    portal.merge("company", company, other)
    delivered()
    gone = Company.objects.get(portal_id=other)
    assert (gone.merged_into_id, Company.objects.live().get().title) == (company, "Ромашка и Ко")

    portal.delete_company(company)
    delivered()
    assert not Company.objects.live().exists()
    portal.restore_company(company)
    delivered()
    assert Company.objects.live().get().portal_id == company
    assert not InboxEvent.objects.exclude(state=InboxEvent.State.DONE).exists()


def test_a_converted_lead(portal, sync, delivered):
    sync()
    lead = portal.add_lead("Звонок", phone="8 (916) 123-45-67")
    company = portal.convert_lead(lead)
    delivered()
    assert (Lead.objects.get().status_id, Company.objects.get().lead_id) == ("CONVERTED", lead)
    assert Company.objects.get().portal_id == company


def test_the_end_of_a_call(portal, delivered):
    portal.portal.events.emit("ONVOXIMPLANTCALLEND", {"CALL_ID": "1.2", "CALL_FAILED_CODE": "200"}, 1)
    delivered()
    assert EndedCall.objects.get().answered


def test_a_portal_with_another_token_is_nobody(portal, settings):
    settings.BITRIX_APPLICATION_TOKEN = "another"
    portal.add_company("Ромашка")
    portal.portal.events.settle()
    assert [one.status for one in portal.portal.events.delivered] == [403]
    assert not InboxEvent.objects.exists()
