"""The guard's ruling: every way out of it, then what holds for any edit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callguard.access.managers import Person
from callguard.status.guard import Edit, Ground, Mode, Ruling, ruling_on

MANAGER = Person(9, is_admin=False)
ADMINISTRATOR = Person(1, is_admin=True)
EMPLOYEE = Person(8, is_admin=False)
MAYBE = Person(7, is_admin=None)
LEFT = Person(6, active=False, is_admin=None)


def edit(author: Person | None = EMPLOYEE, **more: object) -> Edit:
    facts: dict = {"after": "B", "accepted": "A", "author": author, "managers": frozenset({9})} | more
    return Edit(**facts)


TABLE = [
    (edit(MANAGER), Mode.REVERT, False, Ruling.ACCEPT, Ground.MANAGER),
    (edit(ADMINISTRATOR), Mode.REVERT, False, Ruling.ACCEPT, Ground.ADMINISTRATOR),
    (edit(EMPLOYEE), Mode.REVERT, False, Ruling.REVERT, Ground.NOT_ALLOWED),
    (edit(EMPLOYEE), Mode.FLAG, False, Ruling.FLAG, Ground.FLAGS_ONLY),
    (edit(EMPLOYEE), Mode.OFF, False, Ruling.ACCEPT, Ground.GUARD_OFF),
    (edit(MAYBE), Mode.REVERT, False, Ruling.FLAG, Ground.MAY_BE_ADMINISTRATOR),
    (edit(MAYBE), Mode.REVERT, True, Ruling.REVERT, Ground.NOT_ALLOWED),
    (edit(MAYBE), Mode.FLAG, True, Ruling.FLAG, Ground.FLAGS_ONLY),
    (edit(MAYBE, managers=frozenset({7})), Mode.REVERT, False, Ruling.ACCEPT, Ground.MANAGER),
    (edit(LEFT), Mode.REVERT, True, Ruling.FLAG, Ground.LEFT_MEANWHILE),
    (edit(LEFT, managers=frozenset({6})), Mode.REVERT, True, Ruling.ACCEPT, Ground.MANAGER),
    (edit(None), Mode.REVERT, True, Ruling.FLAG, Ground.UNKNOWN_AUTHOR),
    (edit(None, is_echo=True), Mode.REVERT, False, Ruling.ACCEPT, Ground.OWN_WRITE),
    (edit(EMPLOYEE, is_echo=True), Mode.REVERT, False, Ruling.ACCEPT, Ground.OWN_WRITE),
    (edit(EMPLOYEE, after="A"), Mode.REVERT, False, Ruling.ACCEPT, Ground.UNCHANGED),
    (edit(EMPLOYEE, after=None), Mode.REVERT, False, Ruling.REVERT, Ground.NOT_ALLOWED),
    (edit(EMPLOYEE, after=None, accepted=None), Mode.REVERT, False, Ruling.ACCEPT, Ground.UNCHANGED),
    (edit(EMPLOYEE, is_new=True), Mode.REVERT, False, Ruling.ACCEPT, Ground.FIRST_STATUS),
]


@pytest.mark.parametrize(("made", "mode", "complete", "ruling", "ground"), TABLE, ids=[str(row[4]) for row in TABLE])
def test_ruling(made, mode, complete, ruling, ground):
    assert ruling_on(made, mode=mode, admins_complete=complete) == (ruling, ground)


EDITS = st.builds(
    Edit,
    after=st.sampled_from(["A", "B", None]),
    accepted=st.sampled_from(["A", "B", None]),
    author=st.sampled_from([MANAGER, ADMINISTRATOR, EMPLOYEE, MAYBE, LEFT, None]),
    managers=st.sets(st.integers(6, 9)).map(frozenset),
    is_echo=st.booleans(),
    is_new=st.booleans(),
)


@given(EDITS, st.sampled_from(Mode), st.booleans())
def test_only_who_is_known_to_be_not_allowed_is_reverted(made, mode, complete):
    ruling, _ = ruling_on(made, mode=mode, admins_complete=complete)
    if ruling == Ruling.REVERT:
        assert mode == Mode.REVERT
        assert made.author
        assert made.author.active
        assert not made.author.is_admin
        assert made.author.id not in made.managers
        assert made.author.is_admin is False or complete
        assert not made.is_echo


@given(EDITS, st.booleans())
def test_putting_back_what_was_accepted_is_never_put_back_again(made, complete):
    back = Edit(after=made.accepted, accepted=made.accepted, author=made.author, managers=made.managers)
    assert ruling_on(back, mode=Mode.REVERT, admins_complete=complete)[0] == Ruling.ACCEPT
