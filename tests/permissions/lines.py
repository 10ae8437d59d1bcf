"""A line of the matrix: who may do something by our policies, the addresses it is about, and how it is tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from callguard.access.actors import Actor
from tests.permissions.roles import ACTORS
from tests.permissions.tries import Try

Policy = Callable[[Actor], bool]


@dataclass(frozen=True)
class Line:
    """`covers`: names of addresses, e.g. admin:callguard_call_change; of one without a name its pattern."""

    resource: str
    action: str
    covers: tuple[str, ...]
    may: Policy
    tries: tuple[Try, ...]

    @property
    def cells(self) -> dict[str, bool]:
        """By role, what the policies say."""
        return {role: self.may(actor) for role, actor in ACTORS.items()}

    def __str__(self) -> str:
        return f"{self.resource}: {self.action}"
