"""A digest in words: a message of the portal (BB code), and a letter (plain text), of the same figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from callguard.dispute_words import plain
from callguard.reports.question import Question
from callguard.reports.shapes import PersonLine, Summary

NAMED = 3  # people whose conflicts are named


@dataclass(frozen=True, slots=True)
class Told:
    """`people`: those with most conflicts. `synced_at`: as of when the mirror speaks; None: it is not complete."""

    question: Question
    summary: Summary
    people: tuple[PersonLine, ...]
    synced_at: datetime | None = None

    @property
    def calls(self) -> int:
        return self.summary.now.traffic.calls


def subject(told: Told) -> str:
    facts = {"days": days(told), "count": told.summary.now.counts.blamed}
    return _("Calls to colleagues' clients, %(days)s: %(count)d") % facts


def message(told: Told) -> str:
    """BB code: the title, a line for each figure, and the way to the page."""
    title = f"[B]{plain(subject(told))}[/B]"
    links = [
        f"[URL={page}]{words}[/URL]"
        for page, words in ((dashboard(told), _("Open the dashboard")), (choices(), _("Change this digest")))
        if page
    ]
    return "\n".join([title, *(plain(line) for line in lines(told)), " · ".join(links)]).strip()


def letter(told: Told) -> str:
    """Plain text: programs make its addresses links."""
    pages = [
        f"{words}:\n{page}"
        for words, page in ((_("The dashboard"), dashboard(told)), (_("How often this digest comes"), choices()))
        if page
    ]
    return "\n\n".join([subject(told), "\n".join(lines(told)), *pages]) + "\n"


def lines(told: Told) -> Iterator[str]:
    """Only conflicts that nothing excuses count as such; the others are counted apart."""
    counts, before = told.summary.now.counts, told.summary.before
    yield _("Calls: %(calls)d") % {"calls": told.calls}
    if before:
        facts = {"count": counts.blamed, "before": before.counts.blamed}
        yield _("Conflicts: %(count)d (the period before: %(before)d)") % facts
    else:
        yield _("Conflicts: %(count)d") % {"count": counts.blamed}
    if counts.blamed:
        yield _("Hung up at the colour: %(heeded)d, talked: %(proceeded)d") % {
            "heeded": counts.heeded,
            "proceeded": counts.proceeded,
        }
    if counts.excused or counts.pending:
        yield _("Excused: %(excused)d, still looked into: %(pending)d") % {
            "excused": counts.excused,
            "pending": counts.pending,
        }
    if counts.takeovers:
        yield _("Clients taken over: %(count)d") % {"count": counts.takeovers}
    if told.people:
        named = ", ".join(f"{line.name} – {line.counts.blamed}" for line in told.people)
        yield _("Most conflicts: %(people)s") % {"people": named}
    if told.synced_at:
        when = date_format(localtime(told.synced_at), "SHORT_DATETIME_FORMAT")
        yield _("CRM data as of %(when)s.") % {"when": when}


def days(told: Told) -> str:
    """One day, or from the first to the last."""
    first, last = (date_format(day, "SHORT_DATE_FORMAT") for day in (told.question.first, told.question.last))
    return first if first == last else f"{first} – {last}"


def dashboard(told: Told) -> str:
    return address("dashboard:overview", told.question.query())


def choices() -> str:
    return address("dashboard:notices")


def address(name: str, query: str = "") -> str:
    """Of one of our pages; "" while nobody has said where this server is (PUBLIC_URL)."""
    if not settings.PUBLIC_URL:
        return ""
    return f"{settings.PUBLIC_URL}{reverse(name)}" + (f"?{query}" if query else "")
