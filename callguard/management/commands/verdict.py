"""`manage.py verdict PHONE --caller ID`: a verdict without a call record; `-` answers the lines of stdin."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from callguard import explanation
from callguard.answer import Answer, CallerRefused, CallerUnknown, verdict_for
from callguard.models import Direction


class BadQuestion(Exception):
    """An argument, or a line of stdin, that cannot be asked; its text says what to do."""


class Command(BaseCommand):
    help = "Whose client is behind a number, as this caller would see it. Leaves no call record."
    requires_system_checks: list[str] = []  # a line of a script must not wait for them

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("phone", help="a number in any spelling, or - for lines phone<TAB>caller<TAB>direction")
        parser.add_argument("--caller", help="portal ID of the employee who calls")
        parser.add_argument("--direction", default=Direction.OUTGOING.value, help=", ".join(Direction.values))
        parser.add_argument("--explain", action="store_true", help="also say what was found and why it was decided so")
        parser.add_argument("--json", action="store_true", help="one JSON object with the fields of the API")
        parser.add_argument("--lang", default=settings.LANGUAGE_CODE, help="language of the message: ru or en")

    def handle(self, *, phone: str, caller: str | None, direction: str, lang: str, **options: Any) -> None:
        if lang not in dict(settings.LANGUAGES):
            raise CommandError(f"--lang {lang}: choose one of {', '.join(dict(settings.LANGUAGES))}.", returncode=2)
        with translation.override(lang):
            if phone == "-":
                self.answer_lines(sys.stdin, lang=lang, explain=options["explain"])
            else:
                written = as_json if options["json"] else as_text
                self.stdout.write(written(self.answer(phone, caller, direction, lang), explain=options["explain"]))

    def answer(self, phone: str, caller: str | None, direction: str, lang: str) -> Answer:
        try:
            return asked(phone, caller, direction, lang=lang)
        except BadQuestion as error:
            raise CommandError(str(error), returncode=2) from error

    def answer_lines(self, lines: Iterable[str], *, lang: str, explain: bool) -> None:
        """One JSON object a line, in order, as soon as it is known; a bad line says so in its place."""
        bad = 0
        for line in lines:
            try:
                said = as_json(asked(*fields_of(line), lang=lang), explain=explain)
            except BadQuestion as error:
                bad += 1
                said = json.dumps({"error": str(error)}, ensure_ascii=False)
            self.stdout.write(said)
            self.stdout.flush()
        if bad:
            raise CommandError(_("Lines that could not be answered: %(count)s.") % {"count": bad}, returncode=2)


def fields_of(line: str) -> tuple[str, str, str]:
    """Phone, caller and direction, which is outgoing unless said."""
    parts = line.rstrip("\r\n").split("\t")
    if len(parts) not in (2, 3):
        raise BadQuestion(_("Write a line as phone<TAB>caller<TAB>direction; the direction may be left out."))
    return parts[0], parts[1], (parts[2:] or [""])[0].strip() or Direction.OUTGOING.value


def asked(phone: str, caller: str | None, direction: str, *, lang: str) -> Answer:
    """The answer. Raises BadQuestion, with the remedy, and CommandError without a working database."""
    if direction not in Direction.values:
        words = {"direction": direction, "known": ", ".join(Direction.values)}
        raise BadQuestion(_("Unknown direction “%(direction)s”: choose one of %(known)s.") % words)
    try:
        return verdict_for(phone, caller_id=id_of(caller), direction=direction, at=timezone.now(), language=lang)
    except CallerRefused as error:
        raise BadQuestion(refusal(error)) from error
    except DatabaseError as error:
        cause = str(error).splitlines()[0]
        raise CommandError(f"{cause}. Check DATABASE_URL and run `manage.py migrate`.", returncode=1) from error


def id_of(caller: str | None) -> int:
    if caller is None:
        raise BadQuestion(_("Say who calls: --caller with the portal ID of an employee."))
    if not (caller.strip().isascii() and caller.strip().isdigit() and 0 < int(caller) < 2**63):
        raise BadQuestion(_("The caller “%(caller)s” is no portal ID: give a number, e.g. 7.") % {"caller": caller})
    return int(caller)


def refusal(error: CallerRefused) -> str:
    if isinstance(error, CallerUnknown):
        return _("The mirror knows no employee %(id)s: check the ID, or run `manage.py sync` if he is new.") % {
            "id": error.caller_id
        }
    return _("Employee %(id)s no longer works here: ask in the name of somebody who does.") % {"id": error.caller_id}


def as_json(answer: Answer, *, explain: bool) -> str:
    return json.dumps(answer.as_dict() | ({"steps": answer.explanation} if explain else {}), ensure_ascii=False)


def as_text(answer: Answer, *, explain: bool) -> str:
    """The colour with its label, the sentence, and the explanation when asked for."""
    told = answer.as_dict()
    label = told["palette"]["label"] if told["palette"] else _("no colour")
    said = [f"{told['colour']} · {label}", told["message"]]
    if explain:
        said += ["", *explanation.lines(answer.verdict), "", _basis(told)]
    return "\n".join(said)


def _basis(told: dict[str, Any]) -> str:
    synced_at = told["mirror"]["synced_at"] or _("never")
    words = {"number": told["number"] or "–", "version": told["rules_version"], "synced_at": synced_at}
    return _("Number: %(number)s; rules: version %(version)s; portal last read: %(synced_at)s") % words
