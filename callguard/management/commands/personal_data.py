"""`manage.py personal_data export|erase (--employee ID | --number N)`: what is kept about one person, or no longer."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from callguard.access.actors import Actor
from callguard.access.roles import Role
from callguard.models import Origin
from callguard.privacy.erasure import StillHere, erase_employee, erase_number
from callguard.privacy.files import NothingKept, hand_out_employee, hand_out_number
from crm_mirror.phones import numbers_in

OURSELVES = Actor("manage.py personal_data", Role.ADMINISTRATOR)


class Command(BaseCommand):
    help = "Export what is kept about one person as a ZIP of JSON files, or erase it. See docs/privacy.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", choices=["export", "erase"])
        person = parser.add_mutually_exclusive_group(required=True)
        person.add_argument("--employee", type=int, help="portal ID of an employee")
        person.add_argument("--number", help="a subscriber's phone number in any spelling")
        parser.add_argument("--to", type=Path, help="where the ZIP goes (export); default: personal-data.zip here")
        parser.add_argument("--yes", action="store_true", help="erase without asking")

    def handle(
        self, *, act: str, employee: int | None, number: str | None, to: Path | None, yes: bool, **options: Any
    ) -> None:
        person = employee if employee is not None else number_of(number or "")
        if act == "export":
            said = exported(person, to or Path("personal-data.zip"))
        else:
            if not (yes or self.is_meant(person)):
                raise CommandError(_("Nothing was erased."), returncode=1)
            said = erased(person)
        self.stdout.write(json.dumps(said, ensure_ascii=False))

    def is_meant(self, person: int | str) -> bool:
        self.stderr.write(_("Erasing cannot be undone. Type %(person)s again to go on:") % {"person": person})
        return input().strip() == str(person)


def number_of(text: str) -> str:
    """The one number that the text holds. CommandError when there is none, or several."""
    numbers = numbers_in(text, settings.PHONE_REGION).numbers
    if len(numbers) != 1:
        raise CommandError(_("Give one phone number, e.g. --number +79161234567."), returncode=2)
    return numbers[0]


def exported(person: int | str, to: Path) -> dict[str, Any]:
    how: dict[str, Any] = {"by": OURSELVES, "origin": Origin.COMMAND, "at": timezone.now()}
    try:
        with to.open("wb") as file:
            if isinstance(person, int):
                hand_out_employee(person, file, **how)
            else:
                hand_out_number(person, file, **how)
    except NothingKept as error:
        to.unlink()
        raise CommandError(_("Nothing is kept about %(person)s.") % {"person": person}, returncode=1) from error
    return {"exported": person, "file": str(to)}


def erased(person: int | str) -> dict[str, Any]:
    how: dict[str, Any] = {"by": OURSELVES, "origin": Origin.COMMAND, "at": timezone.now()}
    try:
        calls = erase_employee(person, **how) if isinstance(person, int) else erase_number(person, **how)
    except StillHere as error:
        words = _("Employee %(id)s works here: dismiss him in the portal first, and let the mirror hear of it.")
        raise CommandError(words % {"id": person}, returncode=1) from error
    return {"erased": person, "calls": calls}
