"""A worker is told of events through a real broker: at once, and not for each event of a burst."""

from __future__ import annotations

import os
from collections.abc import Iterator

import kombu
import pytest

from crm_mirror.models import InboxEvent
from tests.process import run

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
BROKER = "redis://127.0.0.1:6379/8"
SETTINGS = {
    "CELERY_BROKER_URL": BROKER,
    "BITRIX_APPLICATION_TOKEN": "of-the-portal",
    "SECRET_KEY": "tests-only-nudge-0123456789-0123456789-0123456789",
}
BURST = """
import django; django.setup()
from django.test import Client
client = Client(SERVER_NAME="localhost")
for number in range(1, 6):
    form = {"event": "ONCRMLEADADD", "data[FIELDS][ID]": number, "auth[application_token]": "of-the-portal"}
    body = "&".join(f"{name}={value}" for name, value in form.items())
    told = client.post("/bitrix/events/", body, content_type="application/x-www-form-urlencoded", secure=True)
    assert told.status_code == 200, told.content
"""


@pytest.fixture
def queue() -> Iterator[kombu.simple.SimpleQueue]:
    try:
        with kombu.Connection(BROKER, connect_timeout=3) as connection:
            connection.ensure_connection(max_retries=1)
            queue = connection.SimpleQueue("celery")
            queue.clear()
            yield queue
            queue.clear()
            queue.close()
    except kombu.exceptions.OperationalError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"No broker answers at {BROKER}: {error}")


def test_a_burst_of_events_is_fewer_tasks(queue: kombu.simple.SimpleQueue) -> None:
    told = run("-c", BURST, **SETTINGS)
    assert told.returncode == 0, told.stderr
    assert InboxEvent.objects.count() == 5
    assert 1 <= queue.qsize() < 5
    assert queue.get(timeout=1).headers["task"] == "crm_mirror.tasks.drain_inbox"
