"""The broker goes away and comes back: events are stored all the same, and worked off when it is there again."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit

import kombu
import pytest

from crm_mirror.models import Company, InboxEvent
from tests.contract.test_brokers import broker  # noqa: F401 - a fixture
from tests.faults.outages import Bridge
from tests.faults.processes import running, settings_of, wait_for, web

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def bridge(broker: str) -> Iterator[Bridge]:  # noqa: F811
    parts = urlsplit(broker)
    assert parts.hostname
    assert parts.port
    bridge = Bridge(parts.hostname, parts.port)
    yield bridge
    bridge.close()


@pytest.fixture
def production(broker: str, bridge: Bridge) -> Iterator[dict[str, str]]:  # noqa: F811
    """What tells processes of the broker, and of a queue that is theirs alone."""
    queue = f"test-{uuid.uuid4().hex}"
    parts = urlsplit(broker)
    yield {"CELERY_BROKER_URL": broker.replace(f":{parts.port}", f":{bridge.port}"), "TEST_QUEUE": queue}
    with kombu.Connection(broker) as connection, connection.channel() as channel:
        channel.queue_delete(queue)


def test_events_outlast_a_broker_that_goes_away(town, bridge, production):
    portal, first = town.portal, town.companies[0]
    worker = [sys.executable, "-m", "celery", "-A", "config", "worker", "-B", "--pool", "threads", "-l", "ERROR"]
    with web(portal, sys.executable, **production), running(*worker, **settings_of(portal, **production)):
        portal.update_company(first, TITLE="До обрыва")
        wait_for(lambda: Company.objects.filter(title="До обрыва").exists(), "change in the mirror")
        bridge.break_down()
        portal.update_company(first, TITLE="Во время обрыва")
        portal.portal.events.settle()
        assert portal.portal.events.delivered[-1].status == 200
        assert InboxEvent.objects.filter(entity_id=str(first)).count() == 2
        bridge.repair()
        wait_for(
            lambda: Company.objects.filter(title="Во время обрыва").exists(), "change of the time without a broker"
        )
        wait_for(lambda: not InboxEvent.objects.exclude(state="done").exists(), "empty inbox")
