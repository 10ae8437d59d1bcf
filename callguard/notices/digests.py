"""Digests: what supervisors hear of a day or a week, planned once a day and told of what is true when they go out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.timezone import localtime

from callguard.access.actors import Actor, NamedStructure, employee_actor, structure
from callguard.access.managers import heads_something
from callguard.access.policies import may_choose_digest
from callguard.models import Account, DigestChoice, Notice, NoticeSettings, Rhythm
from callguard.notices import digest_words as words
from callguard.notices import letters
from callguard.notices.choices import ONE, chosen_by
from callguard.reports import figures
from callguard.reports.question import Question
from callguard.status.notices import notification_to
from crm_mirror import freshness, outbox

DAY, WEEK = timedelta(days=1), timedelta(days=7)
BEHIND = 3  # days after which a missed weekly digest is not caught up
AT_ONCE = 20
State = Notice.State


@dataclass(frozen=True, slots=True)
class Stretch:
    """The days that a digest is about, both included."""

    first: date
    last: date

    def key(self, employee_id: int) -> str:
        return f"digest:{self.first}:{self.last}:{employee_id}"


def plan(chosen: NoticeSettings, *, at: datetime) -> int:
    """Once a day, from the hour of digests on: put in line who gets one; returns how many. No query at other times."""
    now = localtime(at)
    today, before = now.date(), chosen.planned_on
    if now.time() < chosen.digest_at or (before and before >= today):
        return 0
    stretches = dict(due(today, since=before, weekday=chosen.digest_weekday))
    with transaction.atomic():
        if not NoticeSettings.objects.filter(pk=ONE, planned_on=before).update(planned_on=today):
            return 0  # another process plans this day
        notices = [
            Notice(
                key=stretches[rhythm].key(employee_id),
                kind=Notice.Kind.DIGEST,
                employee_id=employee_id,
                first_day=stretches[rhythm].first,
                last_day=stretches[rhythm].last,
                noted_at=at,
            )
            for employee_id, rhythm in readers(chosen, structure()).items()
            if rhythm in stretches
        ]
        Notice.objects.bulk_create(notices, ignore_conflicts=True)
    return len(notices)


def due(today: date, *, since: date | None, weekday: int) -> Iterator[tuple[str, Stretch]]:
    """By rhythm the days that are told of today. `since`: when digests were last planned; what was missed is caught up
    for a few days, a weekly one alone: yesterday is over soon enough.
    """
    yield str(Rhythm.DAILY), Stretch(today - DAY, today - DAY)
    first = max(since + DAY, today - BEHIND * DAY) if since else today
    passed = [first + DAY * number for number in range((today - first).days + 1)]
    for day in passed:
        if day.weekday() == weekday:
            yield str(Rhythm.WEEKLY), Stretch(day - WEEK, day - DAY)


def readers(chosen: NoticeSettings, company: NamedStructure) -> dict[int, str]:
    """Rhythm by person: supervisors, and administrators who have asked for digests. One query."""
    choices = dict(DigestChoice.objects.values_list("employee_id", "rhythm"))
    heads = [one.id for one in company.people.values() if heads_something(one.id, company)]
    asked = [one for one in choices if one in company.administrators]
    rhythms = {one: choices.get(one, chosen.rhythm) for one in (*heads, *asked)}
    return {one: rhythm for one, rhythm in rhythms.items() if rhythm != Rhythm.NEVER}


# --- Telling ----------------------------------------------------------------------------------------------------------
def tell_waiting(chosen: NoticeSettings, *, at: datetime) -> int:
    """Send what is planned; returns how many digests. One query when nothing is. The rest comes with the next round."""
    waiting = Notice.objects.filter(kind=Notice.Kind.DIGEST, state=State.WAITING).order_by("id")
    keys = list(waiting.values_list("pk", flat=True)[:AT_ONCE])
    return sum(tell_one(pk, chosen, at=at) for pk in keys)


@transaction.atomic
def tell_one(pk: int, chosen: NoticeSettings, *, at: datetime) -> bool:
    """False: there is nothing to tell, nobody to be told, or another process tells it."""
    row = Notice.objects.select_for_update().filter(pk=pk, state=State.WAITING).first()
    if row is None:
        return False
    actor = employee_actor(row.employee_id)
    row.state, row.settled_at = State.NOBODY, at
    if may_choose_digest(actor):
        with translation.override(settings.LANGUAGE_CODE):  # nobody's request: the language of the installation
            _send(row, actor, chosen, at=at)
    row.save(update_fields=["state", "settled_at", "sent"])
    return row.state == State.TOLD


def _send(row: Notice, actor: Actor, chosen: NoticeSettings, *, at: datetime) -> None:
    """Its message, its letter, and what became of the row."""
    told = told_of(row, actor, at=at)
    if not told.question.is_complete:  # calls are still being counted: the next round tells the truth
        row.state, row.settled_at = State.WAITING, None
        return
    row.state = State.EMPTY
    if not told.calls:
        return
    choice = chosen_by(row.employee_id, chosen)
    if choice.by_portal:
        row.sent = notification_to(row.employee_id, words.message(told), tag=f"CALLGUARD|{row.key}", at=at)
        outbox.enqueue_all([row.sent])
    address = address_of(row.employee_id) if choice.by_email and letters.can_be_sent() else ""
    if address:
        letters.write(row.key, address, words.subject(told), words.letter(told), employee_id=row.employee_id, at=at)
    row.state = State.TOLD if row.sent or address else State.NOBODY


def told_of(row: Notice, actor: Actor, *, at: datetime) -> words.Told:
    """The figures as the dashboard shows them to the same person; the link leads to the same question."""
    asked = {"from": str(row.first_day), "to": str(row.last_day)}
    question = Question.asked(asked, actor, at)
    summary = figures.summary(question)
    people = [line for line in figures.people(question) if line.counts.blamed]
    return words.Told(question, summary, tuple(people[: words.NAMED]), freshness.synced_at())


def address_of(employee_id: int) -> str:
    """Where his letters go: the e-mail of his account here; "" for who has none. One query."""
    accounts = Account.objects.filter(employee_id=employee_id, is_active=True).exclude(email="")
    return accounts.order_by("pk").values_list("email", flat=True).first() or ""
