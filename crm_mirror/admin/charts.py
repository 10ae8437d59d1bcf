"""The sync page's charts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from crm_mirror.admin.drawing import Chart, Line, Value
from crm_mirror.freshness import Measured, lag_of
from crm_mirror.models import InboxEvent, RequestMinute
from crm_mirror.words import purpose_word

HOURS, MINUTES = 24, 60
MOST_EVENTS = 20_000  # of a day; a bigger flood is cut off at its older end


def lag_chart(day: Iterable[Measured], *, at: datetime) -> Chart:
    """Hour by hour; an hour without a change has no lag."""
    hours = _hours(at)
    seconds: defaultdict[datetime, list[float]] = defaultdict(list)
    for change in day:
        seconds[_hour(change.at)].append(change.lag_s)
    known = [lag_of(seconds.get(hour, ())) for hour in hours]
    return Chart(
        _("Lag of changes, 24 hours"),
        _("seconds"),
        _clock(hours),
        [
            Line(_("half of them came within"), [round(lag.p50, 1) if lag else None for lag in known]),
            Line(_("95 of 100 came within"), [round(lag.p95, 1) if lag else None for lag in known]),
        ],
        _("From the change in the portal to the mirror."),
        _("Nothing has changed in the portal within 24 hours, as far as we know."),
    )


def requests_chart(*, at: datetime) -> Chart:
    """Minute by minute, a line for each purpose that asked. One query."""
    now = at.replace(second=0, microsecond=0)
    minutes = [now - timedelta(minutes=ago) for ago in reversed(range(MINUTES))]
    asked = RequestMinute.objects.filter(portal=settings.PORTAL_ORIGIN, minute__gte=minutes[0])
    found = list(asked.order_by("minute", "purpose"))
    purposes = dict.fromkeys(one.purpose for one in found)
    lines = [Line(str(purpose_word(purpose)), _sent(found, purpose, minutes)) for purpose in purposes]
    refused = [sum(one.refused for one in found if one.minute == minute) or None for minute in minutes]
    return Chart(
        _("Requests a minute, one hour"),
        _("requests"),
        _clock(minutes),
        [*lines, Line(_("refused as too many"), refused)],
        _("By what they were for. Refused ones count against us, so there should be none."),
        _("Nothing was asked of the portal within the last hour."),
    )


def _sent(found: Sequence[RequestMinute], purpose: str, minutes: Sequence[datetime]) -> list[Value]:
    """None where nothing was: marks along the zero line would hide one another."""
    sent = {one.minute: one.sent for one in found if one.purpose == purpose}
    return [sent.get(minute) or None for minute in minutes]


def inbox_chart(*, at: datetime) -> Chart:
    """The most that waited at one moment of each hour. One query."""
    hours = _hours(at)
    newest = InboxEvent.objects.exclude(state=InboxEvent.State.FAILED).order_by("-id")
    stays = newest.values_list("received_at", "done_at", "state")[:MOST_EVENTS]
    waiting = [(came, went) for came, went, state in stays if went or state == InboxEvent.State.WAITING]
    return Chart(
        _("Events waiting, 24 hours"),
        _("events"),
        _clock(hours),
        [Line(_("most at one moment"), most_at_once(waiting, hours))],
        _("Events of the portal that had come and were not worked off yet."),
        _("No events within 24 hours. Set them up with: manage.py provision_portal"),
    )


def most_at_once(stays: Iterable[tuple[datetime, datetime | None]], hours: Sequence[datetime]) -> list[int]:
    """Of stays (came, went or None) the most at one moment within each hour. Who goes at a moment makes room first."""
    steps = sorted(step for came, went in stays for step in ((came, 1), *(((went, -1),) if went else ())))
    most, there, position = [], 0, 0
    for hour in hours:
        while position < len(steps) and steps[position][0] < hour:
            there, position = there + steps[position][1], position + 1
        peak = there
        while position < len(steps) and steps[position][0] < hour + timedelta(hours=1):
            there, position = there + steps[position][1], position + 1
            peak = max(peak, there)
        most.append(peak)
    return most


def _hours(at: datetime) -> list[datetime]:
    return [_hour(at) - timedelta(hours=ago) for ago in reversed(range(HOURS))]


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _clock(moments: Iterable[datetime]) -> list[str]:
    return [f"{localtime(one):%H:%M}" for one in moments]
