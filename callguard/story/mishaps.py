"""What goes wrong without anybody's fault: an outage, a wrong version of the rules, transfers, a handing over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from callguard.models import Direction
from callguard.story.cast import HONEST
from callguard.story.everyday import Office
from callguard.story.ringing import Outage, Ring

OUTAGE, WRONG_RULES = 16, 36  # days ago
OFFICE_HOURS = range(8, 21)
FORWARDED = "forwarded"
ASKED_TO, SHARED_HOUSE, REJECTED = "disputed: asked to", "disputed: shared house", "disputed and rejected"


def outage(office: Office) -> Outage:
    """An afternoon without the portal: what the cards said rested on the morning's facts."""
    day = office.days.ago(OUTAGE)
    return Outage(office.days.at(day, 12, 55), office.days.at(day, 16, 20))


def mishaps(office: Office, still: Outage) -> Iterator[Ring]:
    yield from during(office, still)
    yield from handed_over_that_minute(office)
    yield from called_first(office)
    yield from forwarded(office)
    yield from under_wrong_rules(office)
    yield from of_late(office)
    yield from just_now(office)


def just_now(office: Office) -> Iterator[Ring]:
    """Not judged yet: what may excuse these can still come."""
    if office.days.now.hour in OFFICE_HOURS:
        for name, minutes in (("Антон Шубин", 9), ("Алина Журавлёва", 4)):
            at = office.days.now - timedelta(minutes=minutes)
            yield office.astray(office.cast.named(name), at)


def under_wrong_rules(office: Office) -> Iterator[Ring]:
    """For some hours those in waiting were painted too, though anybody may call them."""
    day = office.days.ago(WRONG_RULES)
    for seller in office.dice.sample(office.cast.sellers, 7):
        at = office.days.at(day, 11, 30) + timedelta(minutes=office.dice.randrange(250))
        victim = office.dice.choice([one.id for one in office.cast.sellers if one.id != seller.id])
        free = [one for one in office.book.of(victim, at=at, kind="company") if not one.painted]
        if free:
            yield Ring(at, seller.id, office.number(office.dice.choice(free)), talk=office.talk())


def during(office: Office, still: Outage) -> Iterator[Ring]:
    span = int((still.until - still.since - timedelta(minutes=30)).total_seconds())
    for seller in office.dice.sample(office.cast.sellers, 6):
        at = still.since + timedelta(minutes=25, seconds=office.dice.randrange(span))
        yield office.astray(seller.id, at)


def handed_over_that_minute(office: Office) -> Iterator[Ring]:
    """Who was given a client rang it while his head was still typing."""
    for one in office.book.handovers:
        if one.by != one.taker and office.days.first <= one.at.date():
            number = office.number(office.book.company(one.company_id))
            yield Ring(one.at - timedelta(minutes=2), one.taker, number, talk=office.talk())


def called_first(office: Office) -> Iterator[Ring]:
    """The client rang whoever was free; the call back is no poaching."""
    others = [one for one in office.cast.sellers if one.name != HONEST]
    for seller in office.dice.sample(others, 14):
        at = office.at(office.days.ago(office.dice.randint(1, 80)))
        client = office.somebodys(seller.id, at)
        if client and at < office.days.now:
            number = office.number(client)
            yield Ring(at, seller.id, number, Direction.INCOMING, 15)
            yield Ring(at + timedelta(minutes=office.dice.randint(1, 6)), seller.id, number, talk=office.talk())


def forwarded(office: Office) -> Iterator[Ring]:
    """The portal passed an incoming call on, and the card took it for one of ours."""
    for seller in office.dice.sample(office.cast.sellers, 5):
        yield from marked(office, seller.id, office.dice.randint(2, 25), FORWARDED)


def of_late(office: Office) -> Iterator[Ring]:
    """Two disputes that are open, one that was turned down."""
    for name, days, about in (
        ("Степан Ершов", 1, ASKED_TO),
        ("Оксана Яковлева", 2, SHARED_HOUSE),
        ("Роман Щукин", 18, REJECTED),
    ):
        yield from marked(office, office.cast.named(name), days, about)


def marked(office: Office, caller: int, days: int, about: str) -> Iterator[Ring]:
    at = office.at(office.days.ago(days))
    client = office.somebodys(caller, at)
    if client:
        yield Ring(at, caller, office.number(client), talk=office.talk() + 30, about=about)
