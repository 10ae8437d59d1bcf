"""Codes of the mirror in a word or two, and errors in the reader's language, for pages and alerts.

A code without a word is shown as it is.
"""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from crm_mirror.connection import Refused, WrongSettings
from crm_mirror.portal.errors import PortalError
from crm_mirror.portal.limits import Purpose
from crm_mirror.sync.kinds import LINK, STATUS
from crm_mirror.sync.look import Source
from crm_mirror.sync.work import Work

KINDS: dict[str, StrOrPromise] = {
    STATUS: _("statuses"),
    "employee": _("employees"),
    "department": _("departments"),
    "company": _("companies"),
    "contact": _("contacts"),
    LINK: _("links of contacts"),
    "lead": _("leads"),
    "deal": _("deals"),
    "call": _("calls"),
}
WORKS: dict[str, StrOrPromise] = {
    Work.FULL: _("full sync"),
    Work.DELTA: _("reading what changed"),
    Work.INBOX: _("events"),
    Work.OUTBOX: _("calls to the portal"),
    Work.RECONCILE: _("comparison with the portal"),
}
SOURCES: dict[str, StrOrPromise] = {
    Source.FULL: _("a full sync"),
    Source.DELTA: _("asking what changed"),
    Source.EVENT: _("an event"),
    Source.RECONCILE: _("a comparison"),
}
PURPOSES: dict[str, StrOrPromise] = {
    Purpose.ASK: _("asked by a person"),
    Purpose.WRITE: _("writes"),
    Purpose.EVENT: _("events"),
    Purpose.DELTA: _("changes"),
    Purpose.RECONCILE: _("comparison"),
    Purpose.FULL: _("full sync"),
}


def kind_word(code: str) -> StrOrPromise:
    return KINDS.get(code, code)


def work_word(code: str) -> StrOrPromise:
    return WORKS.get(code, code)


def source_word(code: str) -> StrOrPromise:
    return SOURCES.get(code, code)


def purpose_word(code: str) -> StrOrPromise:
    return PURPOSES.get(code, code)


# --- Errors ----------------------------------------------------------------------------------------------------------
Trouble = PortalError | WrongSettings | Refused


def trouble_words(trouble: Trouble) -> str:
    """What went wrong, as one sentence. What the portal itself said stays as it said it."""
    if isinstance(trouble, WrongSettings):
        words = gettext(trouble.message)
        return f"{words % trouble.names if trouble.names else words}."
    return f"{str(trouble).rstrip('.')}."


def remedy_words(trouble: Trouble) -> str:
    return gettext(trouble.remedy) if trouble.remedy else ""
