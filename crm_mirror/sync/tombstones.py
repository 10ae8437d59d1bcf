"""Marking rows deleted: the one step of the mirror that forgets, hence the most suspicious one.

A row is marked only when it did not come in a complete, flawless pass, when the token was an administrator's at the
beginning and at the end of it, and when the portal, asked for that very row, does not bring it. Lists leave out in
silence what a token may not read (rest.md §3); so some of the missing rows are asked for one by one: "Not found" is
the answer for a deleted row, "Access denied" or the row itself show that the list cannot be believed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet

from crm_mirror.models import SyncCursor
from crm_mirror.portal.batch import Command, Outcome, asked
from crm_mirror.portal.errors import CallRefused, PortalError
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


class Doubt(Exception):
    """The portal's answers do not prove that rows are gone."""


def bury_missing(
    bench: Bench, kinds: Iterable[Kind], *, source: Source = Source.FULL, links_singly: bool = False
) -> None:
    """Mark as deleted what is surely gone. Every kind stands for itself; a doubt leaves its rows as they are."""
    for kind in kinds:
        cursor = SyncCursor.objects.filter(kind=kind.name).first()
        if cursor is None or kind.is_kept or not _suspects(kind).exists():
            continue
        try:
            _check_pass(cursor)
            if kind.name == LINK:
                _bury_links(bench, kind, source, singly=links_singly)
            else:
                _bury_rows(bench, kind, source)
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


def _bury_rows(bench: Bench, kind: Kind, source: Source) -> None:
    for ids in _stretches(_suspects(kind).order_by("portal_id").values_list("portal_id", flat=True), LISTS * PAGE):
        bench.tick()
        outcomes, ticket = asked(bench.client, _questions(kind, ids))
        _check_rights(outcomes)
        rows = _rows_of(kind, outcomes)
        came = {number(row.get(kind.listing.id_key)) for row in rows}
        _check_one_by_one(kind, outcomes, came)
        gone = [one for one in ids if one not in came]
        look = Look(bench.clock(), ticket, source, is_admin=True)
        with writing():
            counts = write_records(kind, parse_rows(kind, rows), look)
            buried = _suspects(kind).filter(portal_id__in=gone, read_ticket__lte=ticket)
            gone = sorted(buried.values_list("portal_id", flat=True))
            counts.deleted = buried.update(deleted_at=look.at, read_ticket=ticket)
            news.tell_deleted(kind.name, gone, look)
        counts.seen = 0  # they were counted, or announced, in the pass
        bench.report.counts(kind.name).add(counts)


def _questions(kind: Kind, ids: Sequence[int]) -> dict[str, Command]:
    """Lists of all, single questions for some, and at last whose token it still is."""
    commands = {
        f"list_{start}": kind.listing.rows_with(ids[start : start + PAGE]) for start in range(0, len(ids), PAGE)
    }
    if kind.get_method:
        for one in ids[:: max(1, -(-len(ids) // ONE_BY_ONE))]:
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


def _check_one_by_one(kind: Kind, outcomes: dict[str, Outcome], came: set[int | None]) -> None:
    for key, outcome in outcomes.items():
        if not key.startswith("one_") or int(key.removeprefix("one_")) in came:
            continue
        if not isinstance(outcome, PortalError):
            raise Doubt("some are there when asked for by themselves")
        if not (isinstance(outcome, CallRefused) and "not found" in str(outcome).casefold()):
            raise Doubt(f"asked for by themselves they are refused, not missing ({outcome})")


def _check_rights(outcomes: dict[str, Outcome]) -> None:
    if not told_by_profile(outcomes[PROFILE])[1]:
        raise Doubt("the webhook's user is an administrator no more")


def _bury_links(bench: Bench, kind: Kind, source: Source, *, singly: bool) -> None:
    """A link is gone when its contact comes without it. A contact that does not come proves nothing."""
    contacts = _suspects(kind).order_by("contact_id").values_list("contact_id", flat=True).distinct()
    for ids in _stretches(contacts, LISTS if singly else LISTS * PAGE):
        bench.tick()
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


def _stretches(ids: QuerySet[Any, int], size: int) -> Iterable[list[int]]:
    """The IDs as they stand now, a stretch at a time: what a stretch decides changes the query."""
    every = list(ids)
    return [every[start : start + size] for start in range(0, len(every), size)]
