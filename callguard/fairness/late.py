"""Facts that come late: conflicts judged already which the feed tells something about are judged again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from callguard.fairness.edits import COLUMNS
from callguard.fairness.facts import has_left
from callguard.fairness.grounds import NOT_DIALLED
from callguard.fairness.judge import judge_again
from callguard.models import Call, ExcuseRule, Ground, Substitution
from callguard.status.office import AROUND
from crm_mirror.models import Change, EndedCall
from crm_mirror.phones import numbers_in


def judge_touched(changes: Sequence[Change], *, at: datetime) -> None:
    """Inside the reader's transaction; harmless when repeated. No query where the changes concern no client, no call
    and nobody who has left."""
    ended = [change.portal_id for change in changes if change.what == Change.What.ENDED]
    edits = [
        change for change in changes if change.kind in ("company", "contact") and COLUMNS.keys() & change.facts.keys()
    ]
    left = [change for change in changes if has_left(change)]
    if not (ended or edits or left):
        return
    reach = dict(ExcuseRule.objects.values_list("ground", "minutes"))
    keys = _called_after(ended, timedelta(minutes=reach.get(Ground.CALLED_BACK) or 0)) if ended else set()
    keys |= _of_clients(edits, timedelta(minutes=reach.get(Ground.JUST_CHANGED) or 0)) if edits else set()
    keys |= _of_those_who_left(left) if left else set()
    if keys:
        judge_again(judged().filter(pk__in=keys), at=at)


def judged() -> QuerySet[Call]:
    return Call.objects.filter(conflict=True, judged_at__isnull=False)


def during(absence: Substitution) -> QuerySet[Call]:
    """Conflicts about the absent one's clients on the days of the substitution."""
    first = timezone.make_aware(datetime.combine(absence.first_day, datetime.min.time()))
    after = timezone.make_aware(datetime.combine(absence.last_day + timedelta(days=1), datetime.min.time()))
    return judged().filter(responsible_id=absence.substituted_id, rung_at__gte=first, rung_at__lt=after)


def _called_after(call_ids: Sequence[str], reach: timedelta) -> set[int]:
    """Those whose own type is told, and those before which the client rang. Three queries or fewer."""
    keys = set(judged().filter(call_id__in=call_ids).values_list("pk", flat=True))
    rang: defaultdict[str, list[datetime]] = defaultdict(list)
    ends = EndedCall.objects.filter(call_id__in=call_ids, call_type__in=NOT_DIALLED)
    for phone, started_at in ends.values_list("phone", "started_at"):
        if started_at:
            for number in numbers_in(phone, settings.PHONE_REGION).numbers:
                rang[number].append(started_at)
    if rang:
        moments = [moment for several in rang.values() for moment in several]
        near = judged().filter(number__in=rang, rung_at__range=(min(moments), max(moments) + reach))
        keys |= {
            pk
            for pk, number, rung_at in near.values_list("pk", "number", "rung_at")
            if any(moment < rung_at <= moment + reach for moment in rang[number])
        }
    return keys


def _of_those_who_left(changes: Sequence[Change]) -> set[int]:
    """One query."""
    first, last = min(change.at for change in changes) - AROUND, max(change.at for change in changes)
    theirs = judged().filter(responsible_id__in={int(change.portal_id) for change in changes})
    return set(theirs.filter(rung_at__range=(first, last)).values_list("pk", flat=True))


def _of_clients(edits: Sequence[Change], reach: timedelta) -> set[int]:
    """Those that rang about when the client changed, or after it had changed and before we knew. Two queries."""
    spans: defaultdict[tuple[str, int], list[tuple[datetime, datetime]]] = defaultdict(list)
    for change in edits:
        happened_at = change.modified_at or change.at
        spans[change.kind, int(change.portal_id)].append((happened_at - reach, max(happened_at + reach, change.at)))
    first = min(span[0] for several in spans.values() for span in several)
    last = max(span[1] for several in spans.values() for span in several)
    recent = judged().filter(rung_at__range=(first, last))
    return {
        pk
        for pk, kind, client_id, contact_id, rung_at in recent.filter(_about(spans)).values_list(
            "pk", "entity_type", "entity_id", "verdict__contact__id", "rung_at"
        )
        if any(
            span[0] <= rung_at <= span[1]
            for client in ((kind, client_id or 0), ("contact", contact_id or 0))
            for span in spans.get(client, ())
        )
    }


def _about(clients: Iterable[tuple[str, int]]) -> Q:
    ids: defaultdict[str, list[int]] = defaultdict(list)
    for kind, client_id in clients:
        ids[kind].append(client_id)
    through = Q(verdict__contact__id__in=ids["contact"]) if ids["contact"] else Q(pk=None)
    return (
        through
        | Q(entity_type="company", entity_id__in=ids["company"])
        | Q(entity_type="contact", entity_id__in=ids["contact"])
    )
