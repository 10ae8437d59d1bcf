"""What everybody does: own clients, leads, strangers, and now and then a colleague's client."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from random import Random

from callguard.models import Direction
from callguard.story.cast import Cast
from callguard.story.clients import Client, Clients
from callguard.story.days import Days
from callguard.story.ringing import Ring

CALLS_A_DAY = (2, 3, 4, 4, 5, 6, 7)
INCOMING = 0.16
STRANGERS = 0.08
TO_LEADS = 0.27
FREE = 0.06
OF_HIS_PEOPLE = 0.6  # a head who calls somebody's client: mostly one of his own people's


@dataclass
class Office:
    """Who works when with whom; everything is drawn from one source, in a fixed order."""

    cast: Cast
    book: Clients
    days: Days
    dice: Random

    def everyday(self, *, but: frozenset[int]) -> Iterator[Ring]:
        """The rings of all days. `but`: whose calls to colleagues' clients are told elsewhere."""
        for day in self.days.working():
            for seller in self.cast.sellers:
                for _ in range(self.dice.choice(CALLS_A_DAY)):
                    at = self.days.some_time(day, self.dice)
                    if at < self.days.now:
                        tempted = seller.id not in but and self.dice.random() < self.days.temptation(day)
                        yield self.astray(seller.id, at) if tempted else self.usual(seller.id, at)

    def usual(self, caller: int, at: datetime) -> Ring:
        """Own clients and leads, or a number nobody knows."""
        own = [one for one in self.book.of(caller, at=at) if not self.book.shares_numbers(one)]
        chance = self.dice.random()
        if chance < STRANGERS or not own:
            stranger = f"+79990000{self.dice.randrange(70):03d}"
            return Ring(at, caller, stranger, talk=self.talk() if self.dice.random() < 0.4 else 0)
        leads = [one for one in own if one.kind == "lead"]
        if self.dice.random() < FREE and (free := self.free(caller, at)):
            return Ring(at, caller, self.number(self.dice.choice(free)), talk=self.talk())
        client = self.dice.choice(leads if leads and self.dice.random() < TO_LEADS else own)
        if self.dice.random() < INCOMING:
            return Ring(at, caller, self.number(client), Direction.INCOMING, self.talk())
        return Ring(at, caller, self.number(client), talk=self.talk() if self.dice.random() < 0.66 else 0)

    def astray(self, caller: int, at: datetime) -> Ring:
        """To a colleague's client: hung up at once by who heeds the colour, and by chance by who sees none."""
        client = self.somebodys(caller, at)
        if client is None:
            return self.usual(caller, at)
        heeded = self.dice.random() < self.days.obedience(at.date())
        return Ring(at, caller, self.number(client), talk=0 if heeded else self.talk())

    def somebodys(self, caller: int, at: datetime) -> Client | None:
        """A painted client of somebody else's: of his own people for a head, of his own room else more often."""
        own_people = self.cast.people_of.get(caller, ())
        others = [one.id for one in self.cast.sellers if one.id != caller]
        near = own_people if own_people and self.dice.random() < OF_HIS_PEOPLE else others
        known = self.painted(self.dice.choice(near), at)
        return self.dice.choice(known) if known else None

    def free(self, caller: int, at: datetime) -> list[Client]:
        """Somebody else's companies in waiting: anybody may call them."""
        other = self.dice.choice([one.id for one in self.cast.sellers if one.id != caller])
        return [one for one in self.book.of(other, at=at, kind="company") if not one.painted]

    def painted(self, person: int, at: datetime) -> list[Client]:
        return [one for one in self.book.of(person, at=at) if one.painted]

    def number(self, client: Client) -> str:
        return self.dice.choice(client.numbers)

    def talk(self) -> int:
        """Seconds: most talk a minute or three, some a quarter of an hour."""
        return int(min(1500, 20 + self.dice.expovariate(1 / 150)))

    def at(self, day: date) -> datetime:
        return self.days.some_time(day, self.dice)
