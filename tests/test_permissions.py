"""Who may what: policies, docs/permissions.md and what HTTP really does say the same, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.urls import reverse

from callguard.access.actors import actor_of
from tests.permissions import world as worlds
from tests.permissions.document import PATH, addresses, lines, written
from tests.permissions.lines import Line
from tests.permissions.roles import ACTORS

pytestmark = pytest.mark.django_db
LINES = lines()


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[worlds.World]:
    """One for the module: its rows are made once and gone after it; no try leaves a trace."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield worlds.made()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def nobody_has_asked_yet() -> Iterator[None]:
    """The throttle's counts live in the cache, which no rollback reaches."""
    cache.clear()
    yield
    cache.clear()


@pytest.mark.parametrize("line", LINES, ids=str)
def test_http_does_what_the_policies_say(world: worlds.World, line: Line) -> None:
    found = {role: [attempt(world.visitor(role)) for attempt in line.tries] for role in ACTORS}
    assert found == {role: [may] * len(line.tries) for role, may in line.cells.items()}
    assert line.tries


def test_the_page_in_the_docs_says_what_the_policies_say() -> None:
    assert PATH.read_text(encoding="utf-8") == written(LINES), "run: python -m tests.permissions"


def test_every_address_has_a_line() -> None:
    assert {name for line in LINES for name in line.covers} == set(addresses())


@pytest.mark.parametrize("role", ACTORS)
def test_the_actors_of_the_matrix_are_those_of_the_accounts(world: worlds.World, role: str) -> None:
    actor, said = actor_of(world.accounts.get(role)), ACTORS[role]
    assert (actor.role, actor.employee_id, actor.manages) == (said.role, said.employee_id, said.manages)


@pytest.mark.parametrize("role", [role for role in ACTORS if role not in ("anonymous", "dismissed")])
def test_the_sidebar_and_the_first_page_lead_only_to_what_opens(world: worlds.World, role: str) -> None:
    first = world.visitor(role).get(reverse("admin:index"))
    shown = {item["link"] for group in first.context["sidebar_navigation"] for item in group["items"]}
    rows = [first.context[name] for name in ("health_tiles", "call_tiles", "mirror_tiles")]
    for link in shown | {tile.link for tiles in rows for tile in tiles if tile.link}:
        assert world.visitor(role).get(link).status_code == 200, link
    opened = {line.covers[0] for line in LINES if line.action == "open the list" and line.cells[role]}
    hidden = {
        "admin:django_celery_beat_intervalschedule_changelist",
        "admin:django_celery_beat_crontabschedule_changelist",
        "admin:callguard_dispute_changelist",  # the dashboard's list leads to it
    }
    assert {reverse(name) for name in opened - hidden} <= shown
