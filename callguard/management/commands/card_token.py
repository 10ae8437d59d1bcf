"""`manage.py card_token USER_ID [--ttl 12h]`: a card token, alone on stdout."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from callguard.access.tokens import PORTAL_ID, CardToken, issued

UNITS = {"s": "seconds", "m": "minutes", "h": "hours"}


class Command(BaseCommand):
    help = "Print a card token for an employee, signed with CARD_TOKEN_SECRET."
    requires_system_checks = ()  # a token, alone: no warnings about settings it does not use

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user_id", help="the employee's ID in the portal")
        parser.add_argument("--ttl", default="12h", help="how long it is good for: 90s, 30m, 12h (at most 24h)")

    def handle(self, *, user_id: str, ttl: str, **options: Any) -> None:
        token = CardToken(employee_id_of(str(user_id)))
        if not settings.CARD_TOKEN_SECRET:
            raise refused(_("CARD_TOKEN_SECRET is not set. Put the secret that the portal signs with into .env."))
        self.stdout.write(issued(token, secret=settings.CARD_TOKEN_SECRET, ttl=duration_of(ttl), at=timezone.now()))


def refused(why: str) -> CommandError:
    return CommandError(why, returncode=2)


def employee_id_of(text: str) -> int:
    if not PORTAL_ID.fullmatch(text):
        raise refused(_("%(text)s is not a portal user ID. Give a positive number.") % {"text": text})
    return int(text)


def duration_of(text: str) -> timedelta:
    """`12h` → twelve hours. Raises CommandError for anything else, and for more than a token may last."""
    match = re.fullmatch(r"([1-9][0-9]{0,5})([smh])", text)
    if not match:
        raise refused(_("%(text)s is not a duration. Write 90s, 30m or 12h.") % {"text": text})
    duration = timedelta(**{UNITS[match[2]]: int(match[1])})
    if duration > settings.CARD_TOKEN_MAX_AGE:
        raise refused(_("%(text)s is too long: a card token lasts 24 hours at most.") % {"text": text})
    return duration
