"""The people of the matrix, each seen from Olga's rows: her client, her call, her absence."""

from __future__ import annotations

from callguard.access.actors import NOBODY, Actor
from callguard.access.roles import Role
from tests.cast import BORIS, IVAN, MARINA, OLGA, PAVEL, Person

ANNA, ROOT = Person(12, "Анна Главная"), Person(13, "Рита Корнева")

# Role in the matrix → its actor, as the policies see him; a test holds them against `actor_of` of the accounts.
ACTORS: dict[str, Actor] = {
    "anonymous": NOBODY,
    "dismissed": NOBODY,
    "employee": Actor(OLGA.name, Role.EMPLOYEE, OLGA.id),
    "another employee": Actor(IVAN.name, Role.EMPLOYEE, IVAN.id),
    "supervisor": Actor(MARINA.name, Role.SUPERVISOR, MARINA.id, manages=frozenset({OLGA.id, IVAN.id})),
    "other supervisor": Actor(BORIS.name, Role.SUPERVISOR, BORIS.id, manages=frozenset({PAVEL.id})),
    "administrator": Actor(ANNA.name, Role.ADMINISTRATOR, ANNA.id),
    "superuser": Actor("root", Role.ADMINISTRATOR, ROOT.id),
}
PERSONS: dict[str, Person] = {
    "dismissed": PAVEL,
    "employee": OLGA,
    "another employee": IVAN,
    "supervisor": MARINA,
    "other supervisor": BORIS,
    "administrator": ANNA,
    "superuser": ROOT,
}
OUTSIDERS = ("anonymous", "dismissed", "another employee", "other supervisor")  # nothing of Olga's is for them
