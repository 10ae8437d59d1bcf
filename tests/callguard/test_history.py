"""History: written with the change, never touched again, by nobody and on either database."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from callguard import history
from callguard.access.actors import Actor
from callguard.access.roles import Role
from callguard.models import About, AppendOnly, History, Origin

MARINA = Actor("Марина Кузнецова", Role.SUPERVISOR, 9)

pytestmark = pytest.mark.django_db


def noted(before: object = "A", after: object = "B") -> History | None:
    return history.note(
        About.STATUS, 12, before=before, after=after, by=MARINA, origin=Origin.ADMIN, at=timezone.now(), title="Ромашка"
    )


def test_a_change_is_one_line_with_who_from_what_to_what() -> None:
    noted()
    line = history.of(About.STATUS, 12).get()
    assert (line.before, line.after, line.actor_id, line.actor_name) == ("A", "B", 9, "Марина Кузнецова")


def test_what_did_not_change_leaves_no_line() -> None:
    assert noted("A", "A") is None
    assert not History.objects.exists()


def test_the_models_refuse_to_change_or_delete() -> None:
    line = noted()
    assert line
    for attempt in (line.save, line.delete, History.objects.all().delete, lambda: History.objects.update(after="C")):
        with pytest.raises(AppendOnly):
            attempt()


SAID = {
    "change": "UPDATE callguard_history SET origin = 'x'",
    "deletion": "DELETE FROM callguard_history",
    "sqlite: replacement": """INSERT OR REPLACE INTO callguard_history
        (id, at, about, object_id, title, actor_name, origin, ground)
        SELECT id, at, about, object_id, title, 'Иван', origin, ground FROM callguard_history""",
    "sqlite: replacement by a change": "UPDATE OR REPLACE callguard_history SET actor_name = 'Иван'",
    "postgresql: emptying": "TRUNCATE callguard_history",
    "postgresql: emptying with what hangs on it": "TRUNCATE callguard_history CASCADE",
    "postgresql: an insert that changes": """INSERT INTO callguard_history
        (id, at, about, object_id, title, actor_name, origin, ground)
        SELECT id, at, about, object_id, title, 'Иван', origin, ground FROM callguard_history
        ON CONFLICT (id) DO UPDATE SET actor_name = excluded.actor_name""",
}


@pytest.mark.parametrize("how", SAID)
def test_the_database_itself_refuses(how: str) -> None:
    vendor, known, _what = how.partition(": ")
    if known and connection.vendor != vendor:
        pytest.skip(f"a statement of {vendor} only")
    noted()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SAID[how])
    assert History.objects.get().actor_name == "Марина Кузнецова"


def test_several_lines_are_added_one_after_the_other() -> None:
    noted()
    history.add([line_of("B", "C"), line_of("C", "C"), line_of("C", "D")])
    assert [(line.before, line.after) for line in history.of(About.STATUS, 12)] == [("C", "D"), ("B", "C"), ("A", "B")]


def line_of(before: object, after: object) -> History:
    return history.line(About.STATUS, 12, before=before, after=after, by=MARINA, origin=Origin.ADMIN, at=timezone.now())
