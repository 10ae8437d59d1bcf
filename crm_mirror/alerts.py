"""What a person should know of the mirror before he trusts it: each line with its cure.

One list for the sync page, the doctor, /readyz and /metrics. `text` and `remedy` hold no word of the portal's and no
address, for /readyz has no sign-in; what the portal said stands in `cause`. Each code is a heading of
docs/operations.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Max, Value
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm_mirror import freshness
from crm_mirror.allowance import bucket_of
from crm_mirror.models import (
    Change,
    Company,
    Contact,
    ContactCompany,
    Deal,
    InboxEvent,
    Lead,
    PortalConnection,
    Quarantine,
    RequestAllowance,
    SyncRun,
)
from crm_mirror.portal.errors import BY_CODE, NotAllowed, TokenExpired, WrongToken
from crm_mirror.sync.kinds import LINK, STATUS, VERDICT_NAMES
from crm_mirror.sync.look import Source
from crm_mirror.sync.work import Work
from crm_mirror.words import kind_word, work_word

BEAT_SILENT = timedelta(minutes=5)  # a delta round begins every minute
INBOX_STUCK = timedelta(minutes=10)
OUTBOX_STUCK = timedelta(minutes=30)  # a call that failed waits longer each time
EVENTS_SILENT = timedelta(hours=1)
EVENTLESS = (LINK, STATUS)  # kinds of which the portal tells no change, or not of every one
UNTOLD_CHANGES = 5  # changes found without any event before silence is strange
CHANGES_LOOKED_AT = 200
QUARANTINE_NEW = timedelta(days=1)
MASS_DELETE = "--allow-mass-delete"  # named by the warning of a run that stopped before it forgot too much
REFUSING = (WrongToken, TokenExpired, NotAllowed)
REFUSALS = (  # in the words of an error: its code, its class, or the status of an answer without a code
    *(code for code, kind in BY_CODE.items() if issubclass(kind, REFUSING)),
    *(kind.__name__ for kind in REFUSING),
    *("HTTP 401", "HTTP 403"),
)


@dataclass(frozen=True, slots=True)
class Alert:
    code: str
    text: str
    remedy: str
    cause: str = ""  # for operators only: it may quote the portal

    @property
    def anchor(self) -> str:
        """Where "what to do when" is written down."""
        return f"docs/operations.md#{self.code}"


def alerts(*, at: datetime) -> list[Alert]:
    """The gravest first; none when all is well. At most twelve queries. Raises DatabaseError."""
    kinds = freshness.standings()
    runs, halted = newest_runs(), halted_because(at=at)
    return [
        *mirror_age(kinds, at=at),
        *portal_halted(halted),
        *token_refused(halted, runs),
        *failed_runs(runs),
        *beat(runs, at=at),
        *inbox(at=at),
        *silent_events(at=at),
        *outbox(at=at),
        *drift(kinds),
        *suspects(runs),
        *quarantine(at=at),
    ]


def newest_runs() -> dict[str, SyncRun]:
    """The newest run of each work. One query."""
    newest = SyncRun.objects.order_by().values("work").annotate(newest=Max("pk")).values("newest")
    return {run.work: run for run in SyncRun.objects.filter(pk__in=newest)}


def mirror_age(kinds: list[freshness.Standing], *, at: datetime) -> Iterator[Alert]:
    ages = [kind.true_at for kind in kinds if kind.kind in VERDICT_NAMES and kind.true_at]
    if len(ages) < len(VERDICT_NAMES):
        yield Alert("mirror-empty", _("The mirror is not complete yet."), _("Run: manage.py sync --full"))
    elif (age := (at - min(ages)).total_seconds()) > settings.MIRROR_STALE_AFTER:
        yield Alert(
            "mirror-stale",
            _("The mirror is %(age)d s old.") % {"age": age},
            _("Run: manage.py sync. If that helps, see that the beat and the worker run."),
        )


def portal_halted(halted: str) -> Iterator[Alert]:
    if halted and not is_refusal(halted):
        yield Alert(
            "portal-halted",
            _("The portal has locked us out: nothing is asked for the time being."),
            _("Find out why, in the portal or with the vendor's support. We try again by ourselves every few minutes."),
            halted,
        )


def halted_because(*, at: datetime) -> str:
    """Why nobody asks the portal anything; "" while somebody may. One query."""
    rows = RequestAllowance.objects.filter(portal=settings.PORTAL_ORIGIN).exclude(halted_because="")
    return next((row.halted_because for row in rows if bucket_of(row).blocked_for(at.timestamp())), "")


def token_refused(halted: str, runs: dict[str, SyncRun]) -> Iterator[Alert]:
    told = [words for words in (halted, *(run.error for run in failures(runs))) if is_refusal(words)]
    if told:
        yield Alert(
            "token-refused",
            _("The portal refuses our token, or its owner may no longer read what we need."),
            _("See that the webhook's owner is still an administrator, and that the portal's plan includes REST."),
            told[0],
        )


def failed_runs(runs: dict[str, SyncRun]) -> Iterator[Alert]:
    """Of each work only the newest run counts: what went well since is past. What a halt explains is told with it."""
    for run in failures(runs):
        if not is_refusal(run.error):
            yield Alert(
                "run-failed",
                _("The last run failed: %(work)s.") % {"work": work_word(run.work)},
                _("Look at its error on the page of the run; it is tried again by itself."),
                run.error,
            )


def failures(runs: dict[str, SyncRun]) -> list[SyncRun]:
    """Those that failed, unless another work has gone well since: what the portal or a token lacked is there again.

    A comparison that failed by itself stands until the next one.
    """
    went_well = max((run.started_at for run in runs.values() if run.ok), default=None)
    failed = [run for run in runs.values() if run.ok is False]
    return [
        run
        for run in failed
        if went_well is None or run.started_at > went_well or (run.work == Work.RECONCILE and not is_refusal(run.error))
    ]


def is_refusal(error: str) -> bool:
    words = error.upper()
    return any(sign.upper() in words for sign in REFUSALS)


def beat(runs: dict[str, SyncRun], *, at: datetime) -> Iterator[Alert]:
    """With a broker somebody has to wake the workers; without one, cron may come round as seldom as it likes.

    A beat that was never seen is not one that stopped: an old mirror is told of anyway.
    """
    if settings.CELERY_TASK_ALWAYS_EAGER or Work.DELTA not in runs:
        return
    rounds = [run for run in (runs.get(Work.DELTA), runs.get(Work.FULL)) if run]
    is_busy = any(run.ok is None for run in rounds)
    if not is_busy and not any(run.started_at > at - BEAT_SILENT for run in rounds):
        yield Alert(
            "beat-stopped",
            _("No round has begun for %(minutes)d minutes.") % {"minutes": BEAT_SILENT.total_seconds() / 60},
            _("Start the beat and a worker, or see why they do not work."),
        )


def inbox(*, at: datetime) -> Iterator[Alert]:
    queue = freshness.inbox()
    if queue.oldest and queue.oldest < at - INBOX_STUCK:
        yield Alert(
            "inbox-stuck",
            ngettext(
                "%(count)d event waits, the oldest for %(minutes)d minutes.",
                "%(count)d events wait, the oldest for %(minutes)d minutes.",
                queue.waiting,
            )
            % {"count": queue.waiting, "minutes": minutes_since(queue.oldest, at)},
            _("See that a worker runs and that the portal answers: manage.py doctor"),
        )
    if queue.given_up:
        yield Alert(
            "inbox-given-up",
            ngettext("%(count)d event was given up.", "%(count)d events were given up.", queue.given_up)
            % {"count": queue.given_up},
            _("Read the note of each in the list of events, put right what it names, and choose “try again”."),
        )


def silent_events(*, at: datetime) -> Iterator[Alert]:
    """Events come as a rule, yet changes were found without any: the portal no longer calls us."""
    last = InboxEvent.objects.order_by("-id").values_list("received_at", flat=True).first()
    is_set_up = last or settings.BITRIX_APPLICATION_TOKEN or PortalConnection.objects.exists()
    if not is_set_up or (last and last > at - EVENTS_SILENT):
        return
    newest = Change.objects.order_by("-id").values_list("at", "source", "kind")[:CHANGES_LOOKED_AT]
    asked = [(seen, kind) for seen, source, kind in newest if source == Source.DELTA]
    untold = [kind for seen, kind in asked if kind not in EVENTLESS and (not last or seen > last)]
    if len(untold) >= UNTOLD_CHANGES:
        yield Alert(
            "events-silent",
            _("The portal sends no events any more; changes are found by asking, which takes a minute longer."),
            _("See that the portal reaches /bitrix/events/ of this server: manage.py provision_portal --check"),
        )


def outbox(*, at: datetime) -> Iterator[Alert]:
    queue = freshness.outbox()
    if queue.oldest and queue.oldest < at - OUTBOX_STUCK:
        yield Alert(
            "outbox-stuck",
            ngettext(
                "%(count)d call to the portal waits, the oldest for %(minutes)d minutes.",
                "%(count)d calls to the portal wait, the oldest for %(minutes)d minutes.",
                queue.waiting,
            )
            % {"count": queue.waiting, "minutes": minutes_since(queue.oldest, at)},
            _("Read the error of the oldest; see that a worker runs and that the portal answers: manage.py doctor"),
        )
    if queue.given_up:
        yield Alert(
            "outbox-dead",
            ngettext(
                "%(count)d call to the portal was given up.",
                "%(count)d calls to the portal were given up.",
                queue.given_up,
            )
            % {"count": queue.given_up},
            _("Read the error of each, put right what it names, and send it again from the list."),
        )


def drift(kinds: list[freshness.Standing]) -> Iterator[Alert]:
    differing = [f"{kind_word(kind.kind)}: {kind.drift_left}" for kind in kinds if kind.drift_left]
    if differing:
        yield Alert(
            "drift",
            _("Mirror and portal differ: %(kinds)s.") % {"kinds": ", ".join(differing)},
            _("Run: manage.py reconcile --repair. What it cannot repair it names."),
        )


def suspects(runs: dict[str, SyncRun]) -> Iterator[Alert]:
    """Rows that no longer come and were not marked deleted: a pass decides by itself unless something speaks against.

    While everything is read they are in order. One query.
    """
    full = runs.get(Work.FULL)
    if full and full.ok is None:
        return
    found = [f"{kind_word(kind)}: {rows}" for kind, rows in suspected()]
    stopped = [words for run in runs.values() for words in run.report.get("warnings", []) if MASS_DELETE in words]
    if found or stopped:
        yield Alert(
            "mass-delete",
            _("Rows are missing from the portal's lists and were not marked deleted.")
            + f" {', '.join(found)}".rstrip(),
            _("Read the warnings of the last run. If they are deleted: manage.py sync --full --allow-mass-delete"),
            " ".join(stopped or (full.report.get("warnings", []) if full else [])),
        )


def suspected() -> list[tuple[str, int]]:
    """Live rows by kind that a pass did not meet. One query, from indexes that hold nothing else."""
    rows = [model.objects.live() for model in (Company, Contact, Lead, Deal)]
    names = ["company", "contact", "lead", "deal"]
    counts = [
        some.filter(missing_since__isnull=False).order_by().values(name=Value(kind)).annotate(rows=Count("pk"))
        for kind, some in zip([*names, LINK], [*rows, ContactCompany.objects.all()], strict=True)
    ]
    return [(found["name"], found["rows"]) for found in counts[0].union(*counts[1:], all=True) if found["rows"]]


def quarantine(*, at: datetime) -> Iterator[Alert]:
    fresh = Quarantine.objects.filter(since__gt=at - QUARANTINE_NEW).count()
    if fresh:
        yield Alert(
            "quarantine",
            ngettext(
                "%(count)d more row of the portal than a day ago cannot be read.",
                "%(count)d more rows of the portal than a day ago cannot be read.",
                fresh,
            )
            % {"count": fresh},
            _("Correct them in the portal; the list of the quarantine says what is wrong with each."),
        )


def minutes_since(then: datetime, at: datetime) -> int:
    return int((at - then).total_seconds() // 60)
