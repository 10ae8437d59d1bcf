"""What the call counts as, in words: no conflict, not judged yet, excused and why, or a conflict that counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from callguard.fairness.force import grounds_in_force
from callguard.fairness.words import explain
from callguard.models import Call


@dataclass(frozen=True)
class Fate:
    """`tone`: of unfold's labels; `means`: what follows from it."""

    word: str
    tone: str
    means: str


@dataclass(frozen=True)
class Excused:
    """An excuse to be read. `counts`: its switch is on."""

    ground: str
    proof: str
    noted_at: datetime
    counts: bool


def fate_of(call: Call) -> Fate:
    if not call.conflict:
        return Fate(_("no conflict"), "", _("This call enters no figure of conflicts."))
    if call.judged_at is None:
        return Fate(
            _("being checked"),
            "info",
            _("Facts may still come that excuse it. Until then it blames nobody and enters no figure of blame."),
        )
    if call.excused:
        return Fate(_("excused"), "success", _("It blames nobody: it is counted apart, for the reasons below."))
    return Fate(_("conflict"), "warning", _("It counts as a conflict: nothing was found that excuses it."))


def excuses_of(call: Call, *, names_others: bool) -> list[Excused]:
    """With their proofs in the language that is active (fairness.words.explain). Two queries."""
    counting = grounds_in_force()
    return [
        Excused(
            capfirst(one.get_ground_display()),
            explain(one, names_others=names_others),
            one.noted_at,
            one.ground in counting,
        )
        for one in call.excuses.all()
    ]
