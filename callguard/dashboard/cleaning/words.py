"""What is to be cleaned up in the reader's words: what each kind is, why it matters, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from callguard.cleaning.queue import Task
from callguard.models import Flaw

TITLES: Mapping[Flaw, StrOrPromise] = {
    Flaw.SHARED: gettext_lazy("Numbers of several responsibles"),
    Flaw.APART: gettext_lazy("Contacts apart from their companies"),
    Flaw.LOOSE: gettext_lazy("Contacts without their company"),
    Flaw.KNOWN_LEAD: gettext_lazy("Leads of known clients"),
    Flaw.UNREADABLE: gettext_lazy("Unreadable phones"),
    Flaw.NO_STATUS: gettext_lazy("Companies without a status"),
}
ABOUT: Mapping[Flaw, StrOrPromise] = {
    Flaw.SHARED: gettext_lazy(
        "One number belongs to clients of different people: whoever calls, the card may warn of somebody else's client."
    ),
    Flaw.APART: gettext_lazy(
        "The contact's responsible calls, and the card warns him: what counts is the responsible of the company."
    ),
    Flaw.LOOSE: gettext_lazy(
        "A company has the contact's number, yet the contact is not linked to it: for the portal they are two clients."
    ),
    Flaw.KNOWN_LEAD: gettext_lazy(
        "Somebody works at a lead, and the number belongs to a client who is served already."
    ),
    Flaw.UNREADABLE: gettext_lazy("No number could be taken from it: calls to it are calls to an unknown number."),
    Flaw.NO_STATUS: gettext_lazy("Calls to a company without a status give no colour, whoever calls."),
}


def advice(task: Task) -> str:
    return ADVICE[Flaw(task.item.flaw)](task)


def _settle_shared(task: Task) -> str:
    if len({entity.kind for entity in task.entities}) == 1:
        return _("If they are one client, merge them; else leave the number with the one to whom it belongs.")
    return _("Give them one responsible, or leave the number with the one to whom it belongs.")


def _settle_apart(task: Task) -> str:
    contact, company = task.entities[0], task.entities[1]
    known = {"company": company.responsible, "contact": contact.responsible}
    return (
        _("Make the company's responsible (%(company)s) the contact's too, or hand the company to %(contact)s.") % known
    )


def _settle_loose(task: Task) -> str:
    known = [entity.title for entity in task.entities[1:] if entity.title]
    if len(known) == 1:
        return _("Link the contact to the company “%(title)s”, or take the number off one of them.") % {
            "title": known[0]
        }
    return _("Link the contact to the company to which it belongs, or take the number off one of them.")


def _settle_lead(task: Task) -> str:
    client = task.entities[1] if len(task.entities) > 1 else None
    if client and client.title:
        known = {"title": client.title, "who": client.responsible}
        return _("Convert the lead into a deal of “%(title)s” and hand it to %(who)s, or close it.") % known
    return _("Convert the lead into a deal of the client, or close it.")


def _settle_unreadable(task: Task) -> str:
    return _("Write the number in full, with its area code; other text belongs into another field.")


def _settle_status(task: Task) -> str:
    return _("Set its status.")


ADVICE: Mapping[Flaw, Callable[[Task], str]] = {
    Flaw.SHARED: _settle_shared,
    Flaw.APART: _settle_apart,
    Flaw.LOOSE: _settle_loose,
    Flaw.KNOWN_LEAD: _settle_lead,
    Flaw.UNREADABLE: _settle_unreadable,
    Flaw.NO_STATUS: _settle_status,
}


@dataclass(frozen=True)
class Tab:
    flaw: Flaw
    title: str
    count: str
    is_here: bool
