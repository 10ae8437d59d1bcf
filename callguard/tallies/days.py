"""Days and hours of figures: those of settings.TIME_ZONE, whatever zone the database or a request thinks in."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

DAY = timedelta(days=1)


def zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def day_of(moment: datetime) -> date:
    return moment.astimezone(zone()).date()


def beginning(day: date) -> datetime:
    """Its first moment. Where the clocks skip midnight, that of the skip; where midnight comes twice, the first."""
    return datetime.combine(day, time.min, tzinfo=zone())


def rung_within(first: date, last: date) -> Q:
    """Calls of these days, both included."""
    return Q(rung_at__gte=beginning(first), rung_at__lt=beginning(last + DAY))


def monday_of(day: date) -> date:
    return day - day.weekday() * DAY
