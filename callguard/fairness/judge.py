"""Conflicts judged: pending until all their facts can have come, then excused or blamed; a late fact judges again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from callguard.fairness import takeovers
from callguard.fairness.facts import facts_of
from callguard.fairness.force import grounds_in_force
from callguard.fairness.grounds import Proof, Reach, excuses
from callguard.fairness.kept import FORGOTTEN, is_beyond_judging, stands
from callguard.models import Call, Excuse, ExcuseRule, Ground
from crm_mirror import freshness

AT_ONCE = 200
MOST_A_ROUND = 4000  # after an upgrade years of conflicts may wait; the other readers of the feed wait for us
Conflicts = QuerySet[Call] | Iterable[Call]


def judge_due(*, at: datetime) -> int:
    """Judge the conflicts all of whose facts can have come; returns how many. One query when none waits."""
    waiting = Call.objects.filter(conflict=True, judged_at=None).order_by("rung_at")
    oldest = waiting.values_list("rung_at", flat=True).first()
    if oldest is None:
        return 0
    until = terms(at=at).until
    if until is None or until < oldest:
        return 0
    due = list(waiting.filter(rung_at__lte=until).values_list("pk", flat=True)[:MOST_A_ROUND])
    _judge_all(due, at=at)
    return len(due)


def judge_again(calls: Conflicts, *, at: datetime) -> None:
    """Look at these anew: those that are judged, and those that are due. What is no conflict is passed over.

    For whoever learns something about calls that may excuse them, or no longer does. Some fifteen queries for AT_ONCE.
    """
    _judge_all(keys_of(calls), at=at)


@transaction.atomic
def settle_excused(calls: Conflicts) -> None:
    """Make `excused` what excuses and switches say, without looking for grounds. Some six statements.

    A decision judges a conflict that was pending; whoever takes one back calls `judge_again`.
    """
    keys = keys_of(calls)
    for start in range(0, len(keys), AT_ONCE):
        stretch = Call.objects.filter(pk__in=keys[start : start + AT_ONCE])
        _settle(stretch)
        takeovers.settle(stretch)


def settle_all_with(ground: str) -> None:
    """After a switch: every conflict that has such an excuse."""
    settle_all(Call.objects.filter(Exists(Excuse.objects.filter(call=OuterRef("pk"), ground=ground))))


@transaction.atomic
def settle_all(calls: QuerySet[Call]) -> None:
    """As settle_excused, of however many. Three statements, and some for those taken over."""
    _settle(calls)
    taken = list(Call.objects.filter(taken_over=True).values_list("pk", flat=True))
    for start in range(0, len(taken), AT_ONCE):
        takeovers.settle(Call.objects.filter(pk__in=taken[start : start + AT_ONCE]))


def _settle(calls: QuerySet[Call]) -> None:
    conflicts = calls.filter(conflict=True)
    decided = Excuse.objects.filter(call=OuterRef("pk"), ground=Ground.DECISION)
    decided_at = Subquery(decided.values("noted_at")[:1])
    conflicts.filter(Exists(decided), judged_at=None).update(judged_at=decided_at, untallied=True)
    in_force = Exists(Excuse.objects.filter(call=OuterRef("pk"), ground__in=grounds_in_force()))
    conflicts.filter(in_force, excused=False, judged_at__isnull=False).update(excused=True, untallied=True)
    conflicts.filter(~in_force, excused=True).update(excused=False, untallied=True)


def keys_of(calls: Conflicts) -> list[int]:
    if isinstance(calls, QuerySet):
        return list(calls.filter(conflict=True).order_by("rung_at", "pk").values_list("pk", flat=True))
    return [call.pk for call in calls if call.conflict]


# --- Switches --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Terms:
    """Under which switches and as of when is judged. `until`: conflicts up to then can have all their facts; None
    before the mirror was complete. `longest`: the longest reach of a ground that excuses."""

    reach: Reach
    in_force: frozenset[str]
    longest: timedelta
    until: datetime | None
    at: datetime

    def is_due(self, call: Call) -> bool:
        """Whether no fact is waited for: the longest reach is over, and the mirror was brought up to date since."""
        if self.until is not None and call.rung_at <= self.until:
            return True
        return call.judged_at is not None and call.judged_at >= call.rung_at + self.longest


def terms(*, at: datetime) -> Terms:
    """Two queries."""
    rules = list(ExcuseRule.objects.all())
    reach = {rule.ground: timedelta(minutes=rule.minutes) for rule in rules if rule.minutes}
    enabled = {rule.ground for rule in rules if rule.enabled}
    longest = max((reach[ground] for ground in reach.keys() & enabled), default=timedelta(0))
    synced_at = freshness.synced_at()
    until = min(at, synced_at) - longest if synced_at else None
    return Terms(reach, frozenset({*enabled, str(Ground.DECISION)}), longest, until, at)


# --- One stretch -----------------------------------------------------------------------------------------------------
def _judge_all(keys: Sequence[int], *, at: datetime) -> None:
    for start in range(0, len(keys), AT_ONCE):
        _judge(keys[start : start + AT_ONCE], at=at)


@transaction.atomic
def _judge(keys: Sequence[int], *, at: datetime) -> None:
    under = terms(at=at)
    rows = Call.objects.select_for_update().filter(pk__in=keys).order_by("pk")
    calls = [call for call in rows if call.judged_at or under.is_due(call)]
    found = {pk: excuses(facts, under.reach) for pk, facts in facts_of(calls, under.reach, at=at).items()}
    for call in calls:
        if is_beyond_judging(call, at=at):
            found[call.pk].setdefault(str(Ground.OWN_ERROR), FORGOTTEN)
    grounds = _write(calls, found, at=at)
    changed = [call for call in calls if _pronounce(call, grounds[call.pk], under)]
    Call.objects.bulk_update(changed, ["judged_at", "excused", "untallied"])
    takeovers.settle(changed)


def _pronounce(call: Call, grounds: frozenset[str], under: Terms) -> bool:
    """Give the call its state; whether that is another one. A decision that was taken back had judged too early."""
    before = call.judged_at, call.excused
    is_judged = Ground.DECISION in grounds or under.is_due(call)
    call.judged_at = (call.judged_at or under.at) if is_judged else None
    call.excused = is_judged and bool(grounds & under.in_force)
    call.untallied = True
    return before != (call.judged_at, call.excused)


def _write(
    calls: Sequence[Call], found: Mapping[int, Mapping[str, Proof]], *, at: datetime
) -> dict[int, frozenset[str]]:
    """Bring the excuses up to date with what was found; returns the grounds of each call. Four statements or fewer."""
    kept = {(row.call_id, row.ground): row for row in Excuse.objects.filter(call__in=calls)}
    wanted = {(pk, ground): proof for pk, proofs in found.items() for ground, proof in proofs.items()}
    by_pk = {call.pk: call for call in calls}
    lost = kept.keys() - wanted.keys()
    gone = [key for key in lost if not stands(kept[key], of=by_pk[key[0]], at=at)]
    new = [
        Excuse(call_id=pk, ground=ground, proof=wanted[pk, ground], noted_at=at)
        for pk, ground in wanted.keys() - kept.keys()
    ]
    again = wanted.keys() & kept.keys()
    other = [key for key in again if kept[key].proof not in (wanted[key], FORGOTTEN)]
    for key in other:
        kept[key].proof = wanted[key]
    Excuse.objects.filter(pk__in=[kept[key].pk for key in gone]).delete()
    Excuse.objects.bulk_update([kept[key] for key in other], ["proof"])
    Excuse.objects.bulk_create(sorted(new, key=lambda one: (one.call_id, one.ground)))
    grounds: defaultdict[int, set[str]] = defaultdict(set)
    for pk, ground in (kept.keys() | wanted.keys()) - set(gone):
        grounds[pk].add(ground)
    return {call.pk: frozenset(grounds[call.pk]) for call in calls}
