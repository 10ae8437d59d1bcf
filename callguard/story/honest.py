"""Vera: by the bare count of her red cards the second worst, and not one of them was her fault."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from callguard.models import Direction
from callguard.story.cast import HONEST, ON_LEAVE
from callguard.story.everyday import Office
from callguard.story.ringing import Ring, StandIn

LEAVE_BEGAN, LEAVE_ENDED, ENTERED_LATE = 27, 14, 4  # days ago, days ago, days after it began
DISPUTED = "disputed and accepted"


def leave(office: Office) -> StandIn:
    """Larisa is on leave, Vera stands in; somebody thinks of entering it on the fifth day."""
    first, last = office.days.ago(LEAVE_BEGAN), office.days.ago(LEAVE_ENDED)
    known = office.days.at(first + timedelta(days=ENTERED_LATE), 17, 10)
    return StandIn(office.cast.named(HONEST), office.cast.named(ON_LEAVE), first, last, known)


def wrongly_suspected(office: Office, absence: StandIn) -> Iterator[Ring]:
    yield from standing_in(office, absence)
    yield from calling_back(office)
    yield from own_client_behind_a_shared_number(office)
    yield from disputed(office)


def standing_in(office: Office, absence: StandIn) -> Iterator[Ring]:
    """Two or three of her clients a day; those of the first days were painted red."""
    for day in office.days.working():
        if absence.first <= day <= absence.last:
            for _ in range(3 if day < absence.known_at.date() else 2):
                at = office.at(day)
                known = [one for one in office.painted(absence.substituted, at) if one.kind == "company"]
                yield Ring(at, absence.substitute, office.number(office.dice.choice(known)), talk=office.talk() + 40)


def calling_back(office: Office) -> Iterator[Ring]:
    """A client rings, the line breaks, she dials the number again: somebody else's client, whom she did not seek."""
    vera = office.cast.named(HONEST)
    for days, victim in ((33, "Максим Дроздов"), (19, "Степан Ершов"), (9, "Максим Дроздов")):
        at = office.at(office.days.ago(days))
        client = office.painted(office.cast.named(victim), at)[0]
        number = office.number(client)
        yield Ring(at, vera, number, Direction.INCOMING, 22)
        yield Ring(at + timedelta(minutes=3), vera, number, talk=office.talk() + 30)


def own_client_behind_a_shared_number(office: Office) -> Iterator[Ring]:
    """Two companies, one switchboard: hers, and a colleague's whose status is the stricter."""
    vera = office.cast.named(HONEST)
    own = [one for one in office.book.by_person[vera] if one.kind == "company"]
    shared = sorted(number for one in own for number in one.numbers if number in office.book.shared)
    for days in (37, 30, 22, 11, 5):
        yield Ring(office.at(office.days.ago(days)), vera, office.dice.choice(shared), talk=office.talk() + 30)


def disputed(office: Office) -> Iterator[Ring]:
    """A director changed his firm and kept his mobile: the CRM knows him at Stepan's client, she by his new place."""
    client = office.painted(office.cast.named("Степан Ершов"), office.days.now)[1]
    at = office.at(office.days.ago(8))
    yield Ring(at, office.cast.named(HONEST), client.numbers[-1], talk=310, about=DISPUTED)
