"""What is known about conflicts when they are judged, read for many at once in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from callguard.access.actors import NamedStructure, structure
from callguard.access.managers import Scope, Structure, managers_of
from callguard.calls import OUTGOING
from callguard.evidence import verdict_of
from callguard.fairness.edits import edits_of
from callguard.fairness.grounds import NOT_DIALLED, Absence, Claimant, Facts, Reach, Who
from callguard.masks import is_masked
from callguard.models import Call, RuleSetVersion, Substitution
from callguard.status.office import AROUND, undone
from crm_mirror.models import Change, EndedCall
from crm_mirror.phones import numbers_in

NO_TIME = timedelta(0)


def facts_of(calls: Sequence[Call], reach: Reach, *, at: datetime) -> dict[int, Facts]:
    """By pk. Thirteen queries, however many calls; none of no calls."""
    if not calls:
        return {}
    company = structure()
    since = min(call.rung_at for call in calls) - max(reach.values(), default=NO_TIME)
    edits = edits_of(calls, company.names, since=since, at=at)
    managers, absences, gone = managers_then(calls, company), absences_of(calls, company), gone_by_then(calls)
    incoming = incoming_of(calls, reach.get("called_back", NO_TIME))
    types, withdrawn = types_of(calls), withdrawals_of(calls)
    return {
        call.pk: Facts(
            caller=Who(call.caller_id, company.names.get(call.caller_id, "")),
            rung_at=call.rung_at,
            responsible=responsible_of(call, company),
            responsible_active=bool((call.verdict.get("responsible") or {}).get("active")) and call.pk not in gone,
            shown=call.shown,
            mirror_age=call.mirror_age,
            mirror_fresh=bool((call.verdict.get("mirror") or {}).get("fresh")),
            contested=call.contested,
            claimants=claimants_of(call),
            rules_version=call.rules_version,
            managers=managers[call.pk],
            absences=absences[call.pk],
            edits=edits[call.pk],
            incoming=incoming[call.pk],
            call_type=types.get(call.call_id),
            withdrawn_at=withdrawn.get(call.rules_version),
        )
        for call in calls
    }


def responsible_of(call: Call, company: NamedStructure) -> Who | None:
    if call.responsible_id is None:
        return None
    return Who(call.responsible_id, company.names.get(call.responsible_id, ""))


def claimants_of(call: Call) -> tuple[Claimant, ...]:
    """Who carried the number then; nobody knows of calls older than their evidence."""
    if not call.contested or not call.evidence:
        return ()
    found = [one.candidate for one in verdict_of(call.evidence).steps[-1].findings]
    return tuple(
        Claimant(
            one.title or f"ID {one.id}",
            Who(one.responsible.id, one.responsible.name or "") if one.responsible else None,
        )
        for one in found
    )


# --- People ----------------------------------------------------------------------------------------------------------
def managers_then(calls: Sequence[Call], company: Structure) -> dict[int, frozenset[int]]:
    """Every head above the responsible at ring time: today's structure, taken back change by change. One query.

    The portal does not tell when a department changed: what was seen shortly after the call may have been so before.
    """
    moments = [(call.rung_at + grace, call) for call in calls for grace in (NO_TIME, AROUND)]
    latest = Change.objects.filter(kind__in=["employee", "department"], what=Change.What.UPDATED)
    changes = list(latest.filter(at__gt=min(moment for moment, _call in moments)).order_by("-id"))
    found: dict[int, frozenset[int]] = {call.pk: frozenset() for call in calls}
    for moment, call in sorted(moments, key=lambda one: one[0], reverse=True):
        if later := [change for change in changes if change.at > moment]:
            company = undone(company, later)
            changes = [change for change in changes if change.at <= moment]
        if call.responsible_id is not None:
            found[call.pk] |= managers_of(call.responsible_id, company, Scope.CHAIN)
    return found


def gone_by_then(calls: Sequence[Call]) -> set[int]:
    """Calls of which the mirror learned so shortly after that the responsible had left. One query. As above: the
    portal does not tell when."""
    people = {str(call.responsible_id) for call in calls if call.responsible_id is not None}
    first, last = min(call.rung_at for call in calls), max(call.rung_at for call in calls)
    seen = Change.objects.filter(kind="employee", portal_id__in=people, at__gt=first, at__lte=last + AROUND)
    left = [(change.portal_id, change.at) for change in seen if has_left(change)]
    return {
        call.pk
        for call in calls
        if any(who == str(call.responsible_id) and call.rung_at < at <= call.rung_at + AROUND for who, at in left)
    }


def has_left(change: Change) -> bool:
    return change.kind == "employee" and (
        change.what == Change.What.DELETED or change.facts.get("active", [0])[-1] is False
    )


def absences_of(calls: Sequence[Call], company: NamedStructure) -> dict[int, tuple[Absence, ...]]:
    """Who stood in for the responsible on the day of the call. One query."""
    days = {call.pk: timezone.localdate(call.rung_at) for call in calls}
    rows = Substitution.objects.filter(
        substituted_id__in={call.responsible_id for call in calls if call.responsible_id is not None},
        first_day__lte=max(days.values()),
        last_day__gte=min(days.values()),
    )
    known: defaultdict[int, list[Absence]] = defaultdict(list)
    for row in rows.order_by("first_day", "pk"):
        substitute = Who(row.substitute_id, company.names.get(row.substitute_id, ""))
        known[row.substituted_id].append(Absence(substitute, row.first_day, row.last_day))
    return {
        call.pk: tuple(
            one for one in known.get(call.responsible_id or 0, ()) if one.first_day <= days[call.pk] <= one.last_day
        )
        for call in calls
    }


# --- Telephony -------------------------------------------------------------------------------------------------------
def incoming_of(calls: Sequence[Call], reach: timedelta) -> dict[int, tuple[datetime, ...]]:
    """When each number had rung us within the reach before, in order. Two queries. Masked ones are passed over: two
    numbers may look alike."""
    readable = [call for call in calls if call.number and not is_masked(call.number)]
    spans = list(merged((call.rung_at - reach, call.rung_at) for call in readable))
    by_number: defaultdict[str, set[datetime]] = defaultdict(set)
    for number, moment in (*_by_cards({call.number for call in readable}, spans), *_by_telephony(spans)):
        by_number[number].add(moment)
    return {
        call.pk: tuple(
            sorted(one for one in by_number.get(call.number, ()) if call.rung_at - reach <= one < call.rung_at)
        )
        for call in calls
    }


Span = tuple[datetime, datetime]


def merged(spans: Iterable[Span]) -> Iterator[Span]:
    """The same stretches of time, none of which meets another."""
    running: Span | None = None
    for first, last in sorted(spans):
        if running and first <= running[1]:
            running = (running[0], max(running[1], last))
            continue
        if running:
            yield running
        running = (first, last)
    if running:
        yield running


def within(column: str, spans: Iterable[Span]) -> Q:
    found = Q(pk=None)
    for span in spans:
        found |= Q(**{f"{column}__range": span})
    return found


def _by_cards(numbers: Collection[str], spans: Sequence[Span]) -> Iterator[tuple[str, datetime]]:
    rows = Call.objects.filter(within("rung_at", spans), number__in=numbers).exclude(direction__in=OUTGOING)
    yield from rows.values_list("number", "rung_at")


def _by_telephony(spans: Sequence[Span]) -> Iterator[tuple[str, datetime]]:
    rows = EndedCall.objects.filter(within("started_at", spans), call_type__in=NOT_DIALLED)
    for phone, started_at in rows.order_by().values_list("phone", "started_at"):
        if started_at:
            yield from ((number, started_at) for number in numbers_in(phone, settings.PHONE_REGION).numbers)


def types_of(calls: Sequence[Call]) -> Mapping[str, int | None]:
    """By call ID. One query."""
    ends = EndedCall.objects.filter(call_id__in=[call.call_id for call in calls])
    return dict(ends.order_by().values_list("call_id", "call_type"))


# --- Rules -----------------------------------------------------------------------------------------------------------
def withdrawals_of(calls: Sequence[Call]) -> dict[int, datetime]:
    """Versions of the rules that turned out to be a mistake, and since when that is known. One query."""
    versions = RuleSetVersion.objects.filter(version__in={call.rules_version for call in calls}).defer("rules")
    return {row.version: row.withdrawn_at for row in versions if row.withdrawn_at}
