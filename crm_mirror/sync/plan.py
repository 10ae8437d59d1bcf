"""Which pages the next request asks for. Pure.

A request carries 50 commands whatever they are, so pages of all kinds are packed together, in order, as many of each
as it still needs by the number of rows the portal announced. What a chain brings decides what is asked next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crm_mirror.portal.errors import PortalError
from crm_mirror.portal.paging import PAGE, Harvest
from crm_mirror.sync.cursors import Position
from crm_mirror.sync.kinds import Kind

MOST_STUMBLES = 6  # requests in a row that brought nothing of a kind which announced more


@dataclass
class Pass:
    """The reading of one kind. `position` is what is written, `last_id` and `seen` what is read: a request ahead."""

    kind: Kind
    position: Position
    last_id: int = 0
    seen: int = 0
    expected: int | None = None
    highest: int = 0
    stumbles: int = 0
    unannounced: int = 0
    is_over: bool = False
    error: PortalError | None = None

    def __post_init__(self) -> None:
        self.last_id, self.seen = self.position.last_id, self.position.seen

    def announced(self, expected: int, highest: int) -> None:
        self.expected, self.highest = expected, highest

    def not_announced(self, error: PortalError) -> None:
        """The portal did not say how many rows there are. Without that the pass has no end, so not for ever."""
        self.unannounced += 1
        if not error.retryable or self.unannounced >= MOST_STUMBLES:
            self.stopped(error)

    @property
    def method(self) -> str:
        """In lower case, as the allowance keeps its pauses."""
        return self.kind.listing.method.lower()

    def pages_left(self) -> int:
        return max(1, -(-((self.expected or 0) - self.seen) // PAGE))

    def took(self, harvest: Harvest) -> None:
        """Note what a chain brought. Over when the highest ID announced is behind us, or silence lasts."""
        progressed = harvest.last_id > self.last_id
        self.last_id, self.seen = harvest.last_id, self.seen + harvest.counted
        self.stumbles = 0 if progressed else self.stumbles + 1
        if harvest.error and (not harvest.error.retryable or self.stumbles >= MOST_STUMBLES):
            self.stopped(harvest.error)
        elif self.expected is not None:
            silent = not harvest.error and self.stumbles >= MOST_STUMBLES // 2
            self.is_over = self.last_id >= self.highest or silent

    @property
    def fell_short(self) -> bool:
        """Whether fewer rows were written than the portal announced when the reading began."""
        return self.is_over and not self.error and self.position.seen < (self.expected or 0)

    def stopped(self, error: PortalError) -> None:
        self.is_over, self.error = True, error


def pages_for(passes: Iterable[Pass], room: int, paused: Mapping[str, float]) -> list[tuple[Pass, int]]:
    """How many pages of which kind the next request takes. `paused`: methods in lower case → seconds.

    A method whose budget is spent waits while others go on; when all are, whichever is back first is waited for.
    """
    waiting = sorted((one for one in passes if not one.is_over), key=lambda one: paused.get(one.method, 0.0))
    ready = [one for one in waiting if one.method not in paused] or waiting[:1]
    shares: dict[str, int] = {}
    for one in ready:
        pages = min(1 if one.expected is None else one.pages_left(), room)
        shares[one.kind.name] = pages
        room -= pages
    guess = next((one for one in ready if one.expected is None and not one.kind.is_small), None)
    if guess:  # nothing is known yet: fill the request with the first big kind
        shares[guess.kind.name] += room
    return [(one, shares[one.kind.name]) for one in ready if shares[one.kind.name]]
