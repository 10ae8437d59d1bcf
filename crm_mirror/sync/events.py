"""The inbox is worked off. An event is a hint: what it is about is read again from the portal, once for all the
events about it, whatever they claim.

Rows and the state of their events are written in one transaction: whoever dies in between repeats it harmlessly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings

from crm_mirror.models import InboxEvent
from crm_mirror.portal.batch import Command, Outcome, run_batch
from crm_mirror.portal.records import MalformedRecord
from crm_mirror.portal.transport import Answer
from crm_mirror.sync import merges, telephony
from crm_mirror.sync.bench import Bench
from crm_mirror.sync.entity_events import EntityEvents
from crm_mirror.sync.hints import CALL, NOTHING, QUEUE
from crm_mirror.sync.kinds import STATUS
from crm_mirror.sync.look import Source
from crm_mirror.sync.offline import fetch_offline
from crm_mirror.sync.questions import Questions
from crm_mirror.sync.rereading import MOST_QUESTIONS, portions
from crm_mirror.sync.statuses import FIELD_METHOD, REFERENCE_METHOD
from crm_mirror.sync.subjects import Subject, due, finish, put_off
from crm_mirror.sync.writer import writing

CALL_METHODS = ("voximplant.statistic.get",)
STATUS_METHODS = (FIELD_METHOD, REFERENCE_METHOD)


def drain(bench: Bench) -> int:
    """Work off what is due until nothing is; returns how many events were looked at.

    Raises PortalError when the portal is lost: what was not done goes on waiting, as if nobody had tried.
    """
    waits: Counter[str] = Counter()
    total = 0
    try:
        while subjects := due(bench.clock()):
            total += sum(len(one.events) for one in subjects)
            _work_off(bench, subjects, waits)
        merges.look_again(bench)
    finally:
        for reason, count in waits.items():
            bench.warn(f"inbox: what the portal told of {count} things waits: {reason}")
    return total


def _work_off(bench: Bench, subjects: list[Subject], waits: Counter[str]) -> None:
    special: dict[str, list[Subject]] = {NOTHING: [], QUEUE: [], STATUS: [], CALL: []}
    entities: list[Subject] = []
    for one in subjects:
        special.get(one.kind, entities).append(one)
    finish(special[NOTHING], at=bench.clock())
    if special[QUEUE]:
        fetch_offline(bench)
        finish(special[QUEUE], at=bench.clock())
    work = EntityEvents(bench)
    reasons = _resting(bench, special[STATUS], STATUS_METHODS) | _resting(bench, special[CALL], CALL_METHODS)
    try:
        work.work_off(entities)
        if statuses_told := [one for one in special[STATUS] if one not in reasons]:
            reasons |= _reread_statuses(bench, statuses_told)
        for ended in portions([one for one in special[CALL] if one not in reasons], most=MOST_QUESTIONS):
            _note_ended(bench, ended)
    finally:
        reasons |= work.reasons
        put_off(reasons, at=bench.clock())
        waits.update(reasons.values())


def _resting(bench: Bench, subjects: Sequence[Subject], methods: Sequence[str]) -> dict[Subject, str]:
    """Whose events wait because a method that they need has no time left in the portal; all of them, or none."""
    paused = bench.client.allowance.paused_methods()
    resting = [method for method in methods if method in paused]
    return dict.fromkeys(subjects, f"{resting[0]}: the portal's time budget for it is spent") if resting else {}


def _reread_statuses(bench: Bench, told: list[Subject]) -> dict[Subject, str]:
    """The field and its values; returns whose events must wait, and why."""
    names = {"status_field": settings.BITRIX_STATUS_FIELD, "status_reference": settings.BITRIX_STATUS_REFERENCE}
    asked = Questions([STATUS], bench, **names, source=Source.EVENT)
    while commands := asked.open():
        asked.answered(run_batch(bench.client, commands))
    if asked.errors:
        return dict.fromkeys(told, f"status: {asked.errors[0]}")
    finish(told, at=bench.clock())
    return {}


def _note_ended(bench: Bench, ended: Sequence[Subject]) -> None:
    """Calls that ended, by the portal's statistics; while they do not know a call, by its event's own facts.

    docs: api-reference/telephony/voximplant/voximplant-statistic-get
    """
    bench.tick()
    commands = {f"call_{place}": _call_command(one.key) for place, one in enumerate(ended)}
    outcomes = run_batch(bench.client, commands).values()
    told = dict(InboxEvent.objects.filter(id__in=[one.events[-1] for one in ended]).values_list("id", "data"))
    at = bench.clock()
    with writing():
        for one, outcome in zip(ended, outcomes, strict=True):
            row = _row_of(one.key, outcome)
            try:
                telephony.note_ended(row or told.get(one.events[-1], {}), by_statistics=row is not None, at=at)
            except MalformedRecord as error:
                bench.warn(f"the end of a call cannot be read: {one.key}, {error}")
        finish(ended, at=at)


def _call_command(call_id: str) -> Command:
    return Command(
        "voximplant.statistic.get", {"FILTER": {"CALL_ID": call_id}, "SORT": "ID", "ORDER": "ASC", "start": 0}
    )


def _row_of(call_id: str, outcome: Outcome) -> Mapping[str, Any] | None:
    """The newest row of the call; a call that was passed on may have several."""
    rows = outcome.result if isinstance(outcome, Answer) and isinstance(outcome.result, list) else []
    return next((row for row in reversed(rows) if isinstance(row, dict) and row.get("CALL_ID") == call_id), None)
