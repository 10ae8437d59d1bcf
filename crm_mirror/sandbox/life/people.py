"""What an administrator of the portal does with employees and departments. Only a new employee makes an event."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from crm_mirror.sandbox.data import people
from crm_mirror.sandbox.data.words import MEN, SURNAMES, TEAMS

if TYPE_CHECKING:
    from crm_mirror.sandbox.portal import Portal

ADMINISTRATOR = 1


class Staff:
    """The people of a portal: who may act and be responsible, who comes and goes."""

    def __init__(self, portal: Portal, dice: Random) -> None:
        self._portal = portal
        self._store = portal.store
        self._dice = dice

    def somebody(self) -> int:
        """An employee who works here."""
        working = [int(user["ID"]) for user in self._store.users() if user["ACTIVE"] and not user["IS_HIDDEN"]]
        return self._dice.choice(working)

    def hire(self) -> None:
        name = f"{self._dice.choice(MEN)} {self._dice.choice(SURNAMES)}"
        user_id = max(int(user["ID"]) for user in self._store.users()) + self._dice.randint(1, 3)
        home = self._department()
        people.add_user(self._store, user_id, name, departments=[home])
        told = {"ID": user_id, "ACTIVE": "Y", "NAME": name, "UF_DEPARTMENT": [home]}
        self._portal.events.emit("ONUSERADD", told, ADMINISTRATOR)  # its payload has no FIELDS

    def dismiss(self) -> None:
        """Somebody leaves; never the administrator whose webhook it is."""
        if (leaver := self.somebody()) != ADMINISTRATOR:
            self._change(leaver, ACTIVE=False)

    def take_back(self) -> None:
        left = [int(user["ID"]) for user in self._store.users() if not user["ACTIVE"]]
        if left:
            self._change(self._dice.choice(left), ACTIVE=True)

    def move(self) -> None:
        """An employee goes to another department, or works in two."""
        homes = dict.fromkeys(self._department() for _ in range(self._dice.randint(1, 2)))
        self._change(self.somebody(), UF_DEPARTMENT=[*homes])

    def promote(self) -> None:
        """Somebody else heads a department, or nobody."""
        row = self._store.departments[self._department()]
        row.pop("UF_HEAD", None)
        if self._dice.random() < 0.8:
            row["UF_HEAD"] = str(self.somebody())

    def found_department(self) -> None:
        number = max(self._store.departments) + self._dice.randint(1, 3)
        name = f"Отдел {number} {self._dice.choice(TEAMS)}"
        people.add_department(self._store, number, name, parent=self._department(), head=self.somebody())

    def rename_department(self) -> None:
        row = self._store.departments[self._department()]
        row["NAME"] = f"{row['NAME'].partition(' №')[0]} №{self._dice.randint(1, 99)}"

    def close_department(self) -> None:
        """An empty one at the edge of the tree."""
        inhabited = {home for user in self._store.users() for home in user["UF_DEPARTMENT"]}
        parents = {int(row.get("PARENT", 0)) for row in self._store.departments.values()}
        edge = sorted(self._store.departments.keys() - inhabited - parents - {people.ROOT})
        if edge:
            del self._store.departments[self._dice.choice(edge)]

    def _department(self) -> int:
        return self._dice.choice(sorted(self._store.departments))

    def _change(self, user_id: int, **facts: object) -> None:
        user = self._store.user(user_id)
        assert user is not None  # noqa: S101 - chosen from the store
        user.update(facts)
