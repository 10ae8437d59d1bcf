"""Rows that did not come are asked for one by one: gone, there after all, or kept from us.

"Not found" and "Access denied" have the same code (rest.md §1) and a token that has lost rights hears either; so
absence counts only while `profile`, in the same request, says that the token is an administrator's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from crm_mirror.models import Quarantine
from crm_mirror.portal.batch import MOST_COMMANDS, Command, Outcome, asked
from crm_mirror.portal.errors import CallRefused, PortalError
from crm_mirror.portal.paging import Row
from crm_mirror.sync import news
from crm_mirror.sync.bench import Bench
from crm_mirror.sync.kinds import Kind
from crm_mirror.sync.look import Look, Source
from crm_mirror.sync.questions import PROFILE, told_by_profile
from crm_mirror.sync.rereading import portions

NO_ADMIN = "the token is no administrator's, so rows that it may not read look deleted"


@dataclass
class Inquest:
    """What one request told of rows of one kind. `doubts`: portal ID → why nothing is proven."""

    kind: Kind
    look: Look
    gone: list[int] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    doubts: dict[int, str] = field(default_factory=dict)


def inquests(bench: Bench, kind: Kind, ids: Sequence[int], *, source: Source) -> Iterator[Inquest]:
    """Ask for each by itself, 49 a request. Raises PortalError when the portal is lost."""
    for some in portions(ids, most=MOST_COMMANDS - 1):
        bench.tick()
        commands = {f"one_{one}": Command(kind.get_method, {"id": one}) for one in some}
        outcomes, ticket = asked(bench.client, commands | {PROFILE: Command("profile")})
        is_admin = told_by_profile(outcomes[PROFILE])[1]
        found = Inquest(kind, Look(bench.clock(), ticket, source, is_admin=is_admin))
        for one in some:
            _judge(found, one, outcomes[f"one_{one}"])
        yield found


def bury(found: Inquest) -> list[int]:
    """Mark as deleted what is gone; returns what really was marked. Inside the caller's `writing()`.

    A row that a later request has brought, or that is buried already, is left alone.
    """
    live = found.kind.model._default_manager.filter(
        portal_id__in=found.gone, deleted_at=None, read_ticket__lte=found.look.ticket
    )
    buried = sorted(live.values_list("portal_id", flat=True))
    live.update(deleted_at=found.look.at, read_ticket=found.look.ticket)
    news.tell_deleted(found.kind.name, buried, found.look)
    Quarantine.objects.filter(kind=found.kind.name, portal_id__in=[str(one) for one in found.gone]).delete()
    return buried


def _judge(found: Inquest, one: int, outcome: Outcome) -> None:
    if not isinstance(outcome, PortalError):
        rows = found.kind.listing.rows_of([outcome.result])
        found.rows += rows
        if not rows:
            found.doubts[one] = f"{found.kind.get_method}: an answer without a row"
    elif not (isinstance(outcome, CallRefused) and "not found" in str(outcome).casefold()):
        found.doubts[one] = str(outcome)
    elif not found.look.is_admin:
        found.doubts[one] = NO_ADMIN
    else:
        found.gone.append(one)
