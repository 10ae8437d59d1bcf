"""`manage.py rebuild_tallies`: count everything anew that the figures of the dashboard are read from."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from tqdm import tqdm

from callguard.tallies.refresh import bring_up_to_date, rebuild


class Command(BaseCommand):
    help = (
        "Count anew what the figures of the dashboard are read from. They can be read meanwhile; days whose calls were "
        "forgotten stay as they are. The last line of stdout is a JSON object."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with tqdm(unit=" days", disable=not sys.stderr.isatty()) as bar:
                days = rebuild(on_day=lambda day: bar.update())
            bring_up_to_date()
        except DatabaseError as error:
            cause = str(error).splitlines()[0]
            raise CommandError(f"{cause}. Run `manage.py migrate`, then this again.", returncode=1) from error
        self.stdout.write(json.dumps({"days": days}))
