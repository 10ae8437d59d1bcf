"""`manage.py look_for_flaws`: look for what is to be cleaned up in the portal; the beat does it each night."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from callguard.cleaning.looking import AlreadyLooking, look


class Command(BaseCommand):
    help = "Look through the mirror for what is to be cleaned up in the portal; prints how much there is, as JSON."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = look(at=timezone.now())
        except AlreadyLooking as busy:
            raise CommandError(f"{busy}. {busy.remedy}", returncode=1) from busy
        self.stdout.write(json.dumps({flaw.value: count for flaw, count in found.items()}))
