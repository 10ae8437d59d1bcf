"""What befalls the product in a simulated week, by seed: when people act, when faults come and go, when who is killed.

Moments are seconds of the portal's clock. The same seed makes the same plan; what a kill interrupts is up to the
machine it runs on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

DEEDS_PER_HOUR = 30

# Faults of the portal (sandbox/faults.py), as often as they are named.
FAULTS = (
    *("503", "503=0.5", "500=0.4", "502=0.4", "504=0.2", "unexpected=0.4", "html=0.4", "empty=0.3", "413=0.2"),
    *("half=0.3", "cut=0.3", "reset=0.4", "stall=0.2:2s", "slow=0.5:300ms", "bom", "warning=0.5"),
    *("429=0.3@crm.company.list", "error=0.3@crm.contact.list", "error=0.5@crm.item.list", "scope@crm.lead.list"),
    *("duplicate=0.2", "lose=0.1", "empty_page=0.1", "error=0.3@crm.company.update"),
    *("not_admin", "own_rows", "not_admin=0.5", "own_rows=0.5", "dismissed", "revoked", "plan_ended", "deleted=0.5"),
    *("renamed=0.5:{moved}", "clock:900", "clock:-900", "expired"),
    *("event_lost=0.5", "event_lost", "event_twice=0.7", "event_late=0.5:2s"),
)
OUTAGES = ("database", "connections", "portal")  # the database away, its connections cut, the portal switched off
PARTS = ("web", "work", "work", "work", "work again", "work again", "rounds", "reconcile", "write", "write")


@dataclass(frozen=True, order=True)
class Moment:
    """`what`: deed, import, edit, jump, fault, heal, outage, over, kill, pass; `about`: which one."""

    at: float
    what: str
    about: str = ""


def plan(seed: int, *, hours: float, kills: int, speed: float) -> list[Moment]:
    """`speed`: seconds of the portal in one of ours; faults last seconds of ours."""
    dice = Random(seed)
    end = hours * 3600
    moments = [Moment(dice.uniform(0, end), "deed") for _ in range(int(hours * DEEDS_PER_HOUR))]
    moments += [Moment(dice.uniform(0, end), "kill", dice.choice(PARTS)) for _ in range(kills)]
    moments += [Moment(end * share, what) for share, what in ((0.15, "import"), (0.5, "edit"), (0.7, "import"))]
    moments += [Moment(hour * 3600, "pass") for hour in range(6, int(hours), 6)]
    moments += _jumps(dice, end)
    moments += _one_after_another(dice, end, speed, "fault", "heal", _dealt(dice, FAULTS), longest=3, pause=3)
    moments += _one_after_another(dice, end, speed, "outage", "over", _dealt(dice, OUTAGES), longest=2, pause=16)
    return sorted(moments)


def _jumps(dice: Random, end: float) -> Iterator[Moment]:
    """Somebody sets the portal's clock an hour ahead, and back."""
    at = dice.uniform(0.2, 0.6) * end
    yield Moment(at, "jump", "3600")
    yield Moment(at + 0.1 * end, "jump", "-3600")


def _one_after_another(
    dice: Random,
    end: float,
    speed: float,
    begins: str,
    ends: str,
    which: Iterator[str],
    *,
    longest: float,
    pause: float,
) -> Iterator[Moment]:
    """Each lasts up to `longest` seconds of ours, with up to `pause` before it; the last one is over at the end."""
    at = dice.uniform(0, pause) * speed
    while at < end:
        over = min(end, at + dice.uniform(0.5, longest) * speed)
        name = next(which)
        yield Moment(at, begins, name)
        yield Moment(over, ends, name)
        at = over + dice.uniform(0.5, pause) * speed


def _dealt(dice: Random, names: tuple[str, ...]) -> Iterator[str]:
    """All of them in some order, then all again."""
    while True:
        yield from dice.sample(names, len(names))
