"""The portal's queue of offline events: stored before it is cleared, whoever dies in between."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import pytest

from crm_mirror.models import Company, InboxEvent
from crm_mirror.portal.client import Client
from crm_mirror.portal.errors import PortalError
from crm_mirror.portal.limits import Allowance, InMemory, Rate
from crm_mirror.portal.transport import Webhook
from crm_mirror.sandbox.access import App
from crm_mirror.sandbox.server import running
from crm_mirror.sync.events import drain
from crm_mirror.sync.offline import fetch_offline
from crm_mirror.sync.work import Work, at_work
from tests.portal import PortalDriver

pytestmark = pytest.mark.django_db
CLIENT_ID, ADMIN = "local.test.1", 1
EVENTS = ("ONCRMCOMPANYADD", "ONCRMCOMPANYUPDATE", "ONCRMCOMPANYDELETE")
State = InboxEvent.State


@dataclass
class Application(Webhook):
    """An application's way in, its token beside the method."""

    token_text: str = field(default="", repr=False)

    def address(self, method: str) -> str:
        return f"{self.origin}/rest/{method}?auth={self.token_text}"


@pytest.fixture
def portal(settings):
    with running("empty", limits_on=False, apps={CLIENT_ID: App(secret="secret")}) as server:
        settings.BITRIX_WEBHOOK_URL, settings.BITRIX_APP_ID = "", CLIENT_ID
        for event in EVENTS:
            server.portal.events.bind(event, "", app_id=CLIENT_ID, offline=True)
        yield PortalDriver(server)


@pytest.fixture
def work(portal):
    """work(fetch_offline): such work at a bench of the application's; `by` whose token."""

    def run(step, by=ADMIN):
        token = portal.portal.issue_tokens(CLIENT_ID, by)["access_token"]
        allowance = Allowance(InMemory(), Rate(0.0), clock=time.time, sleep=time.sleep)
        client = Client(Application(portal.url, "/rest/", token), allowance)
        with at_work(Work.INBOX, client=client) as bench:
            return step(bench), bench.report

    return run


def left(portal):
    return portal.portal.events.offline.waiting(CLIENT_ID, "")


def stored():
    return sorted(InboxEvent.objects.values_list("event", "entity_id", "is_offline"))


def test_what_waited_is_stored_and_cleared(portal, work):
    company = portal.add_company("Ромашка")
    portal.update_company(company, TITLE="Лютик")
    assert work(fetch_offline)[0] == 2
    assert stored() == [("ONCRMCOMPANYADD", str(company), True), ("ONCRMCOMPANYUPDATE", str(company), True)]
    assert InboxEvent.objects.first().user_id == ADMIN
    assert left(portal) == []


def test_the_queue_is_emptied_however_long_it_is(portal, work):
    for number in range(1100):
        portal.portal.emit("ONCRMCOMPANYUPDATE", {"ID": number + 1}, ADMIN)
    portal.log.clear()
    assert work(fetch_offline)[0] == 1100
    assert left(portal) == []
    assert len(list(portal.log)) == 4


def test_an_empty_queue_costs_one_request(portal, work):
    portal.log.clear()
    assert work(fetch_offline)[0] == 0
    assert len(list(portal.log)) == 1


def test_a_second_edit_of_the_same_entity_is_another_event(portal, work):
    company = portal.add_company("Ромашка")
    for title in ("Лютик", "Василёк"):
        portal.update_company(company, TITLE=title)
        work(fetch_offline)
    assert InboxEvent.objects.filter(event="ONCRMCOMPANYUPDATE").count() == 2


@pytest.mark.parametrize("requests", [0, 1, 2])
def test_whoever_dies_in_between_nothing_is_lost_and_nothing_stored_twice(portal, work, requests):
    for number in range(700):
        portal.portal.emit("ONCRMCOMPANYUPDATE", {"ID": number + 1}, ADMIN)
    portal.fails_with("revoked", after=requests)
    with pytest.raises(PortalError):
        work(fetch_offline)
    portal.heal()
    work(fetch_offline)
    assert InboxEvent.objects.count() == 700
    assert left(portal) == []


def test_what_a_dead_process_had_reserved_is_found(portal, work):
    company = portal.add_company("Ромашка")
    portal.portal.call("event.offline.get", {"clear": 0}, app_id=CLIENT_ID)
    assert work(fetch_offline)[0] == 1
    assert stored() == [("ONCRMCOMPANYADD", str(company), True)]
    assert left(portal) == []


def test_what_does_not_let_itself_be_cleared_is_stored_once(portal, work):
    portal.add_company("Ромашка")
    portal.fails_with("error", method="event.offline.clear")
    assert [work(fetch_offline)[0] for _ in range(2)] == [1, 0]
    portal.heal()
    work(fetch_offline)
    assert (InboxEvent.objects.count(), left(portal)) == (1, [])


def test_what_cannot_be_read_is_set_aside(portal, work):
    portal.portal.events.offline.add(CLIENT_ID, "", "", {"FIELDS": {"ID": 5}}, ADMIN)
    portal.add_company("Ромашка")
    assert work(fetch_offline)[0] == 1
    assert [line.error for line in left(portal)] == [True]
    assert work(fetch_offline)[0] == 0


def test_an_unknown_event_is_kept_as_ignored(portal, work):
    portal.portal.events.offline.add(CLIENT_ID, "", "ONWHATEVER", False, None)
    work(fetch_offline)
    assert InboxEvent.objects.get().state == State.IGNORED


def test_the_notification_fetches_the_queue_and_the_worker_works_it_off(portal, work):
    company = portal.add_company("Ромашка")
    InboxEvent.objects.create(
        event="ONOFFLINEEVENT", received_at=portal.now, next_attempt_at=portal.now.replace(year=2020)
    )
    work(drain)
    assert Company.objects.get().portal_id == company
    assert set(InboxEvent.objects.values_list("state", flat=True)) == {State.DONE}


def test_an_ordinary_employee_may_not_and_one_line_says_so(portal, work):
    ivan = portal.add_employee("Иван Сидоров")
    portal.add_company("Ромашка")
    found, report = work(fetch_offline, by=ivan.id)
    assert found == 0
    assert [warning.startswith("offline events") for warning in report.warnings] == [True]


def test_a_webhook_has_no_queue(portal, work, settings):
    settings.BITRIX_WEBHOOK_URL = portal.webhook
    portal.log.clear()
    assert work(fetch_offline)[0] == 0
    assert not list(portal.log)
