"""Codes of the mirror in a word or two, for pages and alerts. A code without a word is shown as it is."""

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

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
