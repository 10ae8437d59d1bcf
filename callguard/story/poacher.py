"""Roman: every day a call or two of his go to other people's clients, colour or none, and some of them become his."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from callguard.story.cast import POACHER
from callguard.story.clients import Client, Handover
from callguard.story.everyday import Office
from callguard.story.ringing import Ring

HANGS_UP = 0.12
COURTING = (11, 7, 4, 1)  # days before the client changes hands
COURTED = "courted"
FAVOURITES = 4  # clients of each of those whom he robs


def poaching(office: Office) -> Iterator[Ring]:
    roman = office.cast.named(POACHER)
    taken = [one for one in office.book.handovers if one.taker == roman]
    for one in taken:
        yield from courting(office, one)
    victims = sorted({one.giver for one in taken})
    lost = {one.company_id for one in taken}
    for day in office.days.working():
        for _ in range(office.dice.choice((0, 1, 1, 1, 2))):
            at = office.at(day)
            client = favourite(office, office.dice.choice(victims), at, but=lost)
            if at < office.days.now and client:
                talk = 0 if office.dice.random() < HANGS_UP else office.talk() + 60
                yield Ring(at, roman, office.number(client), talk=talk)


def favourite(office: Office, victim: int, at: datetime, *, but: set[int]) -> Client | None:
    known = [one for one in office.painted(victim, at) if one.id not in but and one.kind == "company"]
    return office.dice.choice(known[:FAVOURITES]) if known else None


def courting(office: Office, one: Handover) -> Iterator[Ring]:
    """Long talks with the client, the last of them on the eve."""
    client = office.book.company(one.company_id)
    for days in COURTING:
        day = (one.at - timedelta(days=days)).date()
        at = office.at(day - timedelta(days=max(day.weekday() - 4, 0)))
        if office.days.first <= at.date() and at < one.at:
            yield Ring(at, one.taker, office.number(client), talk=office.talk() + 180, about=COURTED)
