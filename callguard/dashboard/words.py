"""Figures and states in the reader's words, for tiles, tables, lists and files alike."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from callguard.models import Call

FIGURES: Mapping[str, StrOrPromise] = {  # of reports.lists.FIGURES
    "calls": _("Calls"),
    "outgoing": _("Outgoing calls"),
    "to_leads": _("Calls to leads"),
    "on_deals": _("Calls on current deals"),
    "conflicts": _("All conflicts, excused and unchecked ones too"),
    "pending": _("Conflicts being checked"),
    "excused": _("Excused conflicts"),
    "blamed": _("Conflicts"),
    "heeded": _("Heeded: the caller saw the colour and hung up"),
    "proceeded": _("Went on talking in spite of the colour"),
    "open": _("Conflicts without a known end"),
    "takeovers": _("Clients taken over after a conflict"),
    "unseen": _("Before the colours"),
    "unseen_proceeded": _("Talks before the colours"),
    "contested": _("Calls with contested numbers"),
    "ground": _("Excused conflicts"),
}
EXCUSED: list[tuple[str, StrOrPromise]] = [
    ("all", _("all, counted apart")),
    ("no", _("not excused")),
    ("yes", _("excused")),
    ("pending", _("being checked")),
]
PERIODS: list[tuple[str, StrOrPromise]] = [
    ("7", _("7 days")),
    ("30", _("30 days")),
    ("90", _("90 days")),
    ("365", _("a year")),
    ("all", _("since the start")),
]
STATES: Mapping[str, tuple[str, StrOrPromise]] = {  # icon and word
    "none": ("call", _("no conflict")),
    "pending": ("hourglass_top", _("being checked")),
    "excused": ("verified_user", _("excused")),
    "blamed": ("warning", _("conflict")),
}
OUTCOMES: Mapping[bool | None, tuple[str, StrOrPromise]] = {
    True: ("phone_in_talk", _("talked")),
    False: ("phone_disabled", _("no talk")),
    None: ("more_horiz", _("not known yet")),
}


def state_of(call: Call) -> str:
    """A key of STATES. Each conflict is in one of three."""
    if not call.conflict:
        return "none"
    if call.judged_at is None:
        return "pending"
    return "excused" if call.excused else "blamed"
