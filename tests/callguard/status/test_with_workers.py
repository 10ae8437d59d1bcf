"""End to end as workers do it: the portal tells of an edit, the inbox is drained, what must be put back goes out."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.utils import timezone

from callguard import history
from callguard.access.actors import employee_actor
from callguard.models import About, CompanyStatus, Origin
from callguard.status.change import set_status
from crm_mirror import tasks
from crm_mirror.models import Company, Employee, OutboxCall
from crm_mirror.sandbox.events import Handler, payload

pytestmark = pytest.mark.django_db
TOKEN = "the-application-token-of-an-outgoing-webhook"


@pytest.fixture
def told(office, client, settings):
    """The portal posts an event, and a worker looks into the inbox: nothing else is needed."""
    cache.clear()
    settings.BITRIX_APPLICATION_TOKEN = TOKEN

    def post(company, event="ONCRMCOMPANYUPDATE"):
        portal = office.portal.portal
        handler = Handler(1, event, "https://callguard.example/bitrix/events/", token=TOKEN)
        form = payload(portal, handler, {"FIELDS": {"ID": company}}, None)
        answer = client.post("/bitrix/events/", urlencode(form), "application/x-www-form-urlencoded")
        assert answer.status_code == 200
        tasks.drain_inbox()

    return post


def lines(company):
    """Origin and ground of the company's history, oldest first."""
    return [(line.origin, line.ground) for line in history.of(About.STATUS, company).order_by("id")]


def notified(office):
    return [one["user_id"] for one in office.portal.portal.memory.get("notifications", [])]


def in_the_portal(office, status, by):
    office.portal.update_company(office.romashka, status=status, by=by)


def here(office, status, by):
    company = Company.objects.get(portal_id=office.romashka)
    set_status(company, office.value(status), by=employee_actor(by.id), origin=Origin.API, at=timezone.now())


def test_what_an_employee_sets_is_back_at_once_noted_and_told_to_the_manager(office, told):
    in_the_portal(office, "В работе", office.ivan)
    told(office.romashka)
    assert office.shown == office.value("В ожидании")
    assert lines(office.romashka) == [(Origin.PORTAL, "not_allowed"), (Origin.GUARD, "not_allowed")]
    assert notified(office) == [office.marina.id]
    assert Company.objects.get().status_id == office.value("В ожидании")


@pytest.mark.parametrize(("who", "ground"), [("marina", "manager"), ("anna", "administrator")])
def test_what_the_manager_or_an_administrator_sets_stays(office, told, who, ground):
    in_the_portal(office, "В работе", getattr(office, who))
    told(office.romashka)
    assert office.shown == office.value("В работе")
    assert lines(office.romashka) == [(Origin.PORTAL, ground)]
    assert notified(office) == []


def test_who_might_be_an_administrator_is_flagged(office, told):
    Employee.objects.filter(portal_id=office.ivan.id).update(is_portal_admin=None)
    in_the_portal(office, "В работе", office.ivan)
    told(office.romashka)
    assert office.shown == office.value("В работе")
    assert CompanyStatus.objects.get().flagged_at is not None
    assert notified(office) == [office.marina.id]


def test_who_became_head_a_moment_ago_is_known_before_he_is_judged(office, told):
    """The portal tells nobody of its departments, and the minutely look has not come round."""
    office.portal.set_head(office.sales, office.ivan)
    in_the_portal(office, "В работе", office.ivan)
    told(office.romashka)
    assert office.shown == office.value("В работе")
    assert lines(office.romashka) == [(Origin.PORTAL, "manager")]


def test_a_head_dismissed_at_the_same_moment_is_not_put_back(office, told):
    in_the_portal(office, "В работе", office.marina)
    office.portal.dismiss(office.marina)
    told(office.romashka)
    assert office.shown == office.value("В работе")
    assert lines(office.romashka) == [(Origin.PORTAL, "manager")]


def test_whom_the_portal_moved_to_another_head_answers_to_either(office, told):
    others = office.portal.add_department("Новый отдел", head=office.boris)
    office.portal.move_employee(office.olga, others)
    in_the_portal(office, "В работе", office.boris)
    told(office.romashka)
    assert office.shown == office.value("В работе")


def test_our_write_meets_the_edit_of_who_may_not(office, told):
    """Ivan sets a status while the manager's is on its way: hers stands, and nobody writes in circles."""
    here(office, "В обработке", office.marina)
    in_the_portal(office, "В работе", office.ivan)
    told(office.romashka)
    tasks.sync_portal()
    tasks.deliver_outbox()
    assert office.shown == office.value("В обработке")
    standing = CompanyStatus.objects.get()
    assert (standing.accepted, standing.flagged_at, standing.sent) == (office.value("В обработке"), None, None)
    assert OutboxCall.objects.filter(purpose="status").count() == 2  # hers, and his put back


def test_our_write_meets_the_edit_of_who_may(office, told):
    """Whichever the portal shows in the end is what counts; both are in the history."""
    here(office, "В обработке", office.marina)
    in_the_portal(office, "В работе", office.anna)
    told(office.romashka)
    tasks.sync_portal()
    tasks.deliver_outbox()
    assert CompanyStatus.objects.get().accepted == office.shown
    assert lines(office.romashka)[:2] == [(Origin.API, ""), (Origin.PORTAL, "administrator")]


def test_a_new_company_has_its_first_status_at_once(office, told):
    company = office.portal.add_company("Новая", responsible=office.olga, by=office.ivan)
    told(company, event="ONCRMCOMPANYADD")
    assert office.portal.status_of(company) == office.value("В ожидании")
    assert lines(company) == [(Origin.NEWCOMERS, "")]
