"""`manage.py rotate_secrets`: after a new key was put first in SECRETS_KEYS."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm_mirror.secrets import Fate, SecretLost, rotate

LOST = 1  # exit code


class Command(BaseCommand):
    help = (
        "Seal every stored secret by the newest key; afterwards the older keys may go from SECRETS_KEYS. "
        "Harmless when run twice. The last line of stdout is a JSON object."
    )

    def handle(self, **options: Any) -> None:
        fates = rotate()
        self.stdout.write(json.dumps({str(fate): count for fate, count in fates.items()}))
        if fates[Fate.LOST]:
            lost = SecretLost()
            raise CommandError(f"{lost}. {lost.remedy}", returncode=LOST)
