"""Marking rows deleted: the one step of the mirror that forgets, hence the most suspicious one.

That a row is absent from a list is a suspicion. It is gone when the portal, asked for that very row, says "Not found"
while the token is an administrator's by the same request: lists leave out in silence what a token may not read, and
"Access denied" or the row itself show that they cannot be believed (rest.md §1, §3). Of many rows only some are asked
for by themselves. What one pass may forget unasked is limited (MASS_DELETE_ROWS, MASS_DELETE_PERCENT).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from crm_mirror.models import Quarantine, SyncCursor
from crm_mirror.portal.batch import Command, Outcome, asked
from crm_mirror.portal.errors import PortalError, says_not_found
from crm_mirror.portal.paging import PAGE, Row
from crm_mirror.portal.transport import number
from crm_mirror.sync import links, news
from crm_mirror.sync.bench import Bench
from crm_mirror.sync.cursors import is_unfinished
from crm_mirror.sync.kinds import LINK, Kind
from crm_mirror.sync.look import Look, Source
from crm_mirror.sync.questions import PROFILE, told_by_profile
from crm_mirror.sync.write import parse_rows, write_records
from crm_mirror.sync.writer import writing

LISTS = 40  # commands of one request that ask for fifty rows each
ONE_BY_ONE = 9  # rows of those that are asked for by themselves
EACH_BY_ITSELF = 48  # so few rows are all asked for by themselves, in one request with their list and the profile
MOST_CONFIRMED = LISTS * PAGE
HANDFUL = 5  # rows that may always go: of a small portal they are more than any percentage


class Doubt(Exception):
    """The portal's answers do not prove that rows are gone."""


class MassDelete(Doubt):
    """They may well be gone, but so many at once are a person's decision."""


@dataclass(frozen=True)
class Confirmation:
    """The portal's word on rows that were missing: `gone` by their IDs, the `rows` of those that came after all."""

    gone: list[int]
    rows: list[Row]
    ticket: int


def confirm_gone(bench: Bench, kind: Kind, ids: Sequence[int]) -> Confirmation:
    """Ask for at most MOST_CONFIRMED rows in one request, up to EACH_BY_ITSELF also singly. Raises Doubt.

    docs: api-reference/crm/companies/crm-company-get and its kin, api-reference/common/users/profile
    """
    outcomes, ticket = asked(bench.client, _questions(kind, ids))
    _check_rights(outcomes)
    rows = _rows_of(kind, outcomes)
    came = {number(row.get(kind.listing.id_key)) for row in rows}
    _check_one_by_one(outcomes, came)
    return Confirmation([one for one in ids if one not in came], rows, ticket)


def confirmed(bench: Bench, kind: Kind, ids: Sequence[int], *, allow_mass_delete: bool) -> list[Confirmation]:
    """The same for any number of rows. Raises Doubt, MassDelete as soon as more are gone than one pass may forget."""
    found: list[Confirmation] = []
    for start in range(0, len(ids), MOST_CONFIRMED):
        bench.tick()
        found.append(confirm_gone(bench, kind, ids[start : start + MOST_CONFIRMED]))
        check_mass_delete(kind, sum(len(one.gone) for one in found), is_allowed=allow_mass_delete)
    return found


def bury(kind: Kind, ids: Iterable[int], look: Look) -> list[int]:
    """Mark the confirmed rows deleted and tell the feed; returns which were live. Inside the caller's `writing()`.

    A row that a later request has brought stays. Of kinds that are kept only the absence is noted. Numbers and links
    stay with the row, for when it is restored.
    """
    wanted = list(ids)
    Quarantine.objects.filter(kind=kind.name, portal_id__in=[str(one) for one in wanted]).delete()
    rows = live_rows(kind).filter(portal_id__in=wanted, read_ticket__lte=look.ticket)
    buried = sorted(rows.values_list("portal_id", flat=True))
    if kind.is_kept:
        rows.update(missing_since=look.at)
    else:
        rows.update(deleted_at=look.at, read_ticket=look.ticket)
        news.tell_deleted(kind.name, buried, look)
    return buried


def bury_gone(
    bench: Bench, kind: Kind, ids: Sequence[int], *, source: Source, allow_mass_delete: bool = False
) -> list[int]:
    """Confirm, then mark deleted what is gone and write what came after all; returns the marked ones.

    All or none: raises Doubt. Those that only a person may decide on stay suspected.
    """
    try:
        found = confirmed(bench, kind, ids, allow_mass_delete=allow_mass_delete)
    except MassDelete:
        suspect(kind, ids, at=bench.clock())
        raise
    buried: list[int] = []
    for one in found:
        look = Look(bench.clock(), one.ticket, source, is_admin=True)
        with writing():
            counts = write_records(kind, parse_rows(kind, one.rows), look)
            gone = bury(kind, one.gone, look)
        counts.seen, counts.deleted = 0, len(gone)  # seen: they were counted, or announced, before
        bench.report.counts(kind.name).add(counts)
        buried += gone
    return buried


def suspect(kind: Kind, ids: Sequence[int], *, at: datetime) -> None:
    for start in range(0, len(ids), MOST_CONFIRMED):
        with writing():
            unsuspected = live_rows(kind).filter(portal_id__in=ids[start : start + MOST_CONFIRMED], missing_since=None)
            unsuspected.update(missing_since=at)


def check_mass_delete(kind: Kind, count: int, *, is_allowed: bool) -> None:
    """Raises MassDelete when one pass would forget more of a kind's rows than the settings let it."""
    if is_allowed or count <= HANDFUL:
        return
    live = live_rows(kind).count()
    if count > settings.MASS_DELETE_ROWS or count * 100 > live * settings.MASS_DELETE_PERCENT:
        raise MassDelete(
            f"{count} of {live} at once are more than MASS_DELETE_ROWS={settings.MASS_DELETE_ROWS} or "
            f"MASS_DELETE_PERCENT={settings.MASS_DELETE_PERCENT:g} allow. "
            "If they were really deleted, run it again with --allow-mass-delete"
        )


def live_rows(kind: Kind) -> QuerySet[Any]:
    """Rows that exist in the portal as far as we know; kept ones that come no more do not."""
    rows = kind.model._default_manager.all()
    if kind.name == LINK:
        return rows
    return rows.filter(deleted_at=None, missing_since=None) if kind.is_kept else rows.filter(deleted_at=None)


def bury_missing(
    bench: Bench,
    kinds: Iterable[Kind],
    *,
    source: Source = Source.FULL,
    links_singly: bool = False,
    allow_mass_delete: bool = False,
) -> None:
    """After a full pass: mark deleted what did not come and is surely gone. Every kind stands for itself."""
    for kind in kinds:
        cursor = SyncCursor.objects.filter(kind=kind.name).first()
        if cursor is None or kind.is_kept or not _suspects(kind).exists():
            continue
        try:
            _check_pass(cursor)
            if kind.name == LINK:
                check_mass_delete(kind, _suspects(kind).count(), is_allowed=allow_mass_delete)
                _bury_links(bench, kind, source, singly=links_singly)
            else:
                ids = list(_suspects(kind).order_by("portal_id").values_list("portal_id", flat=True))
                bury_gone(bench, kind, ids, source=source, allow_mass_delete=allow_mass_delete)
        except Doubt as doubt:
            bench.warn(f"{kind.name}: {_suspects(kind).count()} rows are missing, none was marked deleted: {doubt}.")


def _check_pass(cursor: SyncCursor) -> None:
    if is_unfinished(cursor) or cursor.pass_started_at is None or not cursor.flawless:
        raise Doubt("the pass was not complete and flawless")
    if not cursor.by_admin:
        raise Doubt("the webhook's user is no administrator, so rows he may not read look the same")
    if not cursor.seen:
        raise Doubt("the portal brought no row at all, which is no proof")


def _suspects(kind: Kind) -> QuerySet[Any]:
    rows = kind.model._default_manager.filter(missing_since__isnull=False)
    return rows if kind.name == LINK else rows.filter(deleted_at=None)


def _questions(kind: Kind, ids: Sequence[int]) -> dict[str, Command]:
    """Lists of all, single questions for all or some, and at last whose token it still is."""
    commands = {
        f"list_{start}": kind.listing.rows_with(ids[start : start + PAGE]) for start in range(0, len(ids), PAGE)
    }
    if kind.get_method:
        few = len(ids) <= EACH_BY_ITSELF
        for one in ids if few else ids[:: -(-len(ids) // ONE_BY_ONE)]:
            commands[f"one_{one}"] = Command(kind.get_method, {"id": one})
    return commands | {PROFILE: Command("profile")}


def _rows_of(kind: Kind, outcomes: dict[str, Outcome]) -> list[Row]:
    rows: list[Row] = []
    for key, outcome in outcomes.items():
        if key.startswith("list_"):
            if isinstance(outcome, PortalError):
                raise Doubt(f"the portal did not answer for them ({outcome})")
            rows += kind.listing.rows_of(outcome.result)
    return rows


def _check_one_by_one(outcomes: dict[str, Outcome], came: set[int | None]) -> None:
    for key, outcome in outcomes.items():
        if not key.startswith("one_") or int(key.removeprefix("one_")) in came:
            continue
        if not isinstance(outcome, PortalError):
            raise Doubt("some are there when asked for by themselves")
        if not says_not_found(outcome):
            raise Doubt(f"asked for by themselves they are refused, not missing ({outcome})")


def _check_rights(outcomes: dict[str, Outcome]) -> None:
    if not told_by_profile(outcomes[PROFILE])[1]:
        raise Doubt("the webhook's user is an administrator no more")


def _bury_links(bench: Bench, kind: Kind, source: Source, *, singly: bool) -> None:
    """A link is gone when its contact comes without it. A contact that does not come proves nothing."""
    contacts = list(_suspects(kind).order_by("contact_id").values_list("contact_id", flat=True).distinct())
    size = LISTS if singly else MOST_CONFIRMED
    for start in range(0, len(contacts), size):
        bench.tick()
        ids = contacts[start : start + size]
        commands = links.commands_for(ids) if singly else _questions(kind, ids)
        outcomes, ticket = links.answers(bench.client, commands | {PROFILE: Command("profile")})
        _check_rights(outcomes)
        del outcomes[PROFILE]
        parsed = parse_rows(kind, _link_rows(outcomes) if singly else _rows_of(kind, outcomes))
        with writing():
            counts = write_records(kind, parsed, Look(bench.clock(), ticket, source, is_admin=True))
        counts.seen = 0
        bench.report.counts(kind.name).add(counts)


def _link_rows(outcomes: dict[str, Outcome]) -> list[Row]:
    try:
        return links.companies_of(outcomes)
    except PortalError as error:
        raise Doubt(f"the portal did not answer for them ({error})") from error
