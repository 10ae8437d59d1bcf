"""The days of the story: four weeks of a quiet start, then two months and a little in colour, until today. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from math import exp
from random import Random

QUIET = timedelta(weeks=4)
IN_COLOUR = timedelta(weeks=8, days=4)
WEEKEND = 5  # Saturday, as date.weekday() counts


@dataclass(frozen=True)
class Days:
    """`now` in the zone of the story: nothing happens after it."""

    now: datetime

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def zone(self) -> tzinfo | None:
        return self.now.tzinfo

    @property
    def colours(self) -> date:
        """The Monday on which cards begin to be painted."""
        return colours_day(self.today)

    @property
    def first(self) -> date:
        return self.colours - QUIET

    def working(self) -> Iterator[date]:
        """Every working day of the story, today included."""
        day = self.first
        while day <= self.today:
            if self.is_working(day):
                yield day
            day += timedelta(days=1)

    @staticmethod
    def is_working(day: date) -> bool:
        return day.weekday() < WEEKEND

    def ago(self, days: int) -> date:
        """The last working day that is at least so many days back."""
        day = self.today - timedelta(days=days)
        return day - timedelta(days=max(day.weekday() - WEEKEND + 1, 0))

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        return datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.zone)

    def some_time(self, day: date, dice: Random) -> datetime:
        """In office hours, to the second; few call at lunch."""
        minute = dice.choice((*range(240), *range(290, 540)))
        return self.at(day, 9) + timedelta(minutes=minute, seconds=dice.randrange(60))

    def shown(self, day: date) -> bool:
        return day >= self.colours

    def temptation(self, day: date) -> float:
        """How often a call goes to a colleague's client: one in eight at first, and ever fewer once it is seen."""
        if not self.shown(day):
            return 0.13
        weeks = (day - self.colours).days / 7
        return 0.010 + 0.085 * exp(-weeks / 2.0)

    def obedience(self, day: date) -> float:
        """How often somebody hangs up who has called a colleague's client; without a colour, only by chance."""
        if not self.shown(day):
            return 0.2
        return min(0.9, 0.5 + 0.055 * (day - self.colours).days / 7)


def colours_day(today: date) -> date:
    day = today - IN_COLOUR
    return day - timedelta(days=day.weekday())
