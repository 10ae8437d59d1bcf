"""Who may sign in to the demonstration besides the administrator `demo`, each with the password `demo`."""

from __future__ import annotations

from callguard.models import Account
from callguard.story.cast import HEAD, HONEST
from crm_mirror.models import Employee

PASSWORD = "demo"  # noqa: S105 - it stands on the demonstration's screen
NAMES = {"marina": HEAD, "vera": HONEST}  # a supervisor, an employee


def open_accounts() -> None:
    for username, name in NAMES.items():
        person = Employee.objects.get(name=name)
        first, _, last = name.partition(" ")
        Account.objects.create_user(
            username, password=PASSWORD, is_staff=True, employee_id=person.portal_id, first_name=first, last_name=last
        )
