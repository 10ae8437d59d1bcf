"""Calls that must reach the portal: written with their cause, sent at least once, those of one entity in order.

A call is SENDING from before its request leaves until its answer is recorded. One found so when nobody sends may have
been carried out (a process died, a request timed out), so the portal is asked first, by the call's own check, and
the call repeated only when the portal does not show what was wanted. Calls without a check (notices with a TAG, which
replace each other) are simply repeated. A call that holds only while the portal shows certain values (`only_if`) is
checked before its first sending as well: what somebody has changed since is not written over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When

from crm_mirror.models import OutboxCall
from crm_mirror.portal.batch import Command, Outcome, asked
from crm_mirror.portal.errors import MethodExhausted, PortalBusy, PortalError, passes
from crm_mirror.portal.records import storable
from crm_mirror.portal.transport import Answer
from crm_mirror.sync.bench import Bench
from crm_mirror.sync.echoes import spelled
from crm_mirror.sync.writer import writing

State = OutboxCall.State
OPEN = (State.WAITING, State.SENDING)
GIVEN_UP = (State.REFUSED, State.DEAD)
OVERTAKEN = "overtaken"  # how the error of a call begins that its own check refused
ROWS_AT_ONCE = 1000
AT_ONCE = 25  # calls of one request, which the portal cuts at 60 s: a write with its robots may take a second or two
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=10)
MOST_ATTEMPTS = 1000  # about a week
PAUSE = timedelta(minutes=1)  # for a method whose time budget is spent


def enqueue(
    *,
    entity: str,
    purpose: str,
    method: str,
    params: Mapping[str, Any],
    check: Mapping[str, Any] | None = None,
    at: datetime,
) -> OutboxCall:
    """Put a call in line, in the caller's transaction: it is sent if and only if that is committed.

    Arguments as of `call_to`. Two processes that write about one entity at once lock its row first, else the order of
    their calls is anybody's guess.
    """
    call = call_to(entity=entity, purpose=purpose, method=method, params=params, check=check, at=at)
    call.save(force_insert=True)
    return call


def call_to(
    *,
    entity: str,
    purpose: str,
    method: str,
    params: Mapping[str, Any],
    check: Mapping[str, Any] | None = None,
    at: datetime,
) -> OutboxCall:
    """A call that is not in line yet. `entity`: "company:12"; `check`: see OutboxCall.check_call."""
    return OutboxCall(
        entity=entity,
        purpose=purpose,
        method=method,
        params=params,
        check_call=check,
        created_at=at,
        next_attempt_at=at,
    )


def enqueue_all(calls: Sequence[OutboxCall]) -> None:
    """Put calls of `call_to` in line in their order; otherwise as `enqueue`. One statement for a thousand."""
    OutboxCall.objects.bulk_create(calls, batch_size=ROWS_AT_ONCE)


def is_due(*, at: datetime) -> bool:
    """Whether a call could go out now. One query."""
    return _sendable(at).exists()


def deliver_due(bench: Bench) -> int:
    """Send what is due, under Work.OUTBOX and outside of any transaction; returns how many calls were accepted.

    A portal that is lost leaves its calls for later, with one warning.
    """
    accepted = 0
    try:
        while calls := _due(bench.clock()):
            bench.tick()
            accepted += _deliver(bench, calls)
    except PortalError as error:
        bench.warn(f"outbox: calls to the portal wait ({error}). {error.remedy}")
    return accepted


def send_again(calls: QuerySet[OutboxCall], *, at: datetime) -> int:
    """Put given up calls back in line; returns how many. One that died under way is checked before it is repeated."""
    state = Case(When(state=State.DEAD, then=Value(State.SENDING)), default=Value(State.WAITING))
    return calls.filter(state__in=GIVEN_UP).update(state=state, attempts=0, next_attempt_at=at)


def forget_before(at: datetime) -> int:
    """Delete calls that were accepted before `at`; returns how many."""
    return OutboxCall.objects.filter(state=State.DONE, done_at__lt=at).delete()[0]


def _due(at: datetime) -> list[OutboxCall]:
    """Those that can go out now, oldest first."""
    return list(_sendable(at).order_by("id")[:AT_ONCE])


def _sendable(at: datetime) -> QuerySet[OutboxCall]:
    """The first open call of each entity, where its time has come."""
    calls = OutboxCall.objects.filter(state__in=OPEN)
    earlier = calls.filter(entity=OuterRef("entity"), id__lt=OuterRef("id"))
    # Nothing is put off for longer than LONGEST_WAIT: what seems to be was written by a clock that ran ahead.
    has_come = Q(next_attempt_at__lte=at) | Q(next_attempt_at__gt=at + LONGEST_WAIT)
    return calls.filter(~Exists(earlier), has_come)


def _deliver(bench: Bench, calls: list[OutboxCall]) -> int:
    """One step: check the doubtful ones, send the rest. Raises when the portal is lost, with all of it recorded."""
    ready = _without_paused(bench, calls)
    to_check = [call for call in ready if is_checked_first(call)]
    accepted, undone = _check(bench, to_check) if to_check else (0, [])
    to_send = [call for call in ready if call not in to_check] + undone
    return accepted + (_send(bench, to_send) if to_send else 0)


def _check(bench: Bench, calls: list[OutboxCall]) -> tuple[int, list[OutboxCall]]:
    """How many were carried out, and those that may be sent. What cannot be told now is asked again later."""
    accepted, undone = 0, []
    outcomes = _exchange(bench, calls, check_of, reads=True)
    with writing():
        for call in calls:
            match outcomes[call.pk]:
                case Answer() as answer if shows(call, answer.result):
                    _accept(call, None, at=bench.clock())
                    accepted += 1
                case Answer() as answer if is_overtaken(call, answer.result):
                    _update(call, state=State.REFUSED, error=overtaken_by(call, answer.result), done_at=bench.clock())
                case PortalError() as error if passes(error):
                    _postpone(call, State(call.state), error, at=bench.clock())
                case _:  # "Not found" as well: the portal shall say it of the call itself
                    undone.append(call)
    return accepted, undone


def _send(bench: Bench, calls: list[OutboxCall]) -> int:
    """Returns how many the portal accepted."""
    with writing():
        mine = OutboxCall.objects.filter(pk__in=[call.pk for call in calls])
        mine.update(state=State.SENDING, sent_at=bench.clock())
    outcomes = _exchange(bench, calls, command_of, reads=False)
    with writing():
        return sum(_record(call, outcomes[call.pk], at=bench.clock()) for call in calls)


def _exchange(
    bench: Bench, calls: list[OutboxCall], command: Callable[[OutboxCall], Command], *, reads: bool
) -> dict[int, Outcome]:
    """One request about all of these: outcomes by their keys. When it fails as a whole, every one of them waits."""
    commands = {f"call_{call.pk}": command(call) for call in calls}
    try:
        outcomes, _ = asked(bench.client, commands, repeatable=reads)
    except PortalError as error:
        with writing():
            for call in calls:
                _postpone(call, State(call.state) if reads else state_after(error), error, at=bench.clock())
        raise
    return {call.pk: outcomes[f"call_{call.pk}"] for call in calls}


def _without_paused(bench: Bench, calls: list[OutboxCall]) -> list[OutboxCall]:
    """Without those whose method's time budget is spent: they would hold up the others of their request."""
    methods = {method for call in calls for method in methods_of(call)}
    resting = bench.client.allowance.paused_methods()
    paused = {method for method in methods if method.lower() in resting}
    late = [call.pk for call in calls if paused & methods_of(call)]
    OutboxCall.objects.filter(pk__in=late).update(next_attempt_at=bench.clock() + PAUSE)
    return [call for call in calls if call.pk not in late]


def methods_of(call: OutboxCall) -> set[str]:
    return {call.method, check_of(call).method} if call.check_call else {call.method}


def command_of(call: OutboxCall) -> Command:
    return Command(call.method, call.params)


def check_of(call: OutboxCall) -> Command:
    check = call.check_call or {}
    return Command(check["method"], check.get("params", {}))


def is_checked_first(call: OutboxCall) -> bool:
    """Whether the portal is asked before the call is sent: a doubtful one, or one that only holds `only_if`."""
    check = call.check_call or {}
    return bool(check) and (call.state == State.SENDING or "only_if" in check)


def shows(call: OutboxCall, found: Any) -> bool:
    """Whether the answer to the call's check is what the call wanted; of a list of rows one must be."""
    expected = (call.check_call or {}).get("expect", {})
    rows = found if isinstance(found, list) else [found]
    return bool(expected) and any(isinstance(row, dict) and is_shown(expected, row) for row in rows)


def is_overtaken(call: OutboxCall, found: Any) -> bool:
    """Whether the answer to the call's check shows a value that the call was not meant to replace."""
    meant = (call.check_call or {}).get("only_if", {})
    return isinstance(found, dict) and any(
        not any(is_shown(value, found.get(name)) for value in values) for name, values in meant.items()
    )


def is_shown(expected: Any, found: Any) -> bool:
    """Whether what is found is what was expected: of rows the keys that are named, of a list each row and no other."""
    match expected:
        case dict():
            return isinstance(found, dict) and all(is_shown(expected[key], found.get(key)) for key in expected)
        case [_, *_]:
            return (
                isinstance(found, list)
                and len(found) == len(expected)
                and all(any(is_shown(one, other) for other in found) for one in expected)
            )
    return spelled(found) == spelled(expected)


def was_overtaken(call: OutboxCall) -> bool:
    """Whether the call was given up because its own check found another value."""
    return call.error.startswith(OVERTAKEN)


def overtaken_by(call: OutboxCall, found: Mapping[str, Any]) -> str:
    """E.g. "overtaken: the portal shows UF_CRM_CALLGUARD_STATUS=45 by now"."""
    shown = ", ".join(f"{name}={brief(found.get(name))}" for name in (call.check_call or {})["only_if"])
    return storable(f"{OVERTAKEN}: the portal shows {shown} by now")


def brief(value: Any) -> str:
    return f"({len(value)} others)" if isinstance(value, list) and value else spelled(value)


def state_after(error: PortalError) -> OutboxCall.State:
    """Of a call whose request failed: what passes may have been carried out, unless the portal said "too many"."""
    maybe_done = error.retryable and not isinstance(error, PortalBusy | MethodExhausted)
    return State.SENDING if maybe_done else State.WAITING


def _record(call: OutboxCall, outcome: Outcome, *, at: datetime) -> bool:
    """Keep the portal's answer to this call; returns whether it was accepted."""
    match outcome:
        case PortalError() if passes(outcome):
            _postpone(call, state_after(outcome), outcome, at=at)
        case PortalError():
            _update(call, state=State.REFUSED, error=storable(str(outcome)))
        case Answer(result=False):  # im.notify.*: it made no notice
            _update(call, state=State.REFUSED, error=f"{call.method}: the portal answered false")
        case Answer():
            _accept(call, outcome.result, at=at)
            return True
    return False


def _accept(call: OutboxCall, result: Any, *, at: datetime) -> None:
    brief = result if isinstance(result, bool | int) else None  # true, or the ID of what was made
    _update(call, state=State.DONE, done_at=at, error="", result=brief)


def _postpone(call: OutboxCall, state: OutboxCall.State, error: PortalError, *, at: datetime) -> None:
    """Try again after a while that doubles each time; give up at last."""
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(call.attempts, 10))
    state = State.DEAD if call.attempts + 1 >= MOST_ATTEMPTS else state
    _update(call, state=state, error=storable(str(error)), next_attempt_at=at + wait)


def _update(call: OutboxCall, **columns: Any) -> None:
    """Only these columns: sync.echoes writes to the same rows."""
    OutboxCall.objects.filter(pk=call.pk).update(attempts=F("attempts") + 1, **columns)
