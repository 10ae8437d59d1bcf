"""Who is an administrator of the portal: no method lists them, so each is learned when he shows himself.

By the connection's own user (sync), a signed card token, a placement or a sign-in, the setting, or our own list. Until
the list is known to be whole, unknown is not "no" (status-and-roles.md).
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db.models import Q

from callguard.models import Account, AdministratorList
from crm_mirror.models import Employee


def list_is_complete() -> bool:
    """Whether who is not on the list is surely none: the setting names them, or an administrator has confirmed it."""
    return bool(settings.BITRIX_ADMIN_IDS) or AdministratorList.objects.exists()


def confirm(*, by: Account, at: datetime) -> None:
    """The list as it stands is whole."""
    AdministratorList.objects.update_or_create(pk=1, defaults={"confirmed_at": at, "confirmed_by": by})


def learn(employee_id: int, *, is_admin: bool | None) -> bool:
    """Remember what the portal said of this person; True when that is new (callguard.role_history looks then).

    None: it said nothing.
    """
    if is_admin is None:
        return False
    known = Q(is_portal_admin=is_admin)  # SQL would leave out who is unknown with .exclude()
    people = Employee.objects.filter(~known | Q(is_portal_admin=None), portal_id=employee_id)
    return people.update(is_portal_admin=is_admin) > 0


def withdraw() -> None:
    """Somebody may be missing from the list after all."""
    AdministratorList.objects.all().delete()
