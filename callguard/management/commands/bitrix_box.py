"""`manage.py bitrix_box [--output file.zip]`: the package for boxed portals, ready to be unpacked in local/."""

from __future__ import annotations

import hashlib
import json
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from callguard.bitrix_box import package
from crm_mirror.connection import WrongSettings

NOT_WRITTEN, WRONG_SETTINGS = 1, 2  # exit codes


class Command(BaseCommand):
    help = (
        "Write the package for boxed portals, address and secret filled in: unpack it in the portal's local/ "
        "(docs/install-box.md). The last line of stdout is a JSON object."
    )
    requires_system_checks: list[str] = []  # what matters here is checked below, with its own exit code

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--output", default=package.NAME, help=f"the file to write; default: {package.NAME}")

    def handle(self, *, output: str, **options: Any) -> None:
        try:
            told = package.facts()
        except WrongSettings as wrong:
            raise CommandError(f"{wrong}. {wrong.remedy}", returncode=WRONG_SETTINGS) from None
        made = package.packed(told)
        try:
            write_privately(Path(output), made)
        except OSError as error:
            words = {"file": output, "cause": error.strerror}
            raise CommandError(
                _("%(file)s cannot be written: %(cause)s. Name another file with --output.") % words,
                returncode=NOT_WRITTEN,
            ) from error
        self.stderr.write(_("The file holds a secret: delete it once it is unpacked."))
        report = {"file": output, "address": told.address, "sha256": hashlib.sha256(made).hexdigest()}
        self.stdout.write(json.dumps(report, ensure_ascii=False))


def write_privately(path: Path, content: bytes) -> None:
    """For the owner's eyes only. A file that is there is replaced, whoever could read it; a device is not."""
    if path.is_file():
        path.unlink()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
