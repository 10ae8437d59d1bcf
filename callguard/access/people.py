"""Whether one employee may still come in: asked at each request of an account, so it costs one row."""

from __future__ import annotations

from django.db.models import QuerySet

from callguard.access.actors import Actor
from callguard.access.managers import EMPLOYEE_TYPES, Person, Structure
from callguard.access.policies import may_sign_in
from callguard.access.roles import role_of
from callguard.models import Account
from crm_mirror.models import Employee, SyncCursor


def may_stay(account: Account) -> bool:
    """Whether the account's sessions go on. One query, none for superusers: they are nobody's employees here.

    An account without an employee may come in too: it finds nothing that it may do, and is told the cure.
    """
    if account.is_superuser or account.employee_id is None:
        return True
    person = person_of(account.employee_id)
    return person is not None and is_welcome(person)


def is_welcome(person: Person) -> bool:
    """The policy's answer for somebody of whom nothing but his own row is known: whom he heads does not matter here."""
    role = role_of(person.id, Structure({person.id: person}))
    return may_sign_in(Actor("", role, person.id))


def person_of(employee_id: int) -> Person | None:
    """None: the mirror does not know him, or he is gone from the portal. One query."""
    rows = Employee.objects.filter(portal_id=employee_id, deleted_at=None)
    row = rows.values_list("active", "user_type").first()
    return Person(employee_id, active=row[0], user_type=row[1]) if row else None


def at_work() -> QuerySet[Employee]:
    """Everybody who works here: no guests of the extranet, no bots, nobody who has left."""
    return Employee.objects.filter(active=True, deleted_at=None, user_type__in=EMPLOYEE_TYPES)


def people_synced() -> bool:
    """Whether the mirror has ever known everybody: until then nobody is refused for being unknown."""
    return SyncCursor.objects.filter(kind="employee", true_at__isnull=False).exists()
