"""The figures said once more and in another way: in Python, over the rows themselves. Slow and plain on purpose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from callguard.models import Call
from callguard.reports.question import Question


def state_of(call: Call) -> str | None:
    """What became of a conflict: exactly one of three."""
    if not call.conflict:
        return None
    if call.judged_at is None:
        return "pending"
    return "excused" if call.excused else "blamed"


def local_day(call: Call) -> date:
    return call.rung_at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def hour_of(call: Call) -> int:
    return call.rung_at.astimezone(ZoneInfo(settings.TIME_ZONE)).hour


def week_of(call: Call) -> date:
    day = local_day(call)
    return day - timedelta(days=day.weekday())


def names_of(call: Call, q: Question) -> Iterable[str]:
    """Every figure that counts this call."""
    yield "calls"
    if call.direction in ("outgoing", "callback"):
        yield "outgoing"
        if call.tier == "lead":
            yield "to_leads"
        if call.deal_id is not None:
            yield "on_deals"
    state = state_of(call)
    wanted = {"all": state, "no": "blamed", "yes": "excused", "pending": "pending"}[q.excused]
    of_status = not q.status or call.status_value == ("" if q.status == "-" else q.status)
    if state is None or state != wanted or not of_status:
        return
    yield "conflicts"
    yield state
    if state == "blamed":
        yield {True: "proceeded", False: "heeded", None: "open"}[call.answered]
        if call.taken_over:
            yield "takeovers"
    if not call.shown:
        yield "unseen"
        if call.answered:
            yield "unseen_proceeded"


def is_asked(call: Call, q: Question) -> bool:
    return q.first <= local_day(call) <= q.last and (q.people is None or call.caller_id in q.people)


def plain(q: Question, key: Callable[[Call], Any] = lambda call: None) -> dict[Any, Counter[str]]:
    """Figures of the question by a key of each call."""
    found: dict[Any, Counter[str]] = {}
    for call in Call.objects.all():
        if is_asked(call, q):
            found.setdefault(key(call), Counter()).update(names_of(call, q))
    return found
