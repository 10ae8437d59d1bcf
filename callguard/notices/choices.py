"""What administrators and supervisors chose: who is told of what, when, how often and by which way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from callguard import history
from callguard.access.actors import Actor
from callguard.models import About, DigestChoice, NoticeSettings, Origin, Rhythm, Weekday
from callguard.notices.quiet import Quiet

ONE = 1  # the settings' only row
SWITCHES = (
    *("tells_responsible", "quiet_from", "quiet_until", "quiet_weekends"),
    *("digest_at", "digest_weekday", "rhythm"),
)
CHOICE = ("rhythm", "by_portal", "by_email")


def in_force(*, at: datetime) -> NoticeSettings:
    """The settings; made the first time, so that nothing of before is told. One query."""
    return NoticeSettings.objects.filter(pk=ONE).first() or _made(at)


def _made(at: datetime) -> NoticeSettings:
    return NoticeSettings.objects.get_or_create(pk=ONE, defaults={"tells_since": at})[0]


def quiet_of(chosen: NoticeSettings) -> Quiet:
    return Quiet(chosen.quiet_from, chosen.quiet_until, chosen.quiet_weekends)


@transaction.atomic
def set_switches(wanted: Mapping[str, Any], *, by: Actor, at: datetime) -> NoticeSettings:
    """`wanted`: some of SWITCHES. Who turns on that responsibles are told begins with the conflicts from now on."""
    in_force(at=at)
    row = NoticeSettings.objects.select_for_update().get(pk=ONE)
    before = facts_of(row, SWITCHES)
    for name, value in wanted.items():
        setattr(row, name, value)
    if row.tells_responsible and not before["tells_responsible"]:
        row.tells_since = at
    row.save()
    _note("settings", before, facts_of(row, SWITCHES), by=by, at=at, title=str(row))
    return row


@transaction.atomic
def choose(employee_id: int, wanted: Mapping[str, Any], *, by: Actor, at: datetime) -> DigestChoice:
    """Somebody's own choice. `wanted`: CHOICE."""
    row = DigestChoice.objects.select_for_update().filter(employee_id=employee_id).first()
    before = facts_of(row, CHOICE) if row else None
    row = row or DigestChoice(employee_id=employee_id)
    for name, value in wanted.items():
        setattr(row, name, value)
    row.save()
    _note(str(employee_id), before, facts_of(row, CHOICE), by=by, at=at, title=by.name)
    return row


def chosen_by(employee_id: int, chosen: NoticeSettings) -> DigestChoice:
    """His choice; what the settings say while he has made none. One query."""
    row = DigestChoice.objects.filter(employee_id=employee_id).first()
    return row or DigestChoice(employee_id=employee_id, rhythm=chosen.rhythm)


def facts_of(row: NoticeSettings | DigestChoice, names: tuple[str, ...]) -> dict[str, Any]:
    """JSON-ready; times as HH:MM."""
    facts = {name: getattr(row, name) for name in names}
    return {name: f"{value:%H:%M}" if hasattr(value, "hour") else value for name, value in facts.items()}


def name_of(field: str) -> str:
    """What a field of SWITCHES or CHOICE is called, for histories."""
    model = NoticeSettings if field in SWITCHES else DigestChoice
    return str(model._meta.get_field(field).verbose_name) if field in (*SWITCHES, *CHOICE) else field  # type: ignore[union-attr]  # plain columns


def value_words(field: str, value: object) -> str | None:
    """A value that is a choice, in words; None of others."""
    if field == "rhythm" and value in Rhythm.values:
        return str(Rhythm(str(value)).label)
    if field == "digest_weekday" and isinstance(value, int):
        return str(Weekday(value).label)
    return None


def _note(object_id: str, before: Any, after: Any, *, by: Actor, at: datetime, title: str = "") -> None:
    history.note(
        About.NOTICES, object_id, before=before, after=after, by=by, origin=Origin.ADMIN, at=at, title=title[:512]
    )
