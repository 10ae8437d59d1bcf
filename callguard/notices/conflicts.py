"""To the responsible: a colleague called your client. Once per client, caller and day, and of what is blamed only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callguard.access.people import at_work
from callguard.calls import Conclusion, outcome_of
from callguard.dispute_words import client, joined, page_link, plain
from callguard.models import Call, Notice, NoticeSettings
from callguard.status.notices import notification_to
from crm_mirror import outbox
from crm_mirror.models import Employee

NOTED_WITHIN = timedelta(days=3)  # of the judgement: what is older is no news
RUNG_WITHIN = timedelta(days=7)  # what is judged anew long afterwards is none either
AT_ONCE = 200
State = Notice.State


@dataclass(frozen=True, slots=True)
class Subject:
    """What is told once: `told` is the responsible."""

    told: int
    caller: int
    entity_type: str
    entity_id: int | None
    day: date


def note_new(chosen: NoticeSettings, *, at: datetime) -> int:
    """Put in line what the responsibles are to hear; returns how many. One query when there is nothing."""
    blamed = Call.objects.filter(conflict=True, excused=False, judged_at__gte=at - NOTED_WITHIN)
    fresh = blamed.filter(rung_at__gte=max(chosen.tells_since, at - RUNG_WITHIN), responsible_id__isnull=False)
    untold = fresh.exclude(responsible_id=F("caller_id")).exclude(Exists(Notice.objects.filter(call=OuterRef("pk"))))
    rows = list(untold.order_by("rung_at").values_list("pk", "responsible_id")[:AT_ONCE])
    notices = [
        Notice(key=f"conflict:{pk}", kind=Notice.Kind.CONFLICT, employee_id=told, call_id=pk, noted_at=at)
        for pk, told in rows
        if told is not None  # as the query says
    ]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)  # another process may have been faster
    return len(notices)


@transaction.atomic
def tell_waiting(*, at: datetime) -> int:
    """Tell what waits; returns how many messages. One query when nothing does."""
    waiting = Notice.objects.filter(kind=Notice.Kind.CONFLICT, state=State.WAITING).select_related("call")
    rows = list(waiting.select_for_update(of=("self",)).order_by("id")[:AT_ONCE])
    blamed = _blamed(rows, at=at)
    if not blamed:
        return 0
    (here, names), told = _people(blamed), _told_already(blamed)
    groups: defaultdict[Subject, list[Notice]] = defaultdict(list)
    for row in blamed:
        groups[subject_of(row)].append(row)
    messages = []
    for subject, group in groups.items():
        if subject.told not in here:
            _settle(group, State.NOBODY, at=at)
        elif subject in told:
            _settle(group, State.TOLD_BEFORE, at=at)
        else:
            messages.append(_tell(subject, group, names.get(subject.caller) or f"ID {subject.caller}", at=at))
    return len(messages)


def _blamed(rows: Sequence[Notice], *, at: datetime) -> list[Notice]:
    """Those whose call is still blamed. What was excused meanwhile is not told, what is looked at again waits."""
    _settle([row for row in rows if row.call and row.call.judged_at and row.call.excused], State.EXCUSED, at=at)
    return [row for row in rows if row.call and row.call.judged_at and not row.call.excused]


def _people(rows: Iterable[Notice]) -> tuple[frozenset[int], dict[int, str]]:
    """Who of those to be told works here, and the names of the callers. Two queries."""
    told, callers = {row.employee_id for row in rows}, {row.call.caller_id for row in rows if row.call}
    here = at_work().filter(portal_id__in=told).values_list("portal_id", flat=True)
    return frozenset(here), dict(Employee.objects.filter(portal_id__in=callers).values_list("portal_id", "name"))


def _told_already(rows: Sequence[Notice]) -> set[Subject]:
    """What the same people were told before of the days of these. One query."""
    since = min(row.call.rung_at for row in rows if row.call) - timedelta(days=1)
    before = Notice.objects.filter(state=State.TOLD, kind=Notice.Kind.CONFLICT, call__rung_at__gte=since)
    same = before.filter(employee_id__in={row.employee_id for row in rows}).select_related("call")
    return {subject_of(row) for row in same}


def _tell(subject: Subject, group: Sequence[Notice], who: str, *, at: datetime) -> Notice:
    """One message about all of them, kept with the first."""
    first, *others = group
    calls = [row.call for row in group if row.call]
    with translation.override(settings.LANGUAGE_CODE):  # nobody's request: the language of the installation
        message = words(calls, who)
    sent = notification_to(subject.told, message, tag=f"CALLGUARD|CONFLICT|{calls[0].pk}|{subject.told}", at=at)
    outbox.enqueue_all([sent])
    Notice.objects.filter(pk=first.pk).update(state=State.TOLD, settled_at=at, sent=sent.pk)
    _settle(others, State.TOLD_BEFORE, at=at)
    return first


def _settle(rows: Iterable[Notice], state: Notice.State, *, at: datetime) -> None:
    if keys := [row.pk for row in rows]:
        Notice.objects.filter(pk__in=keys).update(state=state, settled_at=at)


def subject_of(row: Notice) -> Subject:
    call = row.call
    if call is None:
        raise ValueError(f"{row.key} is about no call")
    return Subject(row.employee_id, call.caller_id, call.entity_type, call.entity_id, localtime(call.rung_at).date())


def words(calls: Sequence[Call], who: str) -> str:
    """BB code. Names stand after a colon, where nobody has to decline them."""
    first = calls[0]
    when = date_format(localtime(first.rung_at), "SHORT_DATETIME_FORMAT")
    facts = {"client": client(first.verdict.get("entity")) or first.number, "who": plain(who), "when": when}
    message = _("Your client was called: %(client)s. Caller: %(who)s, %(when)s.") % facts
    times = ngettext("%(count)d call on that day.", "%(count)d calls on that day.", len(calls)) % {"count": len(calls)}
    return joined(message, times if len(calls) > 1 else _ending(first), page_link(first))


def _ending(call: Call) -> str:
    match outcome_of(call):
        case Conclusion.HEEDED:
            return _("They did not talk.")
        case Conclusion.PROCEEDED:
            return _("They talked.")
        case None:
            return ""
