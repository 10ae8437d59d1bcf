"""Two workers find the same job: one does it, and it is done once."""

from __future__ import annotations

import sys
from collections import Counter

import pytest
from django.db import transaction
from django.utils import timezone

from crm_mirror import inbox, outbox
from crm_mirror.models import InboxEvent, OutboxCall
from tests.faults.processes import running, settings_of, wait_for

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def write(company: int, token: str) -> None:
    """As a phone, which arrives as often as it is sent."""
    fields = {"COMMENTS": token, "PHONE": [{"VALUE": token, "VALUE_TYPE": "WORK"}]}
    outbox.enqueue(
        entity=f"company:{company}",
        purpose="test",
        method="crm.company.update",
        params={"id": company, "fields": fields},
        check={"method": "crm.company.get", "params": {"id": company}, "expect": {"COMMENTS": token}},
        at=timezone.now(),
    )


def test_two_workers_send_every_write_once_and_read_every_event(town):
    command = (sys.executable, "manage.py", "work")
    with running(*command, **settings_of(town.portal)), running(*command, **settings_of(town.portal)):
        tokens = [f"+7800{number:07d}" for number in range(200)]
        for number, token in enumerate(tokens):
            company = town.companies[number % 10]
            with transaction.atomic():
                write(company, token)
                inbox.store({"event": "ONCRMCOMPANYUPDATE", "data": {"FIELDS": {"ID": company}}}, at=timezone.now())
        wait_for(lambda: not OutboxCall.objects.exclude(state="done").exists(), "empty outbox")
        wait_for(lambda: not InboxEvent.objects.exclude(state="done").exists(), "empty inbox")
        wait_for(lambda: not town.unlike_the_mirror(), "true mirror")
    arrived = Counter(value for (value,) in town.portal.store.rows("SELECT VALUE FROM multifield"))
    assert {token: arrived[token] for token in tokens} == dict.fromkeys(tokens, 1)
