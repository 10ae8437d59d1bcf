"""`manage.py demo_story`: puts three months of a sales department's calls beside the mirror of the story's portal."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from callguard.models import Call
from callguard.story.accounts import open_accounts
from callguard.story.cast import StoryUntold
from callguard.story.told import tell
from callguard.tallies.refresh import bring_up_to_date, rebuild


class Command(BaseCommand):
    help = "Make up three months of calls for a demonstration. Only under DEMO, and only where nobody has called yet."

    def handle(self, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("DEMO is off: made-up calls do not belong among real ones.")
        if Call.objects.exists():
            raise CommandError("There are calls already: begin with an empty database.")
        try:
            told = tell(at=timezone.now())
        except StoryUntold as error:
            raise CommandError(f"No {error} in the mirror. Sync a portal of `sandbox_portal --size story`.") from error
        open_accounts()
        rebuild()
        bring_up_to_date()
        self.stdout.write(json.dumps({"calls": told.calls, "conflicts": told.conflicts}))
