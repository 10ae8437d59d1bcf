"""The account of somebody for whom the portal vouches: found by the employee, or made for him."""

from __future__ import annotations

from itertools import count

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _

from callguard.access.administrators import learn
from callguard.access.people import is_welcome, people_synced, person_of
from callguard.models import Account
from crm_mirror.connection import Refused
from crm_mirror.models import Employee
from crm_mirror.visitors import Guest


def account_of(guest: Guest) -> Account:
    """Raises Refused, with the reason and what to do about it.

    Never a superuser's: those have passwords of their own, and the portal has no say in them.
    """
    learn(guest.portal_id, is_admin=guest.is_admin)
    refuse_who_may_not(guest.portal_id)
    ours = Account.objects.filter(employee_id=guest.portal_id, is_superuser=False).order_by("-is_active", "pk")
    account = ours.first() or new_account(guest)
    if not account.is_active:
        raise Refused(
            _("Your account here is switched off."), _("Ask an administrator of Call Guard to switch it on again.")
        )
    if not account.is_staff:  # the pages are the administration's; what he sees there the policies say
        Account.objects.filter(pk=account.pk).update(is_staff=True)
        account.is_staff = True
    return account


def refuse_who_may_not(employee_id: int) -> None:
    person = person_of(employee_id)
    if person and is_welcome(person):
        return
    if person is None and not people_synced():
        raise Refused(
            _("The people of the portal have not been read yet."),
            _("Sign in again when the first synchronisation is through."),
        )
    if person and person.active:
        raise Refused(
            _("Call Guard is for employees, and the portal lists you as a guest (extranet, e-mail user, bot)."),
            _("Ask the portal's administrator if that is a mistake."),
        )
    if person or Employee.objects.filter(portal_id=employee_id).exists():
        raise Refused(
            _("By the portal's word you do not work here any more."),
            _("Ask the portal's administrator if that is a mistake."),
        )
    raise Refused(
        _("The portal's list of employees does not have you."),
        _("If you are new here, sign in again in some minutes; else ask the portal's administrator."),
    )


def new_account(guest: Guest) -> Account:
    """An account without a password. A name that somebody else has already is left to him."""
    names = (f"bitrix{guest.portal_id}" + (f".{number}" if number else "") for number in count())
    for name in names:
        account, _is_new = Account.objects.get_or_create(
            username=name,
            defaults={
                "employee_id": guest.portal_id,
                "first_name": guest.first_name[:150],
                "last_name": guest.last_name[:150],
                "password": make_password(None),
                "is_staff": True,
            },
        )
        if account.employee_id == guest.portal_id and not account.is_superuser:
            break
    return account
