"""One call of the story: judged by the real core and frozen as a real one, only that the look-up is remembered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random

from callguard.answer import Answer, Terms, judged
from callguard.calls import frozen
from callguard.models import Call, Direction, EndedBy
from callguard.story.clients import Clients
from callguard.verdict import Caller, Person, RuleSet
from crm_mirror.phones import Kind, Parsed


@dataclass(frozen=True, slots=True, order=True)
class Ring:
    """What is to happen. `talk` in seconds: 0 when nobody talked. `about`: what is to come of it."""

    at: datetime
    caller: int
    number: str
    direction: str = Direction.OUTGOING
    talk: int = 0
    about: str = ""


@dataclass(frozen=True, slots=True)
class StandIn:
    """From `known_at` on the program knows of it: a substitution that is entered late judges nobody before."""

    substitute: int
    substituted: int
    first: date
    last: date
    known_at: datetime


@dataclass(frozen=True, slots=True)
class Outage:
    """The mirror stood still: what rang until the end of it was judged by what was known at the beginning."""

    since: datetime
    until: datetime


class Exchange:
    """Turns rings into call records. `rules`: the sets that were in force, with the moment from which each was."""

    def __init__(
        self,
        book: Clients,
        terms: Terms,
        *,
        stand_ins: tuple[StandIn, ...],
        outages: tuple[Outage, ...],
        versions: list[tuple[datetime, RuleSet]],
        dice: Random,
    ) -> None:
        self.book, self.terms, self.dice = book, terms, dice
        self.stand_ins, self.outages, self.versions = stand_ins, outages, versions

    def records(self, rings: list[Ring]) -> Iterator[tuple[Ring, Call]]:
        """In the order of time, unsaved, each with its end."""
        for place, ring in enumerate(sorted(rings)):
            yield ring, self.record(ring, call_id=f"story.{ring.at:%y%m%d}.{place:06d}")

    def record(self, ring: Ring, *, call_id: str) -> Call:
        found = self.book.found(ring.number, at=ring.at, day=ring.at.date())
        rules = next(rules for since, rules in reversed(self.versions) if since <= ring.at)
        person = Person(ring.caller, self.book.names[ring.caller], active=True)
        found = replace(found, caller=person, synced_at=self._synced_at(ring.at), rules=rules)
        caller = Caller(ring.caller, self._substituted_by(ring.caller, ring.at))
        parsed = Parsed((ring.number,), Kind.NUMBER)
        verdict = judged(parsed, found, caller, self.terms)
        call = frozen(Answer(verdict, parsed, found, caller, ring.direction, self.terms, ring.at, "ru"), call_id)
        return self._ended(call, ring)

    def _ended(self, call: Call, ring: Ring) -> Call:
        waited = timedelta(seconds=self.dice.randint(3, 24))
        call.answered, call.duration, call.ended_by = ring.talk > 0, ring.talk, EndedBy.TELEPHONY
        call.ended_at = ring.at + waited + timedelta(seconds=ring.talk)
        return call

    def _synced_at(self, at: datetime) -> datetime:
        still = next((outage.since for outage in self.outages if outage.since <= at < outage.until), None)
        return still or at - timedelta(seconds=self.dice.randint(4, 75))

    def _substituted_by(self, caller: int, at: datetime) -> frozenset[int]:
        day = at.date()
        return frozenset(
            one.substituted
            for one in self.stand_ins
            if one.substitute == caller and one.first <= day <= one.last and one.known_at <= at
        )
