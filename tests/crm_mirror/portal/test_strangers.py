"""Others fill the portal's bucket too: real requests, a portal with its limit on, and a clock they share with us."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from crm_mirror.portal.client import Client
from crm_mirror.portal.errors import PortalBusy
from crm_mirror.portal.limits import Allowance, InMemory, Purpose, Rate
from crm_mirror.portal.transport import Timeouts, Webhook
from crm_mirror.sandbox.server import SandboxServer, running
from tests.clock import Time

RATE = Rate(2.0, 50)


class Street(Time):
    """Our clock and the portal's move together, by sleeping only; a stranger asks `strangers` times a second."""

    def __init__(self, server: SandboxServer) -> None:
        super().__init__()
        self.strangers = 0.0
        self._portal = server.portal
        self._owed = 0.0

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self._portal.clock.advance(seconds)
        self._owed += seconds * self.strangers
        while self._owed >= 1:
            self._owed -= 1
            self._portal.limits.takes_request("127.0.0.1")


class Us:
    """A program that asks without a pause for `seconds`: `us.works(100)` → answers by HTTP status."""

    def __init__(self, server: SandboxServer, street: Street, rate: Rate = RATE) -> None:
        self.store, self._street, self._server = InMemory(), street, server
        allowance = Allowance(self.store, rate, clock=street, sleep=street.sleep, purpose=Purpose.FULL)
        webhook = Webhook.parse(server.webhook)
        ours = {"clock": street, "sleep": street.sleep, "random": lambda: 1.0}
        self.client = Client(webhook, allowance, timeouts=Timeouts(2.0, 5.0), **ours)

    def works(self, seconds: float) -> Counter[int]:
        end, known = self._street.now + seconds, len(self._server.log)
        while self._street.now < end:
            self.client.call("profile")
        return Counter(entry.status for entry in list(self._server.log)[known:])


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    with running("empty") as server:
        yield server


@pytest.fixture
def street(server: SandboxServer) -> Street:
    return Street(server)


@pytest.fixture
def us(server: SandboxServer, street: Street) -> Iterator[Us]:
    us = Us(server, street)
    yield us
    us.client.close()


def test_half_of_the_rate_is_left_and_half_of_it_is_used(us, street):
    street.strangers = 1.0
    us.works(200)
    answers = us.works(400)
    assert answers[200] >= 0.9 * 400  # 1 a second is what the stranger leaves
    assert answers[503] <= 0.02 * answers[200]


def test_the_whole_rate_is_ours_again_when_the_stranger_has_gone(us, street):
    street.strangers = 1.5
    us.works(150)
    street.strangers = 0.0
    us.works(450)
    answers = us.works(50)
    assert answers[503] == 0
    assert answers[200] >= 0.97 * 100
    assert us.store.bucket().pace == 1.0


def test_a_stranger_who_takes_everything_is_not_answered_with_a_hail_of_requests(us, street, server):
    street.strangers = 3.0
    began = street.now
    with pytest.raises(PortalBusy):
        us.works(3600)
    refused = sum(entry.status == 503 for entry in server.log)
    assert street.now - began >= 20 * refused


def test_a_portal_whose_limit_is_lower_than_we_were_told(server, street):
    us = Us(server, street, Rate(5.0, 250))
    us.works(100)
    answers = us.works(300)
    assert answers[200] >= 0.65 * 600
    assert answers[503] <= 0.03 * answers[200]
    us.client.close()


def test_a_second_refusal_of_the_same_crowd_slows_nobody_down_again(us):
    for _ in range(5):
        us.client.allowance.refused(0.5)
    assert us.store.bucket().pace == pytest.approx(0.7)
