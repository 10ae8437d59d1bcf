"""A method whose time budget is spent rests; the other kinds of the same sync go on."""

from __future__ import annotations

import pytest

from crm_mirror.models import Company, Contact, Lead
from crm_mirror.portal.client import Client
from crm_mirror.portal.limits import Allowance, InMemory, Rate
from crm_mirror.portal.transport import Webhook
from crm_mirror.sync.cursors import Position
from crm_mirror.sync.kinds import kinds
from crm_mirror.sync.plan import Pass, pages_for
from tests.clock import Time
from tests.portal import PortalDriver

BIG = ("company", "contact", "lead")


class Watched(Time):
    """Notes how often the contacts' and leads' lists had been asked when somebody began to wait."""

    def __init__(self, portal: PortalDriver) -> None:
        super().__init__()
        self._log = portal.log
        self.asked: list[tuple[int, int]] = []

    def sleep(self, seconds: float) -> None:
        methods = self._log.methods()
        self.asked.append((methods.count("crm.contact.list"), methods.count("crm.lead.list")))
        super().sleep(seconds)


def test_the_other_kinds_are_read_while_one_method_rests(portal, sync):
    portal.add_company("Ромашка")
    portal.add_contact("Ольга")
    portal.add_lead("Звонок")
    portal.fails_with("429", times=2, method="crm.company.list")
    time = Watched(portal)
    allowance = Allowance(InMemory(), Rate(0, 50), clock=time, sleep=time.sleep)
    sync(client=Client(Webhook.parse(portal.webhook), allowance, clock=time, sleep=time.sleep))
    assert time.asked == [(2, 2)]  # how many there are, and the rows
    assert time.slept == [pytest.approx(60.0)]
    assert [model.objects.count() for model in (Company, Contact, Lead)] == [1, 1, 1]


@pytest.fixture
def passes(settings):
    known = kinds("UF_STATUS")
    passes = [Pass(known[name], Position(name, started_at=None)) for name in BIG]
    for one in passes:
        one.announced(100, 1000)
    return passes


def planned(passes, paused):
    return {one.kind.name: pages for one, pages in pages_for(passes, 50, paused)}


def test_a_request_takes_pages_of_what_may_be_asked(passes):
    assert planned(passes, {}) == {"company": 2, "contact": 2, "lead": 2}
    assert planned(passes, {"crm.contact.list": 5.0}) == {"company": 2, "lead": 2}


def test_when_all_rest_the_first_that_is_back_is_waited_for(passes):
    paused = {"crm.company.list": 90.0, "crm.contact.list": 5.0, "crm.lead.list": 600.0}
    assert planned(passes, paused) == {"contact": 2}
