"""Call records: written once per call with the verdict of that moment, ended once, and what a conflict is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from callguard.answer import ENTITY_TYPE, Answer, Terms, verdict_for
from callguard.evidence import evidence_of
from callguard.models import Call, Direction, EndedBy
from callguard.prepared import prepared_cursor
from callguard.verdict import Tier, Verdict
from crm_mirror.models import EndedCall

OUTGOING = (Direction.OUTGOING, Direction.CALLBACK)  # we dialled; an incoming caller came to us by himself
LATE = timedelta(days=1)  # that the readers of the feed may have stood still


class CallBelongsToAnother(Exception):
    """The call ID is on record for another caller. Whose it is stays here."""


class CallNotFound(Exception):
    """The caller has no such call."""


@dataclass(frozen=True, slots=True)
class Ring:
    """What a call card says of its call. `direction` is one of models.Direction."""

    call_id: str
    phone: str
    direction: str


class Conclusion(StrEnum):
    """How a conflict ended."""

    HEEDED = "heeded"  # the employee saw the colour and hung up
    PROCEEDED = "proceeded"


def record_call(
    ring: Ring, *, caller_id: int, at: datetime, language: str | None = None, terms: Terms | None = None
) -> tuple[Call, bool]:
    """The call's record and whether it is new. Two statements for a new one, two for one on record.

    Raises CallBelongsToAnother, and CallerRefused (callguard.answer) for who is no active employee.
    """
    answer = verdict_for(
        ring.phone,
        caller_id=caller_id,
        direction=ring.direction,
        at=at,
        language=language,
        terms=terms,
        call_id=ring.call_id,
    )
    if answer.found.stored_by is None:
        call = frozen(answer, ring.call_id)
        if _inserted(call):
            return call, True
    return _on_record(ring.call_id, caller_id), False


def _on_record(call_id: str, caller_id: int) -> Call:
    call = Call.objects.get(call_id=call_id)
    if call.caller_id != caller_id:
        raise CallBelongsToAnother(call_id)
    return call


def frozen(answer: Answer, call_id: str) -> Call:
    """The facts of ring time as an unsaved record; what the CRM says tomorrow does not change it."""
    given, verdict = answer.as_dict(), answer.verdict
    decisive = verdict.decisive.candidate if verdict.decisive else None
    return Call(
        call_id=call_id,
        caller_id=answer.caller.id,
        rung_at=answer.at,
        direction=answer.direction,
        number=answer.number or "",
        colour=verdict.colour,
        tier=verdict.tier or "",
        reason=verdict.reason,
        entity_type=ENTITY_TYPE[decisive.tier] if decisive else "",
        entity_id=decisive.id if decisive else None,
        responsible_id=decisive.responsible_id if decisive else None,
        conflict=is_conflict(verdict, answer.direction),
        rules_version=verdict.rules_version,
        mirror_age=answer.mirror_age,
        verdict=given,
        status_value=decisive.status.value if decisive and decisive.status else "",
        contested=verdict.contested,
        shown=answer.shown,
        evidence=evidence_of(verdict, answer.caller),
    )


def is_conflict(verdict: Verdict, direction: str) -> bool:
    """We called somebody else's client: painted in tiers 1–3, neither the caller's own nor substituted.

    Any palette counts, not only red and yellow by name: palettes are data.
    """
    painted = verdict.decisive is not None and verdict.decisive.outcome.palette is not None
    return direction in OUTGOING and painted and verdict.tier != Tier.LEAD and not verdict.own


def end_call(call_id: str, *, caller_id: int, answered: bool, duration: int, at: datetime) -> None:
    """Note how the call ended, as its card says; the first word counts, and telephony's beats it (end_by_telephony).

    `duration` in seconds. Raises CallNotFound for others too.
    """
    own = Call.objects.filter(call_id=call_id, caller_id=caller_id)
    ended = own.filter(ended_at=None).update(
        ended_at=at, answered=answered, duration=duration, ended_by=EndedBy.CARD, untallied=True
    )
    if not ended and not own.exists():
        raise CallNotFound(call_id)


def end_by_telephony(calls: QuerySet[Call]) -> int:
    """Give those of these calls whose end telephony has told that end, whatever their cards said. Two queries or three.

    Returns how many. When it ended stays the card's word: telephony counts no ringing.
    """
    known = {call.call_id: call for call in calls}
    ends = list(EndedCall.objects.filter(call_id__in=known))
    for end in ends:
        call = known[end.call_id]
        call.answered, call.duration, call.ended_by = end.answered, end.duration, EndedBy.TELEPHONY
        talked_until = end.started_at + timedelta(seconds=end.duration) if end.started_at else end.seen_at
        call.ended_at = call.ended_at or talked_until
        call.untallied = True
    columns = ["answered", "duration", "ended_by", "ended_at", "untallied"]
    return Call.objects.bulk_update([known[end.call_id] for end in ends], columns)


def end_late_records(*, at: datetime) -> int:
    """End the calls that went on record after the feed had told their end: the event was faster than the card."""
    recent = Call.objects.filter(rung_at__gt=at - LATE).exclude(ended_by=EndedBy.TELEPHONY)
    return end_by_telephony(recent.filter(Exists(EndedCall.objects.filter(call_id=OuterRef("call_id")))))


def point_to_survivor(entity_type: str, entity_id: int, survivor_id: int) -> None:
    """The entity was merged into another one: its calls, and those of what it had swallowed itself, say so."""
    of_it = Q(entity_id=entity_id) | Q(survivor_id=entity_id)
    Call.objects.filter(of_it, entity_type=entity_type).update(survivor_id=survivor_id)


def point_to_itself(entity_type: str, entity_id: int) -> None:
    """The entity is back: its calls are its own again."""
    Call.objects.filter(entity_type=entity_type, entity_id=entity_id).update(survivor_id=None)


def outcome_of(call: Call) -> Conclusion | None:
    """What became of a conflict, by whoever's word counts (EndedBy); None while it lasts, and for what was none."""
    if not call.conflict or call.answered is None:
        return None
    return Conclusion.PROCEEDED if call.answered else Conclusion.HEEDED


def _inserted(call: Call) -> bool:
    """Insert unless the call ID is there already, by the database's own word: a lost race breaks no transaction.

    Written by hand because Django's `ignore_conflicts` does not tell which of both happened.
    """
    fields = [column for column in Call._meta.concrete_fields if not column.primary_key]
    values = [column.get_db_prep_save(getattr(call, column.attname), connection) for column in fields]
    with prepared_cursor() as cursor:
        cursor.execute(_insert_statement(), values)
        row = cursor.fetchone()
    if row is None:
        return False
    call.pk, call._state.adding = row[0], False
    return True


@cache
def _insert_statement() -> str:
    columns = [str(column.column) for column in Call._meta.concrete_fields if not column.primary_key]
    return (
        f"INSERT INTO {Call._meta.db_table} ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))}) "  # noqa: S608
        "ON CONFLICT (call_id) DO NOTHING RETURNING id"
    )
