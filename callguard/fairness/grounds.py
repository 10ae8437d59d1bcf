"""Why a conflict may blame nobody: what is known of one call in, excuses with their proofs out. Pure.

One function a ground: it returns its proof, JSON-ready and language-free, or None. Proofs name people, for a proof is
read when they may be gone; callguard.fairness.words puts them into words. What the caller did to the client himself
excuses him of nothing, unless he gave away what was his own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

Proof = dict[str, Any]
RESPONSIBLE, STATUS, NUMBERS = "responsible", "status", "numbers"  # what an Edit is about
NOT_DIALLED = frozenset({2, 3})  # EndedCall.call_type: incoming, incoming and redirected (docs: CALL_TYPE)


@dataclass(frozen=True, slots=True)
class Who:
    """An employee by portal ID; `name` "" when the mirror knows no such one."""

    id: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody stands in for the responsible, both days included."""

    substitute: Who
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of the client. `before`, `after` in words; `was`: who was responsible before, of such an edit.

    `happened_at`: by the portal's word, the last moment when it may have happened; None where the portal does not
    tell. `seen_at`: when the mirror learned of it. `by` None: nobody knows for sure.
    """

    what: str
    before: str
    after: str
    happened_at: datetime | None
    seen_at: datetime
    by: Who | None = None
    was: int | None = None

    @property
    def at(self) -> datetime:
        return self.happened_at or self.seen_at


@dataclass(frozen=True, slots=True)
class Claimant:
    """One of the entities behind the number."""

    title: str
    responsible: Who | None


@dataclass(frozen=True, slots=True)
class Facts:
    """Of one conflict. Frozen at ring time unless said otherwise."""

    caller: Who
    rung_at: datetime
    responsible: Who | None = None
    responsible_active: bool = True
    shown: bool = True
    mirror_age: int | None = 0  # seconds; None: the mirror was not complete
    mirror_fresh: bool = True
    contested: bool = False
    claimants: tuple[Claimant, ...] = ()
    rules_version: int = 0
    # Learned since:
    managers: frozenset[int] = frozenset()  # every head above the responsible at ring time
    absences: tuple[Absence, ...] = ()  # of the responsible on the day of the call
    edits: tuple[Edit, ...] = ()
    incoming: tuple[datetime, ...] = ()  # when this number rang us before, in order
    call_type: int | None = None  # of this call, by telephony's word
    withdrawn_at: datetime | None = None  # since when the rules of the call are known to have been a mistake


Reach = Mapping[str, timedelta]
Test = Callable[[Facts, timedelta], Proof | None]


def excuses(facts: Facts, reach: Reach) -> dict[str, Proof]:
    """Every ground that holds, with its proof. `reach`: how far the grounds that have one reach, by ground."""
    tried = ((ground, test(facts, reach.get(ground, timedelta(0)))) for ground, test in GROUNDS.items())
    return {ground: proof for ground, proof in tried if proof is not None}


def substitution(facts: Facts, reach: timedelta) -> Proof | None:
    """Entered after the call: one that stood at ring time made the client his own, and no conflict."""
    mine = (one for one in facts.absences if one.substitute.id == facts.caller.id)
    return next(({"responsible": _who(facts.responsible), **_absence(one)} for one in mine), None)


def manager(facts: Facts, reach: timedelta) -> Proof | None:
    return {"responsible": _who(facts.responsible)} if facts.caller.id in facts.managers else None


def stale_mirror(facts: Facts, reach: timedelta) -> Proof | None:
    return None if facts.mirror_fresh and facts.mirror_age is not None else {"age_s": facts.mirror_age}


def responsible_gone(facts: Facts, reach: timedelta) -> Proof | None:
    """Nobody could be asked: there was no responsible, he had left, or he was away that day."""
    if facts.responsible is None:
        return {"why": "nobody"}
    responsible = {"responsible": _who(facts.responsible)}
    if not facts.responsible_active:
        return {"why": "inactive", **responsible}
    return next(({"why": "absent", **responsible, **_absence(one)} for one in facts.absences), None)


def contested(facts: Facts, reach: timedelta) -> Proof | None:
    if not facts.contested:
        return None
    return {"claimants": [{"title": one.title, "responsible": _who(one.responsible)} for one in facts.claimants]}


def just_changed(facts: Facts, reach: timedelta) -> Proof | None:
    """Whose client it was, or in which status, was another just before or just after."""
    near = (one for one in _telling(facts) if one.what != NUMBERS and abs(one.at - facts.rung_at) <= reach)
    return next((_edit(one) for one in near), None)


def called_back(facts: Facts, reach: timedelta) -> Proof | None:
    """The client had called us, whoever of us he reached."""
    recent = [at for at in facts.incoming if facts.rung_at - reach <= at < facts.rung_at]
    return {"called_at": _moment(recent[-1])} if recent else None


def forwarded(facts: Facts, reach: timedelta) -> Proof | None:
    """The card said outgoing; telephony knows that the caller did not dial."""
    return {"call_type": facts.call_type} if facts.call_type in NOT_DIALLED else None


def own_error(facts: Facts, reach: timedelta) -> Proof | None:
    """The rules were a mistake, or the portal knew already what the mirror learned only after the call.

    Rules that stay in force although they were withdrawn are meant: they excuse nothing that rings later.
    """
    if facts.withdrawn_at is not None and facts.rung_at < facts.withdrawn_at:
        return {"why": "rules", "version": facts.rules_version, "withdrawn_at": _moment(facts.withdrawn_at)}
    late = (one for one in _telling(facts) if one.happened_at and one.happened_at < facts.rung_at < one.seen_at)
    return next(({"why": "late", **_edit(one)} for one in late), None)


def not_shown(facts: Facts, reach: timedelta) -> Proof | None:
    return None if facts.shown else {}


GROUNDS: dict[str, Test] = {  # by models.Ground, all but a decision, which nobody finds
    "substitution": substitution,
    "manager": manager,
    "stale_mirror": stale_mirror,
    "responsible_gone": responsible_gone,
    "contested": contested,
    "just_changed": just_changed,
    "called_back": called_back,
    "forwarded": forwarded,
    "own_error": own_error,
    "not_shown": not_shown,
}


def _telling(facts: Facts) -> list[Edit]:
    """Edits that count for the caller, first come first. Else he would take a client over and be excused by that."""
    counted = [
        one for one in facts.edits if one.by is None or one.by.id != facts.caller.id or one.was == facts.caller.id
    ]
    return sorted(counted, key=lambda one: one.at)


def _edit(edit: Edit) -> Proof:
    told = {"what": edit.what, "before": edit.before, "after": edit.after, "seen_at": _moment(edit.seen_at)}
    return told | {"at": _moment(edit.at), "by": _who(edit.by)}


def _absence(absence: Absence) -> Proof:
    days = {"first_day": absence.first_day.isoformat(), "last_day": absence.last_day.isoformat()}
    return {"substitute": _who(absence.substitute), **days}


def _who(who: Who | None) -> Proof | None:
    return {"id": who.id, "name": who.name} if who else None


def _moment(at: datetime) -> str:
    return at.isoformat()
