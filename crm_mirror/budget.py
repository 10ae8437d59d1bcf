"""What is left of the portal's request allowance, and what took it: for the sync page, the doctor and /metrics."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from crm_mirror.connection import rate_from_settings
from crm_mirror.models import MethodPause, RequestAllowance, RequestMinute


@dataclass(frozen=True, slots=True)
class Pause:
    """A method that nobody calls before `until`: its time budget is spent (HTTP 429)."""

    method: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Budget:
    """The allowance at one moment. `used` and `room` in requests; `pace`: share of the rate that strangers leave us.

    Nobody asks anything before `blocked_until`; `halted_because` says why when only a person can help.
    """

    used: float = 0.0
    room: float = 0.0
    per_second: float = 0.0  # 0: the portal has no limit
    pace: float = 1.0
    sent: int = 0  # requests since the installation
    blocked_until: datetime | None = None
    halted_because: str = ""
    pauses: tuple[Pause, ...] = ()

    @property
    def is_halted(self) -> bool:
        return self.blocked_until is not None and bool(self.halted_because)


@dataclass(frozen=True, slots=True)
class Minute:
    """Requests of one purpose (portal.limits.Purpose) within one minute; `waited`: seconds until they were let go."""

    at: datetime
    purpose: str
    sent: int
    refused: int
    waited: float


def budget(*, at: datetime) -> Budget | None:
    """Of the portal asked last; None before the first request. Raises WrongSettings. Two queries."""
    row = RequestAllowance.objects.order_by("-updated_at").first()
    if row is None:
        return None
    rate, now = rate_from_settings(), at.timestamp()
    pauses = MethodPause.objects.filter(portal=row.portal, until__gt=now).order_by("until")
    return Budget(
        used=max(0.0, row.level - max(0.0, now - row.updated_at) * rate.per_second),
        room=rate.room,
        per_second=rate.per_second,
        pace=row.pace,
        sent=row.tickets,
        blocked_until=_moment(row.blocked_until) if row.blocked_until > now else None,
        halted_because=row.halted_because,
        pauses=tuple(Pause(pause.method, _moment(pause.until)) for pause in pauses),
    )


def minutes_since(at: datetime) -> list[Minute]:
    """The oldest first. One query."""
    rows = RequestMinute.objects.filter(minute__gte=at).order_by("minute", "purpose")
    return [Minute(row.minute, row.purpose, row.sent, row.refused, row.waited) for row in rows]


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
