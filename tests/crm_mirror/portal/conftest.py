"""A client whose clock only moves when it sleeps, on a portal of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from crm_mirror.portal.client import Client, Patience
from crm_mirror.portal.limits import Allowance, InMemory, Purpose, Rate, Store
from crm_mirror.portal.transport import Timeouts, Webhook
from tests.clock import Time
from tests.portal import PortalDriver


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def client_to(time: Time) -> Iterator[Callable[..., Client]]:
    """client_to(webhook address): waits cost nothing. Clients with the same `store` are processes of one database."""
    made: list[Client] = []

    def make(
        webhook: str,
        *,
        rate: Rate | None = None,
        store: Store | None = None,
        purpose: Purpose = Purpose.ASK,
        read_timeout: float = 5.0,
        **more: Any,
    ) -> Client:
        kept, fast = store or InMemory(), rate or Rate(0, 50)
        allowance = Allowance(kept, fast, clock=time, sleep=time.sleep, purpose=purpose)
        timeouts = Timeouts(connect=2.0, read=read_timeout)
        more = {"patience": Patience(), "clock": time, "sleep": time.sleep, "random": lambda: 1.0} | more
        made.append(Client(Webhook.parse(webhook), allowance, timeouts=timeouts, **more))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(client_to: Callable[..., Client], portal: PortalDriver) -> Client:
    return client_to(portal.webhook)


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Everything that is logged, libraries at their most talkative; ours does not reach the root by itself."""
    ours = logging.getLogger("crm_mirror")
    level = ours.level
    ours.addHandler(caplog.handler)
    ours.setLevel(logging.DEBUG)
    caplog.set_level(logging.DEBUG)
    yield caplog
    ours.removeHandler(caplog.handler)
    ours.setLevel(level)
