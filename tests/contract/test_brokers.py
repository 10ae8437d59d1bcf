"""A real broker carries the work: one process asks for a sync, a Celery worker on Redis or RabbitMQ does it."""

from __future__ import annotations

import os
import subprocess
import time
import uuid
from collections.abc import Iterator

import kombu
import pytest

from crm_mirror.models import Company
from tests.portal import PortalDriver
from tests.process import run, start

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
BROKERS = ["redis://127.0.0.1:6379/9", "amqp://guest:guest@127.0.0.1:5672//"]
ASK = (
    "import django; django.setup(); from crm_mirror.tasks import sync_portal; sync_portal.apply_async(queue='{queue}')"
)


@pytest.fixture(params=BROKERS, ids=["redis", "rabbitmq"])
def broker(request: pytest.FixtureRequest) -> str:
    url: str = request.param
    try:
        with kombu.Connection(url, connect_timeout=3) as connection:
            connection.ensure_connection(max_retries=1)
    except kombu.exceptions.OperationalError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"No broker answers at {url.rpartition('@')[2]}: {error}")
    return url


@pytest.fixture
def queue(broker: str, portal: PortalDriver) -> Iterator[str]:
    """A queue of the test's own, with one worker on it."""
    name = f"test-{uuid.uuid4().hex}"
    worker = start(
        *("-m", "celery", "-A", "config", "worker", "--pool", "solo", "-Q", name, "-l", "WARNING", "--without-gossip"),
        **settings_of(portal, broker),
    )
    yield name
    worker.terminate()
    try:
        worker.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        worker.kill()
    with kombu.Connection(broker) as connection, connection.channel() as channel:
        channel.queue_delete(name)
        channel.exchange_delete(name)


def settings_of(portal: PortalDriver, broker: str) -> dict[str, object]:
    return {
        "CELERY_BROKER_URL": broker,
        "BITRIX_WEBHOOK_URL": portal.server.webhook,
        "BITRIX_RATE_PER_SECOND": 0,
        "SECRET_KEY": "tests-only-broker-0123456789-0123456789-0123456789",
    }


def test_a_worker_mirrors_the_portal_when_another_process_asks(portal: PortalDriver, broker: str, queue: str) -> None:
    olga = portal.add_employee("Ольга Смирнова")
    portal.add_company("Ромашка", phone="8 (916) 123-45-67", responsible=olga, status="В работе")
    asked = run("-c", ASK.format(queue=queue), **settings_of(portal, broker))
    assert asked.returncode == 0, asked.stderr
    until = time.monotonic() + 45
    while time.monotonic() < until and not Company.objects.filter(title="Ромашка").exists():
        time.sleep(0.2)
    assert Company.objects.get(title="Ромашка").responsible_id == olga.id
