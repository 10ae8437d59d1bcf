"""Whatever people, the portal and our own processes do: who may not is put back or flagged, nothing is lost or loops.

40 histories with the other tests; `make histories` tries 1,000 (HISTORIES=…).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from tests.callguard.status.histories import PEOPLE, STATUSES, World, world

pytestmark = [
    pytest.mark.django_db,
    # PostgreSQL's driver notices what a process left behind when it died
    pytest.mark.filterwarnings("ignore:.*was deleted while still open:ResourceWarning"),
]
HISTORIES = int(os.environ.get("HISTORIES", "40"))
PARTS = 20
SHORTEST, LONGEST = 8, 20  # steps

Step = tuple[str, dict[str, Any]]
WAYS = ("told", "told", "told", "lost", "twice", "late")
ROUNDS = ("round", "round", "delta", "inbox", "outbox")
FAULTS = [  # name, method; each strikes once
    ("plan_ended", ""),
    ("deleted", ""),
    ("cut", "batch"),
    ("reset", "batch"),
    ("500", "batch"),
    ("error", "crm.company.update"),
    ("scope", "crm.company.update"),
    ("429", "crm.company.update"),
    ("error", "crm.company.list"),
    ("lose", "crm.company.list"),
    ("error", "department.get"),
    ("error", "im.notify.system.add"),
]


def edited(dice: Random) -> dict[str, Any]:
    """Mostly another status, now and then something else in the same card."""
    what = dice.choice([1, 1, 1, 2, 2, 2, "", "title", "ivan", "petr"])
    return {"place": dice.randrange(3), "who": dice.choice(PEOPLE), "what": what, "way": dice.choice(WAYS)}


def added(dice: Random) -> dict[str, Any]:
    status = dice.choice([None, STATUSES[1]])
    return {
        "responsible": dice.choice(["olga", "petr"]),
        "by": dice.choice(PEOPLE),
        "status": status,
        "way": dice.choice(WAYS),
    }


STEPS: dict[str, tuple[int, Callable[[Random], dict[str, Any]]]] = {  # verb of World: how often, and its arguments
    "edit": (9, edited),
    "look": (7, lambda dice: {"how": dice.choice(ROUNDS)}),
    "set_here": (
        3,
        lambda dice: {
            "place": dice.randrange(3),
            "who": dice.choice(["marina", "boris", "anna", "ivan"]),
            "by": dice.randint(1, 2),
        },
    ),
    "set_head": (
        1,
        lambda dice: {
            "department": dice.choice(["olga", "petr"]),
            "who": dice.choice(["marina", "boris", "ivan", None]),
        },
    ),
    "dismiss": (1, lambda dice: {"who": dice.choice(["marina", "boris", "ivan", "petr"])}),
    "add_company": (1, added),
    "die": (2, lambda dice: {"how": dice.choice(ROUNDS), "after": dice.randrange(150)}),
    "tell_late": (1, lambda dice: {}),
    "time_passes": (1, lambda dice: {}),
    "fails": (2, lambda dice: {"fault": dice.choice(FAULTS), "after": dice.randrange(4)}),
}


def story(dice: Random) -> list[Step]:
    """Drawn evenly: left to itself Hypothesis likes to repeat a step, and little happens."""
    names = dice.choices([*STEPS], [often for often, _ in STEPS.values()], k=dice.randint(SHORTEST, LONGEST))
    return [(name, STEPS[name][1](dice)) for name in names]


def do(there: World, name: str, drawn: dict) -> None:
    if name == "fails":
        fault, method = drawn["fault"]
        there.portal.fails_with(fault, method=method, times=1, after=drawn["after"])
    else:
        getattr(there, name)(**drawn)


@pytest.mark.parametrize("part", range(PARTS))  # side by side, where there are several workers
@settings(
    max_examples=max(1, HISTORIES // PARTS),
    deadline=None,
    print_blob=True,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a smaller number is no simpler story
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(number=st.integers(0, 2**32 - 1))
def test_every_history_ends_well(db, part, number):
    steps = story(Random(f"{part}:{number}"))
    note("\n".join(map(str, steps)))
    with world() as there:
        for name, drawn in steps:
            do(there, name, drawn)
        there.come_to_rest()
        there.check()
