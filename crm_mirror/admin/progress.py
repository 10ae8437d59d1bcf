"""How work that was asked for goes: read from its run, its lease and the cursors it moves."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import Max, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from crm_mirror.admin.launch import Order
from crm_mirror.admin.tiles import grouped
from crm_mirror.models import SyncCursor, SyncLease, SyncRun
from crm_mirror.sync.lease import is_gone
from crm_mirror.sync.work import Work
from crm_mirror.words import work_word

LONG = timedelta(seconds=20)  # until then a worker, or a fresh process, may still be on its way


class State(StrEnum):
    NONE = "none"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Progress:
    """`headline` changes with the state only and is read aloud, `detail` all the time. `percent` None: unknown."""

    state: State
    headline: str = ""
    detail: str = ""
    percent: int | None = None
    link: str = ""

    @property
    def goes_on(self) -> bool:
        return self.state in (State.WAITING, State.RUNNING)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"goes_on": self.goes_on}


@dataclass(frozen=True, slots=True)
class Asked:
    """When a button was pressed, and the newest run there was then."""

    at: datetime
    after: int


def asked_now(*, at: datetime) -> Asked:
    return Asked(at, SyncRun.objects.aggregate(newest=Max("pk"))["newest"] or 0)


def progress(order: Order, asked: Asked | None, *, at: datetime) -> Progress:
    """Of the newest run that began after the order, or still goes on. `asked` None: nobody asked on this page."""
    run = run_of(order, asked)
    if run is None:
        return waiting(asked.at, at=at) if asked else Progress(State.NONE)
    if run.ok is None:
        return running(run) if is_alive(run) else died(run)
    return done(run) if run.ok else failed(run)


def run_of(order: Order, asked: Asked | None = None) -> SyncRun | None:
    """The newest since the order; else the one that goes on."""
    runs = SyncRun.objects.filter(work__in=order.works).order_by("-pk")
    since = runs.filter(pk__gt=asked.after).first() if asked else None
    return since or next((run for run in runs.filter(ok=None) if is_alive(run)), None)


def waiting(asked_at: datetime, *, at: datetime) -> Progress:
    if at - asked_at < LONG:
        return Progress(State.WAITING, _("Asked for."), _("It begins in a moment."))
    return Progress(
        State.WAITING,
        _("Asked for, and nobody has begun."),
        _("Another process may be at it, or no worker runs: manage.py doctor"),
    )


def running(run: SyncRun) -> Progress:
    headline = _("Under way: %(work)s.") % {"work": work_word(run.work)}
    if run.work != Work.FULL:
        return Progress(State.RUNNING, headline, link=page_of(run))
    seen, expected = rows_read()
    if not expected:
        return Progress(State.RUNNING, headline, _("The portal is asked how much there is."), link=page_of(run))
    words = _("%(seen)s of %(expected)s rows read") % {"seen": grouped(seen), "expected": grouped(expected)}
    return Progress(State.RUNNING, headline, words, min(100, seen * 100 // expected), page_of(run))


def rows_read() -> tuple[int, int]:
    """Seen and announced rows of the newest round of a full sync. Two queries."""
    began = SyncCursor.objects.aggregate(began=Max("pass_started_at"))["began"]
    counted = SyncCursor.objects.filter(pass_started_at=began).aggregate(seen=Sum("seen"), expected=Sum("expected"))
    return counted["seen"] or 0, counted["expected"] or 0


def done(run: SyncRun) -> Progress:
    words = _("%(requests)s requests, %(seconds)s s") % {
        "requests": grouped(run.report.get("requests", 0)),
        "seconds": round(run.report.get("seconds", 0), 1),
    }
    headline = _("Done: %(work)s.") % {"work": work_word(run.work)}
    return Progress(State.DONE, headline, words, 100, page_of(run))


def failed(run: SyncRun) -> Progress:
    headline = _("Failed: %(work)s.") % {"work": work_word(run.work)}
    return Progress(State.FAILED, headline, run.error, link=page_of(run))


def died(run: SyncRun) -> Progress:
    """A process that was killed says nothing; the next run closes its row and goes on where it was."""
    headline, detail = _("The process ended half way."), _("Ask again: it goes on where it was.")
    return Progress(State.FAILED, headline, detail, link=page_of(run))


def is_alive(run: SyncRun) -> bool:
    holder = SyncLease.objects.filter(name=run.work).values_list("holder", flat=True).first()
    return holder is not None and not is_gone(holder)


def page_of(run: SyncRun) -> str:
    return reverse("admin:crm_mirror_syncrun_change", args=[run.pk])
