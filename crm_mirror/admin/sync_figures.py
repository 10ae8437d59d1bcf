"""The sync page's figures in words: whether to trust the mirror, kind by kind, and what waits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from crm_mirror import freshness
from crm_mirror.admin.pieces import NOTHING
from crm_mirror.admin.tiles import Tile, about, capped_count, grouped, shown
from crm_mirror.alerts import Alert
from crm_mirror.allowance import Budget, budget
from crm_mirror.models import (
    Company,
    Contact,
    ContactCompany,
    Deal,
    Department,
    Employee,
    InboxEvent,
    Lead,
    OutboxCall,
    Quarantine,
    Repair,
    Status,
)
from crm_mirror.words import kind_word, source_word

DAY = timedelta(days=1)
GRAVE = ("mirror-empty", "mirror-stale")  # a verdict of now may be wrong for sure
TABLES: dict[str, type[Model]] = {
    "status": Status,
    "employee": Employee,
    "department": Department,
    "company": Company,
    "contact": Contact,
    "link": ContactCompany,
    "lead": Lead,
    "deal": Deal,
}


@dataclass(frozen=True)
class Row:
    """A kind in the table, in words."""

    kind: str
    rows: str
    true_at: datetime | None
    age: str
    lag: str
    backlog: str
    drift: str
    is_drifting: bool
    passed_at: datetime | None


@dataclass(frozen=True)
class Learned:
    """How far behind the changes come that were learned in one way."""

    how: StrOrPromise
    count: str
    half: str
    most: str


def trust(found: list[Alert], *, at: datetime) -> tuple[str, str]:
    """One sentence and its tone: good, warning or bad."""
    synced_at = freshness.synced_at()
    if synced_at is None:
        return "bad", _("Do not rely on the mirror: it has not been read completely yet.")
    age = span((at - synced_at).total_seconds())
    if any(alert.code in GRAVE for alert in found):
        return "bad", _("Do not rely on the mirror: it is as the portal was %(age)s ago.") % {"age": age}
    if found:
        return "warning", _("The mirror is as the portal was %(age)s ago, but something needs you.") % {"age": age}
    return "good", _("The mirror can be trusted: it is as the portal was %(age)s ago.") % {"age": age}


def rows(*, at: datetime) -> Iterator[Row]:
    known = freshness.lags()
    for kind in freshness.standings():
        lag = known.get(kind.kind)
        yield Row(
            kind=capfirst(str(kind_word(kind.kind))),
            rows=about(TABLES[kind.kind]),
            true_at=kind.true_at,
            age=_("%(age)s ago") % {"age": span((at - kind.true_at).total_seconds())}
            if kind.true_at
            else _("never read"),
            lag=f"{span(lag.p50)} / {span(lag.p95)}" if lag else NOTHING,
            backlog=backlog(kind, at=at),
            drift=NOTHING if kind.drift_left is None else grouped(kind.drift_left),
            is_drifting=bool(kind.drift_left),
            passed_at=kind.passed_at,
        )


def sources(day: Iterable[freshness.Measured]) -> list[Learned]:
    known = freshness.by_source(day)
    return [Learned(source_word(code), grouped(lag.count), span(lag.p50), span(lag.p95)) for code, lag in known.items()]


def backlog(kind: freshness.Standing, *, at: datetime) -> str:
    if not kind.backlog_since:
        return NOTHING
    words = {"time": timesince(kind.backlog_since, at), "id": grouped(kind.backlog_last_id)}
    return _("a mass change for %(time)s, worked off up to ID %(id)s") % words


def allowance(*, at: datetime) -> Iterator[Tile]:
    left = budget(settings.PORTAL_ORIGIN, at=at)
    yield used(left)
    hour = left.last_hour.values()
    waited = sum(one.waited for one in hour)
    yield Tile(_("Waited"), span(waited), _("All requests of the last hour together, until they were let go."))
    refused = sum(one.refused for one in hour)
    hint = _("Somebody else uses the same address.") if refused else _("Within the last hour.")
    yield Tile(_("Refused"), grouped(refused), hint, tone="bad" if refused else "good")
    hint = _("What strangers on the same address leave us.")
    if left.lowered_at:
        hint = _("Lowered at %(time)s; it comes back by itself.") % {"time": clock(left.lowered_at)}
    yield Tile(_("Pace"), f"{left.pace:.0%}", hint)
    if left.blocked_until:
        why = left.halted_because or _("The portal said: too many.")
        yield Tile(_("Nobody asks before"), clock(left.blocked_until), why, tone="bad")
    for method, until in left.pauses.items():
        hint = _("%(method)s has used up its time in the portal.") % {"method": method}
        yield Tile(_("A method rests until"), clock(until), hint)


def used(left: Budget) -> Tile:
    if not left.rate.per_second:
        sent = sum(one.sent for one in left.last_hour.values())
        return Tile(_("Requests"), grouped(sent), _("Within the last hour. The portal has no limit."))
    figure = _("%(used)s of %(room)s") % {"used": grouped(round(left.level)), "room": grouped(round(left.rate.room))}
    return Tile(_("Used"), figure, _("The portal takes back %(rate)g a second.") % {"rate": left.rate.per_second})


def queues(*, at: datetime) -> Iterator[Tile]:
    inbox, outbox = freshness.inbox(), freshness.outbox()
    yield waits(_("Events waiting"), inbox, list_of(InboxEvent, state=InboxEvent.State.WAITING), at=at)
    failed = list_of(InboxEvent, state=InboxEvent.State.FAILED)
    yield wrong(_("Events given up"), inbox.given_up, _("Read their notes and try again."), failed)
    yield waits(_("Calls to the portal waiting"), outbox, list_of(OutboxCall, state=OutboxCall.State.WAITING), at=at)
    dead = list_of(OutboxCall, state=OutboxCall.State.DEAD)
    yield wrong(_("Calls to the portal given up"), outbox.given_up, _("Read their errors and send them again."), dead)
    quarantined = capped_count(Quarantine)
    yield wrong(_("Rows in quarantine"), quarantined, _("Correct them in the portal."), list_of(Quarantine))
    repaired = Repair.objects.filter(at__gt=at - DAY)[:1000].count()
    yield Tile(_("Rows repaired in 24 hours"), shown(repaired, 999), _("What comparisons put right."), list_of(Repair))


def waits(title: str, queue: freshness.Queue, link: str, *, at: datetime) -> Tile:
    since = _("The oldest for %(time)s.") % {"time": span((at - queue.oldest).total_seconds())} if queue.oldest else ""
    return Tile(title, grouped(queue.waiting), since or _("Nothing waits."), link)


def wrong(title: str, count: int, hint: str, link: str) -> Tile:
    return Tile(title, shown(count), hint if count else _("Nothing to do."), link, "bad" if count else "good")


def list_of(model: type[Model], **filters: str) -> str:
    """Address of the model's list, filtered; "" for one without pages."""
    if not admin.site.is_registered(model):
        return ""
    query = urlencode({f"{name}__exact": value for name, value in filters.items()})
    return reverse(f"admin:crm_mirror_{model._meta.model_name}_changelist") + (f"?{query}" if query else "")


def span(seconds: float) -> str:
    """How long, at a glance: 2.4 s, 40 s, 5 min, 3 h, 2 d."""
    if seconds < 10:
        return _("%(count)s s") % {"count": f"{max(0.0, seconds):.1f}".removesuffix(".0")}
    for size, limit, words in (
        (1, 120, _("%(count)s s")),
        (60, 7200, _("%(count)s min")),
        (3600, 172_800, _("%(count)s h")),
    ):
        if seconds < limit:
            return words % {"count": int(seconds / size)}
    return _("%(count)s d") % {"count": int(seconds / 86_400)}


def clock(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%d.%m %H:%M:%S}"
