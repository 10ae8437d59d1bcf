"""Letters: written with their cause, sent at least once, later again where the mail server was away.

A letter is SENDING while the mail server has it and its answer is not recorded. One found so after LEASE may have gone
out; it is sent again under the same Message-ID, by which mailboxes know a letter that they have.
"""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.utils import DNS_NAME
from django.db.models import Count, F, Q, QuerySet

from callguard.models import Letter

logger = logging.getLogger(__name__)
State = Letter.State
OPEN = (State.WAITING, State.SENDING)
LEASE = timedelta(minutes=10)  # longer than EMAIL_TIMEOUT lets one sending last
LATE = timedelta(hours=1)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=2)
MOST_ATTEMPTS = 40  # about three days
PERMANENT = range(500, 600)  # RFC 5321 §4.2.1: trying again would not help
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Standing:
    """How many letters wait, how many of them for longer than LATE, and how many were given up."""

    waiting: int
    late: int
    dead: int


def standing(*, at: datetime) -> Standing:
    """One query."""
    waits, is_late = Q(state__in=OPEN), Q(created_at__lt=at - LATE)
    counts = {"waiting": Count("pk", filter=waits), "late": Count("pk", filter=waits & is_late)}
    return Standing(**Letter.objects.aggregate(**counts, dead=Count("pk", filter=Q(state=State.DEAD))))


def can_be_sent() -> bool:
    """Whether a mail server is set (EMAIL_URL)."""
    return bool(settings.EMAIL_CONFIGURED)


def write(key: str, to: str, subject: str, text: str, *, employee_id: int | None, at: datetime) -> None:
    """Put a letter in line, in the caller's transaction; the same key again changes nothing."""
    facts = {"to": to, "subject": subject[:200], "text": text, "employee_id": employee_id}
    Letter.objects.get_or_create(key=key, defaults={**facts, "created_at": at, "next_attempt_at": at})


def deliver_due(clock: Clock) -> int:
    """Send what is due, outside of any transaction; returns how many went out. One query when nothing is due.

    A mail server that is away leaves its letters for later, with one warning.
    """
    if not can_be_sent():
        return 0
    sent = 0
    connection: BaseEmailBackend | None = None
    try:
        while (letter := _due(clock()).first()) is not None:
            if not _claim(letter, at=clock()):
                continue
            connection = connection or get_connection()
            sent += _send(letter, connection, clock)
    except OSError as away:  # smtplib's errors are OSErrors as well
        logger.warning("letters wait: %s. Look at EMAIL_URL and at the mail server.", told_by(away))
    finally:
        if connection is not None:
            connection.close()
    return sent


def send_again(letters: QuerySet[Letter], *, at: datetime) -> int:
    """Put given up ones back in line; returns how many."""
    return letters.filter(state=State.DEAD).update(state=State.WAITING, attempts=0, next_attempt_at=at)


def forget_before(at: datetime) -> int:
    """Delete letters that went out before `at`; returns how many."""
    return Letter.objects.filter(state=State.SENT, sent_at__lt=at).delete()[0]


def _due(at: datetime) -> QuerySet[Letter]:
    return Letter.objects.filter(state__in=OPEN, next_attempt_at__lte=at).order_by("next_attempt_at", "id")


def _claim(letter: Letter, *, at: datetime) -> bool:
    """Whether the letter is ours to send: by compare-and-set, so that of two processes one sends it."""
    mine = Letter.objects.filter(pk=letter.pk, state=letter.state, next_attempt_at=letter.next_attempt_at)
    claimed = mine.update(state=State.SENDING, next_attempt_at=at + LEASE, attempts=F("attempts") + 1)
    letter.attempts += claimed
    return bool(claimed)


def _send(letter: Letter, connection: BaseEmailBackend, clock: Clock) -> bool:
    """Hand it over and record the answer. Raises OSError where the server itself is what fails."""
    try:
        connection.open()
        mail_of(letter, connection).send()
    except ValueError as nonsense:  # an address that no mail can have
        Letter.objects.filter(pk=letter.pk).update(state=State.DEAD, error=str(nonsense)[:1000])
        return False
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as refused:
        _give_up_or_wait(letter, refused, at=clock())
        if is_about_us(refused):
            raise
        return False
    except OSError as away:
        _give_up_or_wait(letter, away, at=clock())
        raise
    Letter.objects.filter(pk=letter.pk).update(state=State.SENT, sent_at=clock(), error="")
    return True


def _give_up_or_wait(letter: Letter, error: OSError, *, at: datetime) -> None:
    """Refused for good, or after many tries: dead. Else later, after a while that doubles each time."""
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(letter.attempts - 1, 10))
    is_over = (is_refused_for_good(error) and not is_about_us(error)) or letter.attempts >= MOST_ATTEMPTS
    state = State.DEAD if is_over else State.WAITING
    Letter.objects.filter(pk=letter.pk).update(state=state, error=told_by(error), next_attempt_at=at + wait)


def is_refused_for_good(error: OSError) -> bool:
    return any(code in PERMANENT for code in codes_of(error))


def is_about_us(error: OSError) -> bool:
    """The server lets nobody in, or not us as the sender: every other letter would hear the same."""
    return isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPConnectError | smtplib.SMTPSenderRefused)


def codes_of(error: OSError) -> list[int]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _said in error.recipients.values()]
    return [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) else []


def told_by(error: OSError) -> str:
    """What a person reads of it: the server's own words, without the address, which stands beside it."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(f"{code} {_text(said)}" for code, said in error.recipients.values())[:1000]
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"[:1000]
    return f"{type(error).__name__}: {error}"[:1000]


def _text(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said


def mail_of(letter: Letter, connection: BaseEmailBackend) -> EmailMessage:
    headers = {
        "Message-ID": f"<callguard.letter.{letter.pk}.{letter.created_at:%Y%m%d%H%M%S}@{DNS_NAME}>",
        "Auto-Submitted": "auto-generated",  # RFC 3834: no answering machine need answer
    }
    return EmailMessage(letter.subject, letter.text, to=[letter.to], headers=headers, connection=connection)
