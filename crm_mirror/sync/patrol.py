"""Every row of every kind is compared with the portal within a week, a stretch of IDs at a time.

The arithmetic: a request brings 50 pages of 50 rows. A night's share is a sixth of a kind (a night may fail). A portal
of a million rows, 250,000 contacts among them, which are read once more for their links, costs 1,250,000 / 50 / 6 =
4,167 pages = 84 requests a night, 42 seconds of an allowance of two requests a second; only suspicious rows are asked
for a second time. A kind of up to 200 pages (10,000 rows, four requests) is compared whole each time.
Nothing escapes it: neither a change whose DATE_MODIFY did not move, nor a swap that leaves the counts equal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from crm_mirror.models import Patrol
from crm_mirror.portal.batch import MOST_COMMANDS, asked
from crm_mirror.portal.paging import PAGE, chained, harvest
from crm_mirror.sync.compare import differences
from crm_mirror.sync.full import lacks_companies
from crm_mirror.sync.inspection import Inspection
from crm_mirror.sync.kinds import LINK, Kind
from crm_mirror.sync.tombstones import live_rows
from crm_mirror.sync.write import Parsed, parse_rows

NIGHTS = 6
WHOLE = 200  # pages of a kind that is compared as a whole


@dataclass(frozen=True)
class Stretch:
    """Rows beyond the ID `after` up to `last_id`; None: to the end of the list."""

    after: int
    last_id: int | None
    parsed: Parsed
    ticket: int


def share_of(rows: int) -> int:
    """Pages of a kind of so many rows that one night takes."""
    pages = -(-rows // PAGE)
    return max(1, pages if pages <= WHOLE else -(-pages // NIGHTS))


def walk(inspection: Inspection, head: tuple[int, int], *, pages: int, at: datetime) -> None:
    """Compare the next pages with the mirror; the cursor follows what is judged.

    `head`: what the portal announced, (rows, highest ID).
    """
    bench, kind = inspection.bench, inspection.kind
    cursor, _ = Patrol.objects.get_or_create(kind=kind.name)
    if pages * PAGE >= head[0] or not cursor.last_id:
        cursor.last_id, cursor.started_at = 0, at
    for stretch in _stretches(inspection, cursor.last_id, head[1], pages):
        inspection.tally.compared += len(stretch.parsed.ids)
        bench.on_rows(kind.name, len(stretch.parsed.ids), min(head[0], pages * PAGE))
        inspection.ask_again(_suspicious(kind, stretch))
        cursor.last_id = stretch.last_id or 0
        cursor.finished_at = cursor.finished_at if stretch.last_id else at
        cursor.save()


def _suspicious(kind: Kind, stretch: Stretch) -> set[int]:
    suspicious = set(differences(kind, stretch.parsed, ticket=stretch.ticket))
    if kind.name == LINK:  # of contacts, whose rows are patrolled as well
        return suspicious
    mirrored = live_rows(kind).filter(portal_id__gt=stretch.after)
    if stretch.last_id:
        mirrored = mirrored.filter(portal_id__lte=stretch.last_id)
    return suspicious | set(mirrored.values_list("portal_id", flat=True).iterator()).difference(stretch.parsed.ids)


def _stretches(inspection: Inspection, after: int, highest: int, pages: int) -> Iterator[Stretch]:
    """A request's worth of rows each, until the pages are used up, the list is at its end, or the kind is refused."""
    bench, kind, seen = inspection.bench, inspection.kind, 0
    while pages > 0:
        bench.tick()
        commands = chained(kind.listing, kind.name, after=after, seen=seen, pages=min(pages, MOST_COMMANDS))
        outcomes, ticket = asked(bench.client, commands)
        found = harvest(kind.listing, outcomes.values(), after=after)
        if kind.name == LINK and lacks_companies(found):
            inspection.note("this portal does not list the companies of contacts, so links were not compared")
            return
        ends = found.error is None and found.last_id >= highest
        if not found.counted and not ends:
            inspection.error = found.error
            return  # silence before the announced end proves nothing: the next patrol begins here
        yield Stretch(after, None if ends else found.last_id, parse_rows(kind, found.rows), ticket)
        if ends:
            return
        after, seen, pages = found.last_id, seen + found.counted, pages - len(commands)
