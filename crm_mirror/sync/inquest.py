"""Rows that did not come are asked for one by one: each is gone, there after all, or in doubt.

Where sync.tombstones judges many rows by some of them, all or none, an event is positive word about its own row: it is
judged by itself, and a doubt about one row holds up no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from crm_mirror.portal.batch import MOST_COMMANDS, Command, Outcome, asked
from crm_mirror.portal.errors import PortalError, says_not_found
from crm_mirror.portal.paging import Row
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


def _judge(found: Inquest, one: int, outcome: Outcome) -> None:
    if not isinstance(outcome, PortalError):
        rows = found.kind.listing.rows_of([outcome.result])
        found.rows += rows
        if not rows:
            found.doubts[one] = f"{found.kind.get_method}: an answer without a row"
    elif not says_not_found(outcome):
        found.doubts[one] = str(outcome)
    elif not found.look.is_admin:
        found.doubts[one] = NO_ADMIN
    else:
        found.gone.append(one)
