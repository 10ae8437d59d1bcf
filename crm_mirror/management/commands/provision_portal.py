"""`manage.py provision_portal`: create in the portal what is missing."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from contextlib import closing
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from crm_mirror.connection import Refused, WrongSettings, client_from_settings
from crm_mirror.portal.errors import PortalError
from crm_mirror.provision import Survey, fill, survey

REFUSED, WRONG_SETTINGS = 1, 2  # exit codes


class Command(BaseCommand):
    help = (
        "Create in the portal what is missing: the status field, its three values, handlers of events, pages of ours. "
        "What is there is not touched. With STATUS_READ_ONLY people cannot edit the field in the portal's form. "
        "The last line of stdout is a JSON object."
    )
    requires_system_checks: list[str] = []  # what matters here is checked below, with its own exit code

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only say what is missing; exit code 1 if anything is")

    def handle(self, *, check: bool, **options: Any) -> None:
        found, error = Survey(), ""
        try:
            with closing(client_from_settings()) as client:
                found = survey(client)
                if not check:
                    fill(client, found, on_created=lambda what: self.stderr.write(f"created: {what}"))
        except WrongSettings as wrong:
            error = str(wrong)
            raise CommandError(f"{wrong}. {wrong.remedy}", returncode=WRONG_SETTINGS) from None
        except (Refused, PortalError) as refused:
            error = str(refused)
            raise CommandError(f"{error.rstrip('.')}. {refused.remedy}", returncode=REFUSED) from None
        except DatabaseError:
            error = "the database refused"
            raise CommandError(f"{error}. Run `manage.py migrate` first.", returncode=REFUSED) from None
        finally:
            self._tell(found, error)
        if check and found.gaps:
            raise CommandError("Something is missing. Run: manage.py provision_portal", returncode=REFUSED)

    def _tell(self, found: Survey, error: str) -> None:
        report: dict[str, Any] = dict(found.as_dict())
        for text in (*(f"missing: {what}" for what in report["missing"]), *report["instructions"]):
            self.stderr.write(text)
        self.stdout.write(json.dumps(report | ({"error": error} if error else {}), ensure_ascii=False))
