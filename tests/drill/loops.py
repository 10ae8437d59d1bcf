"""What the drill's processes do. Importing this loads Django: it is done once, before they are forked."""

from __future__ import annotations

import logging
import os
import random
import sys
import time
from pathlib import Path

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.core.management.base import CommandError  # noqa: E402
from django.db import DatabaseError, connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from crm_mirror import outbox  # noqa: E402
from tests.drill.causes.models import Cause  # noqa: E402

logger = logging.getLogger(__name__)
LARGEST = 10_000_000


def work(log: Path) -> None:
    """`manage.py work`, as it is."""
    _speak_to(log)
    call_command("work")


def rounds(log: Path) -> None:
    """`manage.py sync` by cron."""
    _again_and_again(log, "sync", pause=2.0)


def reconcile(log: Path) -> None:
    """`manage.py reconcile --repair` by cron."""
    _again_and_again(log, "reconcile", "--repair", pause=6.0)


def write(log: Path, *, companies: list[int], pause: float) -> None:
    """Something happens in the product that the portal must be told: both or neither."""
    _speak_to(log)
    dice = random.Random()
    while True:
        time.sleep(pause)
        try:
            _cause(dice.choice(companies), f"+7800{dice.randrange(LARGEST):07d}")
        except DatabaseError as error:
            logger.warning("write: %s", error)
            connection.close()


@transaction.atomic
def _cause(company: int, token: str) -> None:
    Cause.objects.create(token=token, company_id=company)
    fields = {"COMMENTS": token, "PHONE": [{"VALUE": token, "VALUE_TYPE": "WORK"}]}
    outbox.enqueue(
        entity=f"company:{company}",
        purpose="drill",
        method="crm.company.update",
        params={"id": company, "fields": fields},
        check={"method": "crm.company.get", "params": {"id": company}, "expect": {"COMMENTS": token}},
        at=timezone.now(),
    )


def _again_and_again(log: Path, *command: str, pause: float) -> None:
    _speak_to(log)
    while True:
        try:
            call_command(*command)
        except (CommandError, SystemExit) as error:
            logger.warning("%s: %s", command[0], error)
        connection.close()  # cron starts another process each time
        time.sleep(pause)


def _speak_to(log: Path) -> None:
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.stdout.flush()
