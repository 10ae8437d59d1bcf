"""The buttons: work begins outside the web server, by a worker where there is a broker, else by our own command."""

from __future__ import annotations

import time
from typing import Any

import pytest
from celery import current_app
from django.test import Client
from django.urls import reverse

from callguard.models import Account
from crm_mirror.models import Company, SyncRun
from tests.cast import empty_mirror
from tests.crm_mirror.admin.conftest import BEGIN, PAGE, PROGRESS
from tests.living import allowance
from tests.process import environment, run

PATIENCE = 45  # seconds until a process of its own must have ended


def pressed(client: Client, order: str) -> Any:
    return client.post(reverse(BEGIN), {"order": order})


@pytest.fixture
def queue(settings):
    """What a worker would take, where a broker carries it."""
    settings.CELERY_TASK_ALWAYS_EAGER = False
    with current_app.connection_for_write() as connection:
        queue = connection.SimpleQueue(current_app.conf.task_default_queue)
        queue.clear()
        yield queue
        queue.clear()
        queue.close()


@pytest.mark.django_db
@pytest.mark.parametrize(("order", "task"), [("sync", "sync_portal"), ("reconcile", "reconcile")])
def test_with_a_broker_a_worker_is_told_and_may_not_begin_too_late(pages, queue, order, task):
    newest = SyncRun.objects.create(started_at="2026-11-24T12:00:00Z", ok=True)
    answer = pressed(pages, order)
    assert answer.status_code == 302
    assert answer.url.startswith(f"{reverse(PAGE)}?order={order}&after={newest.pk}&at=")
    message = queue.get(timeout=1)
    assert message.headers["task"] == f"crm_mirror.tasks.{task}"
    assert message.headers["expires"]


@pytest.mark.django_db
def test_who_presses_a_button_ends_a_halt_for_he_may_have_put_it_right(pages, queue):
    halted = allowance(blocked_until=time.time() + 200, halted_because="WrongToken profile: NO_AUTH_FOUND")
    pressed(pages, "sync")
    halted.refresh_from_db()
    assert halted.blocked_until == 0


@pytest.mark.django_db
def test_an_order_that_there_is_not(pages, queue):
    assert pressed(pages, "rm -rf").status_code == 404
    assert pages.get(reverse(BEGIN)).status_code == 405
    assert queue.qsize() == 0


@pytest.mark.django_db
def test_another_site_cannot_press_a_button(superuser, queue):
    stranger = Client(enforce_csrf_checks=True)
    stranger.force_login(superuser)
    assert pressed(stranger, "sync").status_code == 403
    assert queue.qsize() == 0


PRESS = """
import django; django.setup()
from django.test import Client
from django.urls import reverse
from callguard.models import Account
client = Client(SERVER_NAME="localhost", headers={"accept-language": "en"})
client.force_login(Account.objects.get(username="root"))
begin = reverse("admin:crm_mirror_syncrun_begin")
print(client.post(begin, {"order": "sync"}, follow=True, secure=True).content.decode())
"""


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_broker_that_does_not_answer_is_said_and_no_error():
    Account.objects.create(username="root", is_staff=True, is_superuser=True)
    done = run("-c", PRESS, CELERY_BROKER_URL="redis://127.0.0.1:1/0", SECRET_KEY="x" * 50)
    assert done.returncode == 0, done.stderr
    assert "The broker does not answer: nobody was told." in done.stdout


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_without_a_broker_a_process_of_its_own_syncs_and_the_page_follows_it(pages, portal, monkeypatch):
    for name, value in environment(BITRIX_WEBHOOK_URL=portal.webhook, SECRET_KEY="x" * 50).items():
        monkeypatch.setenv(name, value)
    portal.add_company("Ромашка", phone="8 (916) 123-45-67")
    where = pressed(pages, "sync").url
    until = time.monotonic() + PATIENCE
    state = "waiting"
    while state in ("waiting", "running") and time.monotonic() < until:
        time.sleep(0.2)
        state = pages.get(reverse(PROGRESS) + "?" + where.partition("?")[2].partition("#")[0]).json()["state"]
    assert state == "done"
    assert Company.objects.get().title == "Ромашка"
    empty_mirror()
