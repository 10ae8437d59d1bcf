"""What can go wrong with a portal, switched on by name; deterministic by seed for requests that come one by one.

Grammar of `--faults SPEC` and of the control page: faults joined by commas, each

    NAME[=PROBABILITY][:AMOUNT][*TIMES][+AFTER][@METHOD]

    503=0.1               every tenth request is refused
    html=0.02,slow=0.5:300ms
    revoked+20            the token dies after twenty requests
    429*3@crm.company.list  three calls of one method, alone or in a batch

AMOUNT: `300ms`, `2s`, `5m` or a bare number of seconds (slow, stall, clock: may be negative), or a host for `renamed`.
A METHOD is matched with the request's method (`batch` for a batch), for command faults with each command's. The
authorization server is another machine than the portal: only faults named for `oauth/token` strike it.

Whole answers   503 overload 500 unexpected 502 504 413 html empty plan_ended deleted
Broken ones     bom warning half (of the JSON, as if it were all) cut (in the middle of the answer) reset slow
                stall (holds the answer back for AMOUNT, 90 s if none, then drops it)
Commands        429 (operating budget) duplicate lose (a row of a page) empty_page scope error (HTTP 500 of one method)
States          expired revoked dismissed not_admin own_rows clock (off by AMOUNT) renamed (to AMOUNT)
Events          event_lost event_twice event_late (by AMOUNT, 1 s if none, so that later ones overtake it); their
                METHOD is the event's name
"""

from __future__ import annotations

import random
import re
import threading
from dataclasses import asdict, dataclass
from typing import Any

WHOLE = frozenset(
    ["503", "overload", "500", "unexpected", "502", "504", "413", "html", "empty", "plan_ended", "deleted", "renamed"]
)
BROKEN = frozenset(["bom", "warning", "half", "cut", "reset", "stall", "slow"])
COMMANDS = frozenset(["429", "duplicate", "lose", "empty_page", "scope", "error"])
STATES = frozenset(["expired", "revoked", "dismissed", "not_admin", "own_rows", "clock"])
EVENTS = frozenset(["event_lost", "event_twice", "event_late"])
NAMES = WHOLE | BROKEN | COMMANDS | STATES | EVENTS

_SPEC = re.compile(
    r"(?P<name>\w+)(=(?P<probability>[\d.]+))?(:(?P<amount>[^*+@]+))?(\*(?P<times>\d+))?(\+(?P<after>\d+))?(@(?P<method>.+))?"
)
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "": 1.0}


@dataclass
class Fault:
    """One thing switched on. `times` counts what it spoiled, `after` what it let pass before."""

    name: str
    probability: float = 1.0
    amount: str = ""
    times: int | None = None
    after: int = 0
    method: str = ""
    seen: int = 0
    fired: int = 0

    def __post_init__(self) -> None:
        if self.name not in NAMES:
            raise ValueError(f"unknown fault {self.name!r}; known: {' '.join(sorted(NAMES))}")
        if not 0 <= self.probability <= 1:
            raise ValueError(f"probability of {self.name} must be between 0 and 1")
        if self.name != "renamed" and self.amount:
            seconds_in(self.amount)

    def seconds(self, default: float) -> float:
        return seconds_in(self.amount) if self.amount else default

    def strikes(self, method: str, dice: random.Random) -> bool:
        """Whether it spoils this request or command; counts it."""
        if self.method and self.method.lower() != method:
            return False
        self.seen += 1
        spent = self.times is not None and self.fired >= self.times
        if self.seen <= self.after or spent or (self.probability < 1 and dice.random() >= self.probability):
            return False
        self.fired += 1
        return True


class Faults:
    """The faults of a portal. Thread-safe."""

    def __init__(self, seed: int = 1) -> None:
        self._seed = seed
        self._dice = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self._event_dice = random.Random(seed)  # noqa: S311 - as above; apart, so that requests do not disturb it
        self._faults: list[Fault] = []
        self._present = threading.local()  # .struck: what strikes the request that this thread serves
        self._lock = threading.RLock()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def add_spec(self, spec: str) -> None:
        for fault in parse_spec(spec):
            self.add(fault)

    def heal(self, name: str = "") -> None:
        """Switch one fault off, or all of them; the dice start afresh with the latter."""
        with self._lock:
            self._faults = [fault for fault in self._faults if name and fault.name != name]
            if not name:
                self._dice = random.Random(self._seed)  # noqa: S311 - as above

    def request(self, method: str, *, only_named: bool = False) -> dict[str, Fault]:
        """Throw the dice for a request: what strikes it, by name. This thread is under these states until the next.

        `only_named`: just the faults of this very method, for servers that do not fall with the portal (oauth).
        """
        with self._lock:
            possible = [one for one in self._faults if one.name not in COMMANDS | EVENTS]
            possible = [one for one in possible if one.method or not only_named]
            struck = {one.name: one for one in possible if one.strikes(method, self._dice)}
        self._present.struck = struck
        return struck

    def command(self, name: str, method: str) -> bool:
        """Whether the fault strikes this command (a request of its own or a part of a batch)."""
        if not self._faults:
            return False
        with self._lock:
            struck = [fault for fault in self._faults if fault.name == name and fault.strikes(method, self._dice)]
        return bool(struck)

    def event(self, name: str) -> dict[str, Fault]:
        """What strikes this event on its way to one handler, by name."""
        with self._lock:
            possible = [one for one in self._faults if one.name in EVENTS]
            return {one.name: one for one in possible if one.strikes(name.lower(), self._event_dice)}

    def state(self, name: str) -> Fault | None:
        """The state if the request of this thread is under it; outside of requests nothing ever is."""
        struck: dict[str, Fault] = getattr(self._present, "struck", {})
        return struck.get(name)

    def choose(self, count: int) -> int:
        """A number below count, by the seed."""
        with self._lock:
            return self._dice.randrange(count)

    def as_list(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._faults]


def parse_spec(spec: str) -> list[Fault]:
    """Faults of a `--faults` text; ValueError says which piece is wrong."""
    return [_parse_one(piece.strip()) for piece in spec.split(",") if piece.strip()]


def seconds_in(text: str) -> float:
    match = re.fullmatch(r"(-?[\d.]+)(ms|s|m|h|)", text.strip())
    if not match:
        raise ValueError(f"no time in {text!r}; write 300ms, 2s, 5m or 1h")
    return float(match[1]) * _UNITS[match[2]]


def _parse_one(piece: str) -> Fault:
    match = _SPEC.fullmatch(piece)
    if not match:
        raise ValueError(f"cannot read the fault {piece!r}; the form is NAME[=P][:AMOUNT][*TIMES][+AFTER][@METHOD]")
    return Fault(
        match["name"],
        probability=float(match["probability"] or 1),
        amount=match["amount"] or "",
        times=int(match["times"]) if match["times"] else None,
        after=int(match["after"] or 0),
        method=match["method"] or "",
    )
