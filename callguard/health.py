"""What must work before a card can be painted, and stay so: for /readyz, for /metrics, and for `manage.py doctor`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import Error as DbError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count
from django.utils.translation import gettext as _
from kombu import Connection

from callguard.access.administrators import list_is_complete
from callguard.checks import SECRET_BYTES
from callguard.models import Call
from callguard.notices import letters
from crm_mirror import diagnosis, freshness
from crm_mirror.alerts import Alert, alerts
from crm_mirror.allowance import budget
from crm_mirror.diagnosis import Finding, StillToDo, Unwell, finding
from crm_mirror.models import Quarantine, SyncRun
from crm_mirror.sync.work import Work

BROKER_PATIENCE = 2  # seconds
# The doctor's lines about the living mirror, and the alerts (crm_mirror.alerts) that make each of them fail.
LIVING = {
    "mirror": ("mirror-stale",),
    "worker": ("beat-stopped", "run-failed"),
    "inbox": ("inbox-stuck", "inbox-given-up", "events-silent"),
    "outbox": ("outbox-stuck", "outbox-dead"),
    "drift": ("drift", "mass-delete", "quarantine"),
    "allowance": ("portal-halted", "token-refused"),
}
ORDER = (
    *("database", "migrations", "broker", "portal", *diagnosis.OTHERS, "placements", *LIVING),
    *("administrators", "card secret", "card origins", "card", "letters"),
)


def readiness(*, at: datetime) -> list[Finding]:
    """What the API needs to answer well. Never raises, whatever is down."""
    return [finding(name, check) for name, check in ready_checks(at).items()]


def alerts_if_any(*, at: datetime) -> list[Alert]:
    """None without the database, whose own line says enough. Never raises."""
    try:
        return alerts(at=at)
    except DbError:
        return []


def ready_checks(at: datetime) -> dict[str, Callable[[], str]]:
    return {"database": database, "migrations": migrations, "broker": broker, "mirror": partial(mirror, at=at)}


def diagnosis_of_everything(*, at: datetime) -> list[Finding]:
    """The doctor's lines, in the order in which things are to be put right."""
    return in_order([*findings_here(at=at), *diagnosis.portal_findings(at=at)])


def findings_here(*, at: datetime) -> list[Finding]:
    """The lines that need no question to the portal. Never raises, whatever is down."""
    checks: dict[str, Callable[[], str]] = {
        "database": database,
        "migrations": migrations,
        "broker": broker,
        "administrators": partial(with_database, administrators),
        "card secret": card_secret,
        "card origins": card_origins,
        "card": partial(with_database, card),
        "letters": partial(with_database, partial(letters_on_their_way, at=at)),
    }
    return [*(finding(name, check) for name, check in checks.items()), *living(at=at)]


def in_order(findings: list[Finding]) -> list[Finding]:
    """As ORDER has them; one that it does not know comes last."""
    place = {name: number for number, name in enumerate(ORDER)}
    return sorted(findings, key=lambda found: place.get(found.name, len(place)))


def with_database(check: Callable[[], str]) -> str:
    try:
        return check()
    except DbError as error:
        raise Unwell(*diagnosis.without_database(error)) from error


def living(*, at: datetime) -> list[Finding]:
    """How the mirror lives: what is alarming of each part, else its figures."""
    try:
        known = {alert.code: alert for alert in alerts(at=at)}
    except DbError as error:
        return [Finding(name, False, *diagnosis.without_database(error)) for name in LIVING]
    figures: dict[str, Callable[[], str]] = {
        "mirror": partial(mirror_so_far, at=at),
        "worker": worker,
        "inbox": partial(queue, freshness.inbox),
        "outbox": partial(queue, freshness.outbox),
        "drift": drift,
        "allowance": partial(allowance, at=at),
    }
    told = {name: [known[code] for code in codes if code in known] for name, codes in LIVING.items()}
    return [alarming(name, told[name]) if told[name] else finding(name, figures[name]) for name in LIVING]


def alarming(name: str, found: list[Alert]) -> Finding:
    """One line of all that is wrong with the part; the cure of the gravest."""
    detail = " ".join(alert.text for alert in found)
    remedy = f"{found[0].remedy} ({found[0].anchor})"
    return Finding(name, False, detail, remedy, " ".join(alert.cause for alert in found))


def mirror_so_far(*, at: datetime) -> str:
    """Before the first sync nothing is wrong yet."""
    if mirror_age(at=at) is None:
        raise StillToDo(_("Empty so far."), _("Run: manage.py sync"))
    return mirror(at=at)


def worker() -> str:
    """With a broker rounds begin by themselves; until the first has, nobody knows whether they will."""
    if settings.CELERY_TASK_ALWAYS_EAGER:
        return _("in-process")
    if not SyncRun.objects.filter(work=Work.DELTA).exists():
        raise StillToDo(_("Not seen yet."), _("Start the beat and a worker; the first round begins within a minute."))
    return _("rounds begin as they should")


def queue(waiting: Callable[[], freshness.Queue]) -> str:
    return _("%(count)d wait") % {"count": waiting().waiting}


def drift() -> str:
    compared = [kind.compared_at for kind in freshness.standings() if kind.compared_at]
    if not compared:
        return _("not compared yet; the next comparison is tonight's, or: manage.py reconcile")
    return _("none, compared on %(day)s") % {"day": min(compared).date().isoformat()}


def allowance(*, at: datetime) -> str:
    left = budget(settings.PORTAL_ORIGIN, at=at)
    if not left.rate.per_second:
        return _("the portal has no limit")
    known = {"used": left.level, "room": left.rate.room, "pace": left.pace * 100}
    return _("%(used)d of %(room)d requests used, pace %(pace)d %%") % known


# --- Ours ------------------------------------------------------------------------------------------------------------
def database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DbError as error:
        raise Unwell(
            _("The database does not answer."), _("Start it, or put the right address into DATABASE_URL."), cause=error
        ) from error
    return str(connection.display_name)


def migrations() -> str:
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DbError as error:
        raise Unwell(*diagnosis.without_database(error)) from error
    if waiting:
        raise Unwell(_("%(count)d migrations wait.") % {"count": len(waiting)}, _("Run: manage.py migrate"))
    return _("all applied")


def broker() -> str:
    """A broker inside this process (memory://) is always there."""
    url = settings.CELERY_BROKER_URL
    if url.startswith("memory://"):
        return _("in-process")
    try:
        with Connection(url, connect_timeout=BROKER_PATIENCE) as link:
            link.ensure_connection(max_retries=1, interval_start=0, timeout=BROKER_PATIENCE)
            return str(link.transport_cls)
    except Exception as error:  # each driver raises its own, down to KeyError for a mistyped address
        raise Unwell(
            _("The broker does not answer: tasks wait."),
            _("Start it, or put the right address into CELERY_BROKER_URL."),
            cause=error,
        ) from error


def mirror(*, at: datetime) -> str:
    try:
        age = mirror_age(at=at)
    except DbError as error:
        raise Unwell(*diagnosis.without_database(error)) from error
    if age is None:
        raise Unwell(_("The mirror is not complete yet."), _("Run: manage.py sync --full"))
    if age > settings.MIRROR_STALE_AFTER:
        raise Unwell(_("The mirror is %(age)d s old.") % {"age": age}, _("Run: manage.py sync"))
    return _("%(age)d s old") % {"age": age}


def card_secret() -> str:
    length = len(settings.CARD_TOKEN_SECRET.encode())
    if length >= SECRET_BYTES:
        return _("set")
    raise Unwell(
        _("CARD_TOKEN_SECRET has %(length)d bytes.") % {"length": length},
        _("Put a random text of at least %(least)d characters into it, and the same one into the portal.")
        % {"least": SECRET_BYTES},
    )


def card_origins() -> str:
    """The portal's own pages must be among those that may ask."""
    origins = settings.CARD_ORIGINS
    if settings.PORTAL_ORIGIN in origins:
        return ", ".join(origins)
    raise Unwell(
        _("CARD_ORIGINS does not name the portal: the browser keeps its cards from asking."),
        _("Remove CARD_ORIGINS, or add the scheme and host of BITRIX_WEBHOOK_URL to it."),
    )


def administrators() -> str:
    """Until the list is known to be whole, the guard only flags what somebody unknown did."""
    if list_is_complete():
        return _("the list is whole")
    raise StillToDo(
        _("The list of the portal's administrators is not confirmed: doubtful changes of a status are only flagged."),
        _(
            "Look through it and confirm it in the administration (Administrators of the portal), "
            "or set BITRIX_ADMIN_IDS."
        ),
    )


def card() -> str:
    if Call.objects.exists():
        return _("cards ask")
    raise StillToDo(_("No card has asked yet."), _("Put the card script on the portal's pages."))


def letters_on_their_way(*, at: datetime) -> str:
    """Those that were given up, or wait for long, are a person's business."""
    if not letters.can_be_sent():
        return _("no mail server: digests come as messages in the portal")
    known = letters.standing(at=at)
    if known.dead:
        raise Unwell(
            _("Letters given up: %(count)d.") % {"count": known.dead},
            _("Read why under Letters in the administration, mend it there or in EMAIL_URL, and send them again."),
        )
    if known.late:
        raise Unwell(
            _("Letters waiting for more than an hour: %(count)d.") % {"count": known.late},
            _("See that the worker runs (without one: manage.py letters) and that the mail server answers."),
        )
    return _("on their way: %(count)d") % {"count": known.waiting}


# --- Figures ---------------------------------------------------------------------------------------------------------
def mirror_age(*, at: datetime) -> int | None:
    """Seconds since the oldest of the last complete passes, as verdicts say it; None before. One query."""
    synced_at = freshness.synced_at()
    return None if synced_at is None else max(0, int((at - synced_at).total_seconds()))


def quarantined() -> list[tuple[str, int]]:
    """Rows in quarantine by kind. One query."""
    return list(Quarantine.objects.order_by("kind").values_list("kind").annotate(rows=Count("id")))
