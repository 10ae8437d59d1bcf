"""Rows on which the portal's counts and the mirror disagree: found by counting ranges of IDs, then read or buried.

A request counts fifty ranges, and a range of at most fifty rows brings its IDs along. So one lost row among a million
is found by four requests: 1,000,000 → 20,000 → 400 → IDs, and the row itself. Where as many rows are missing in the
mirror as are gone from the portal within one bigger range, its counts are equal: such swaps are out of reach here and
found by the patrol (sync.patrol). docs: settings/how-to-call-rest-api/list-methods-pecularities
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from crm_mirror.models import Contact, Quarantine
from crm_mirror.portal.batch import MOST_COMMANDS, Outcome, asked, run_batch
from crm_mirror.portal.errors import PortalError
from crm_mirror.portal.paging import PAGE
from crm_mirror.portal.transport import number
from crm_mirror.sync.bench import Bench
from crm_mirror.sync.kinds import LINK, Kind, link_kind
from crm_mirror.sync.links import telling
from crm_mirror.sync.look import Look, Source
from crm_mirror.sync.tombstones import MOST_CONFIRMED, Doubt, MassDelete, bury_gone, check_mass_delete, live_rows
from crm_mirror.sync.write import parse_rows, write_records
from crm_mirror.sync.writer import writing

PART = 40  # rows of a part by the mirror's knowledge; the portal may have a few more and still brings all IDs
MOST_BROUGHT = MOST_COMMANDS * PAGE
KEPT_FOR_MENDING = 3  # requests: the rows, their links, the confirmation


@dataclass(frozen=True, slots=True)
class Stretch:
    """IDs from `low` to below `high`, of which the portal counts `portal` rows and the mirror `mirror`."""

    low: int
    high: int
    portal: int
    mirror: int


@dataclass
class Located:
    """IDs that only the portal has, and those that only the mirror has, by the first look: neither is proven yet.

    `left`: rows by which the stretches differ that were not looked into.
    """

    missing: list[int] = field(default_factory=list)
    surplus: list[int] = field(default_factory=list)
    left: int = 0


def settle(
    bench: Bench,
    kind: Kind,
    head: tuple[int, int],
    *,
    source: Source,
    most_requests: int,
    allow_mass_delete: bool = False,
) -> int:
    """Read what is missing, bury what is gone; returns by how many rows the two still differ.

    `head`: what the portal announced, (rows, highest ID). At most `most_requests` are spent, four at least; called
    again, it goes on with what is left. Nothing is asked when the counts agree.
    """
    total, mirrored = head[0], mirror_count(kind)
    if total == mirrored:
        return 0
    try:
        check_mass_delete(kind, mirrored - total, is_allowed=allow_mass_delete)
    except MassDelete as doubt:  # it would be stopped at the end: not worth the requests of every round
        bench.warn(
            f"{kind.name}: the portal has {total} rows, the mirror {mirrored}, none was marked deleted: {doubt}."
        )
        return mirrored - total
    found = locate(bench, kind, head, most_requests=max(1, most_requests - KEPT_FOR_MENDING))
    left = found.left + bring(bench, kind, found.missing, source=source)
    if kind.name == "contact":
        bring(bench, link_kind(), found.missing, source=source)
    return left + _bury(bench, kind, found.surplus, source, allow_mass_delete)


def _bury(bench: Bench, kind: Kind, surplus: list[int], source: Source, allow_mass_delete: bool) -> int:
    """How many are left."""
    try:
        bury_gone(bench, kind, surplus[:MOST_CONFIRMED], source=source, allow_mass_delete=allow_mass_delete)
    except Doubt as doubt:
        bench.warn(f"{kind.name}: {len(surplus)} rows are missing, none was marked deleted: {doubt}.")
        return len(surplus)
    return len(surplus[MOST_CONFIRMED:])


def bring(bench: Bench, kind: Kind, ids: Sequence[int], *, source: Source) -> int:
    """Read these rows and write those that come, by one request; returns how many were not asked for or not told."""
    if not ids:
        return 0
    now = ids[:MOST_BROUGHT]
    commands = {
        f"list_{start}": kind.listing.rows_with(now[start : start + PAGE]) for start in range(0, len(now), PAGE)
    }
    outcomes, ticket = asked(bench.client, commands)
    told = [outcome for outcome in outcomes.values() if not isinstance(outcome, PortalError)]
    for outcome in told:  # a list at a time: its rows are found by their IDs, not by a range that spans the table
        rows = telling(kind, kind.listing.rows_of(outcome.result))
        with writing():
            counts = write_records(kind, parse_rows(kind, rows), Look(bench.clock(), ticket, source))
        bench.report.counts(kind.name).add(counts)
    return len(ids) - len(now) + PAGE * (len(outcomes) - len(told))


def mirror_count(kind: Kind) -> int:
    """Rows that the portal should count: live ones, and those in quarantine that have no row. Of links: contacts."""
    if kind.name == LINK:
        return Contact.objects.live().count()
    nameless = Quarantine.objects.filter(kind=kind.name, portal_id__contains="#").count()
    return live_rows(kind).count() + len(_only_quarantined(kind)) + nameless


def mirrored_ids(kind: Kind) -> array[int]:
    """Their IDs, in order; eight bytes each."""
    live = live_rows(kind).order_by("portal_id").values_list("portal_id", flat=True)
    ids = array("q", live.iterator())
    if more := _only_quarantined(kind):
        ids = array("q", sorted({*ids, *more}))
    return ids


def mirrored_among(kind: Kind, ids: Sequence[int]) -> list[int]:
    """Those of the IDs that the mirror takes for rows of the portal, in order."""
    found = _only_quarantined(kind).intersection(ids) if ids else set()
    for start in range(0, len(ids), MOST_CONFIRMED):
        among = live_rows(kind).filter(portal_id__in=ids[start : start + MOST_CONFIRMED])
        found.update(among.values_list("portal_id", flat=True))
    return sorted(found)


def _only_quarantined(kind: Kind) -> set[int]:
    texts = Quarantine.objects.filter(kind=kind.name).values_list("portal_id", flat=True)
    held = {int(text) for text in texts if text.isdigit()}
    return held.difference(live_rows(kind).filter(portal_id__in=held).values_list("portal_id", flat=True))


def locate(bench: Bench, kind: Kind, head: tuple[int, int], *, most_requests: int) -> Located:
    """Bisect the IDs by count. Small stretches go first, so that whatever is spent ends in rows."""
    total, highest = head
    known, found = mirrored_ids(kind), Located()
    top = max(highest, known[-1] if known else 0) + 1
    waiting = [Stretch(1, top, total, len(known))]
    for _ in range(most_requests):
        if not waiting:
            break
        bench.tick()
        waiting.sort(key=lambda one: max(one.portal, one.mirror), reverse=True)
        parts = _next_parts(waiting, known)
        outcomes = run_batch(bench.client, {f"part_{low}": kind.listing.within(low, high) for low, high in parts})
        for low, high in parts:
            waiting += _looked_into(kind, low, high, outcomes[f"part_{low}"], known, found)
    found.left += sum(abs(one.portal - one.mirror) for one in waiting)
    return found


def _looked_into(
    kind: Kind, low: int, high: int, outcome: Outcome, known: array[int], found: Located
) -> Iterator[Stretch]:
    """Note the rows of a stretch whose IDs have come; yields it again when it differs and is too big for that."""
    mine = known[bisect_left(known, low) : bisect_left(known, high)]
    if isinstance(outcome, PortalError):
        found.left += 1  # nobody knows how many; they are counted again next time
        return
    theirs = [one for row in kind.listing.rows_of(outcome.result) if (one := number(row.get(kind.listing.id_key)))]
    total = len(theirs) if outcome.total is None else outcome.total
    if total <= PAGE:
        found.missing += sorted(set(theirs).difference(mine))
        found.surplus += sorted(set(mine).difference(theirs))
    elif total != len(mine):
        yield Stretch(low, high, total, len(mine))


def _next_parts(waiting: list[Stretch], known: array[int]) -> list[tuple[int, int]]:
    """Fifty ranges to count, taken from the end of the list."""
    parts: list[tuple[int, int]] = []
    while waiting and (room := MOST_COMMANDS - len(parts)) > 1:
        one = waiting.pop()
        wanted = -(-max(one.portal, one.mirror) // PART)
        parts += _split(one, min(room, max(2, wanted)), known)
    return parts


def _split(one: Stretch, parts: int, known: array[int]) -> list[tuple[int, int]]:
    """By equal numbers of mirrored rows, as IDs are not dense; where few are mirrored, by equal ranges."""
    first, span = bisect_left(known, one.low), one.high - one.low
    if one.mirror >= parts and one.mirror * 2 >= one.portal:
        inner = [known[first + one.mirror * index // parts] for index in range(1, parts)]
    else:
        inner = [one.low + span * index // parts for index in range(1, parts)]
    bounds = sorted({one.low, *inner, one.high})
    return list(pairwise(bounds))
