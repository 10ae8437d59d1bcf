"""What somebody is: administrator, supervisor, employee or nobody."""

from __future__ import annotations

import pytest

from callguard.access.managers import Department, Person, Structure
from callguard.access.roles import Role, role_of

PEOPLE = [
    Person(1, is_admin=True),
    Person(2, is_admin=None),
    Person(3, is_admin=False),
    Person(4, active=False, is_admin=True),
    Person(5, user_type="extranet"),
    Person(6, active=False),
    Person(7, is_admin=True),
]
HEADS = {10: 2, 20: 6, 30: 7}
COMPANY = Structure({one.id: one for one in PEOPLE}, {one: Department(one, None, head) for one, head in HEADS.items()})


@pytest.mark.parametrize(
    ("employee_id", "role"),
    [
        (1, Role.ADMINISTRATOR),
        (2, Role.SUPERVISOR),
        (3, Role.EMPLOYEE),
        (4, Role.NOBODY),
        (5, Role.NOBODY),
        (6, Role.NOBODY),
        (7, Role.ADMINISTRATOR),
        (404, Role.NOBODY),
        (None, Role.NOBODY),
    ],
)
def test_role(employee_id, role):
    assert role_of(employee_id, COMPANY) == role
