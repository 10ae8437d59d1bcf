"""A portal that lives: people at work, deed after deed, the same for the same seed."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

from crm_mirror.sandbox.life.clients import Clients
from crm_mirror.sandbox.life.people import Staff

if TYPE_CHECKING:
    from crm_mirror.sandbox.portal import Portal

# How often each is done, of all deeds together.
OF_CLIENTS = {
    "add": 20, "rename": 12, "reassign": 20, "change_status": 20, "change_stage": 12, "add_phone": 8, "change_phone": 8,
    "remove_phone": 4, "share_phone": 3, "link": 6, "unlink": 4, "relink": 4, "convert_lead": 4, "merge": 2,
    "delete": 4, "restore": 3, "rename_status": 0.3, "add_status": 0.2, "call_client": 12,
}  # fmt: skip
OF_STAFF = {
    "hire": 0.5, "dismiss": 0.4, "take_back": 0.2, "move": 1, "promote": 0.5, "found_department": 0.2,
    "rename_department": 0.3, "close_department": 0.1,
}  # fmt: skip


class Life:
    """`step()` does one deed. Entities in `spare` (IDs by kind) are left alone."""

    def __init__(self, portal: Portal, *, seed: int = 1, spare: dict[str, set[int]] | None = None) -> None:
        self.done: Counter[str] = Counter()
        self._dice = Random(seed)  # noqa: S311 - repeatable, not secret
        self.staff = Staff(portal, self._dice)
        self.clients = Clients(portal, self._dice, self.staff, spare or {})
        deeds: dict[str, Callable[[], object]] = {name: getattr(self.clients, name) for name in OF_CLIENTS}
        self._deeds = deeds | {name: getattr(self.staff, name) for name in OF_STAFF}
        self._weights = [*OF_CLIENTS.values(), *OF_STAFF.values()]

    def step(self) -> str:
        """Do something; returns what."""
        name = "add" if self.clients.are_few else self._dice.choices([*self._deeds], self._weights)[0]
        self._deeds[name]()
        self.done[name] += 1
        return name

    def go_on(self, per_second: float, stopped: threading.Event) -> None:
        """Until told to stop."""
        while not stopped.wait(1 / per_second):
            self.step()
