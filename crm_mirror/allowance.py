"""The request allowance's rows, the same for every process on this database, and what they say to people."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import F, Sum

from crm_mirror.models import MethodPause, RequestAllowance, RequestMinute
from crm_mirror.portal.limits import LONGEST_PAUSE, Bucket, Purpose, Rate, ahead

LONG_AGO = 3600.0  # seconds: a pause that ended so long ago is of no use
KEPT = timedelta(days=8)  # RequestMinute: the last week and its like of the week before
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class AllowanceRows:
    """limits.Store over RequestAllowance, MethodPause and RequestMinute. `portal`: origin, e.g. https://portal.example"""

    def __init__(self, portal: str) -> None:
        self._portal = portal

    def bucket(self) -> Bucket:
        row, _ = RequestAllowance.objects.get_or_create(portal=self._portal)
        return bucket_of(row)

    def swap(self, old: Bucket, new: Bucket) -> bool:
        row = RequestAllowance.objects.filter(portal=self._portal, **asdict(old))
        return row.update(**asdict(new)) == 1

    def pauses(self) -> dict[str, float]:
        return dict(MethodPause.objects.filter(portal=self._portal).values_list("method", "until"))

    def pause(self, method: str, until: float) -> None:
        MethodPause.objects.update_or_create(portal=self._portal, method=method, defaults={"until": until})
        MethodPause.objects.filter(portal=self._portal, until__lt=until - LONG_AGO).delete()

    def count(self, purpose: Purpose, at: float, *, sent: int = 0, refused: int = 0, waited: float = 0.0) -> None:
        """One UPDATE; the first request of a minute makes its row and clears away what is old."""
        minute = minute_of(datetime.fromtimestamp(at, UTC))
        row = RequestMinute.objects.filter(portal=self._portal, minute=minute, purpose=purpose)
        added = {"sent": F("sent") + sent, "refused": F("refused") + refused, "waited": F("waited") + waited}
        if not row.update(**added):
            RequestMinute.objects.get_or_create(portal=self._portal, minute=minute, purpose=purpose)
            row.update(**added)
            RequestMinute.objects.filter(minute__lt=minute - KEPT).delete()


@dataclass(frozen=True, slots=True)
class Used:
    """Requests of one purpose in some stretch of time. `waited`: seconds that they waited for permission, all told."""

    sent: int = 0
    refused: int = 0
    waited: float = 0.0


@dataclass(frozen=True, slots=True)
class Budget:
    """The allowance of one portal at a moment, for people. `last_minute` is the last whole one."""

    rate: Rate  # as configured
    pace: float  # share of it that is ours: below 1 others use the same address, or the portal's limit is lower
    level: float  # requests in the bucket, of rate.room
    lowered_at: datetime | None  # the pace
    blocked_until: datetime | None  # nobody asks before
    halted_because: str  # "" unless it takes a person
    last_minute: dict[Purpose, Used]
    last_hour: dict[Purpose, Used]
    pauses: dict[str, datetime]  # methods whose time budget is spent, until when


def budget(portal: str, *, at: datetime) -> Budget:
    """Four queries. `portal`: origin."""
    now = at.timestamp()
    rate = Rate(settings.BITRIX_RATE_PER_SECOND, settings.BITRIX_RATE_BURST)
    row = RequestAllowance.objects.filter(portal=portal).first() or RequestAllowance(portal=portal)
    known = bucket_of(row)
    blocked = known.blocked_for(now)
    present = known.at(now, rate)
    pauses = AllowanceRows(portal).pauses().items()
    minute = minute_of(at)
    return Budget(
        rate,
        present.pace,
        present.level,
        instant(known.paced_at) if known.paced_at else None,
        at + timedelta(seconds=blocked) if blocked else None,
        known.halted_because,
        used(portal, since=minute - MINUTE, until=minute),
        used(portal, since=at - HOUR, until=at),
        {method: instant(until) for method, until in pauses if ahead(until, now, at_most=LONGEST_PAUSE)},
    )


def used(portal: str, *, since: datetime, until: datetime) -> dict[Purpose, Used]:
    """By purpose, over the minutes that began in this time."""
    rows = RequestMinute.objects.filter(portal=portal, minute__gte=since, minute__lt=until).values("purpose")
    sums = rows.annotate(Sum("sent"), Sum("refused"), Sum("waited")).order_by()
    return {Purpose(row["purpose"]): Used(row["sent__sum"], row["refused__sum"], row["waited__sum"]) for row in sums}


def resume(portal: str) -> None:
    """Ask again at once whatever halted everything: for a person who has put it right."""
    RequestAllowance.objects.filter(portal=portal).exclude(halted_because="").update(blocked_until=0)


def bucket_of(row: RequestAllowance) -> Bucket:
    return Bucket(
        row.level,
        row.updated_at,
        row.blocked_until,
        row.tickets,
        row.pace,
        row.paced_at,
        row.halted_because,
    )


def minute_of(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
