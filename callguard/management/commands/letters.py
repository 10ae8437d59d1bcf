"""`manage.py letters`: send the e-mail that is due, where no worker does it."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from callguard.notices import letters


class Command(BaseCommand):
    help = (
        "Sends the letters that are due. A worker does the same every 30 seconds; with cron alone run it after "
        "`manage.py sync`. The last line of stdout is a JSON object."
    )

    def handle(self, **options: Any) -> None:
        if not letters.can_be_sent():
            raise CommandError("There is no mail server. Set EMAIL_URL (see .env.example).", returncode=1)
        self.stdout.write(json.dumps({"sent": letters.deliver_due(timezone.now)}))
