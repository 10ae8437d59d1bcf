"""Calls that ended: told by their event, or found in the portal's statistics where the event never came.

docs: api-reference/telephony/voximplant/events/on-voximplant-call-end, .../voximplant-statistic-get; rest.md §8
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from crm_mirror.models import Change, DeltaCursor, EndedCall
from crm_mirror.portal.batch import Command, asked
from crm_mirror.portal.errors import MethodMissing, NotAllowed, PortalError
from crm_mirror.portal.paging import PAGE, Harvest, Listing, Row, harvest
from crm_mirror.portal.records import MalformedRecord, moment, reference, text
from crm_mirror.portal.transport import number
from crm_mirror.sync import news
from crm_mirror.sync.bench import Bench
from crm_mirror.sync.look import Source
from crm_mirror.sync.writer import writing

KIND = "call"  # in the feed and among the cursors
STATISTICS = Listing("voximplant.statistic.get")
FIRST_LOOK = timedelta(hours=24)
OVERLAP = 20  # rows read again each time: IDs are given in another order than they are committed in
MOST_PAGES = 20  # of one request
LONGEST_CALL_ID = 128
HIGHEST_TYPE = 2**15 - 1  # that the column holds; known are 1 to 5


@dataclass(frozen=True, slots=True)
class Ended:
    """Columns of models.EndedCall."""

    call_id: str
    user_id: int | None
    call_type: int | None
    phone: str
    started_at: datetime | None
    duration: int
    code: str


COLUMNS = [field.name for field in fields(Ended) if field.name != "call_id"]


def ended(row: Row) -> Ended:
    """The end of a call out of an event's data or a row of the statistics. Raises MalformedRecord."""
    call_id = text(row, "CALL_ID", LONGEST_CALL_ID + 1)
    if not 0 < len(call_id) <= LONGEST_CALL_ID:
        raise MalformedRecord("CALL_ID is missing or too long")
    call_type = reference(row, "CALL_TYPE")
    return Ended(
        call_id,
        reference(row, "PORTAL_USER_ID"),
        call_type if (call_type or 0) <= HIGHEST_TYPE else None,
        text(row, "PHONE_NUMBER", 255),
        moment(row, "CALL_START_DATE"),
        min(reference(row, "CALL_DURATION") or 0, 2**31 - 1),
        text(row, "CALL_FAILED_CODE", 16),
    )


def note_ended(facts: Row, *, by_statistics: bool, at: datetime) -> None:
    """Keep the end of a call and tell the feed. Said again it changes nothing; the statistics' word beats an event's.

    Raises MalformedRecord.
    """
    note([ended(facts)], by_statistics=by_statistics, at=at)


def note(calls: Iterable[Ended], *, by_statistics: bool, at: datetime) -> int:
    """The same for many; returns of how many there was news."""
    latest = {call.call_id: call for call in calls}
    source = Source.DELTA if by_statistics else Source.EVENT
    with writing():
        known = {row.call_id: row for row in EndedCall.objects.filter(call_id__in=latest)}
        settled = {row.call_id for row in known.values() if row.by_statistics and not by_statistics}
        heard = [call for call in latest.values() if call.call_id not in settled]
        _keep(heard, known, by_statistics=by_statistics, at=at)
        told = [change for call in heard if (change := _change(call, known.get(call.call_id), source, at=at))]
        news.tell(told)
    return len(told)


def fetch_lost_calls(bench: Bench) -> int:
    """Read the statistics since last time, at first those of a day; returns of how many calls there was news.

    By ID, which a call gets when it ends: by CALL_START_DATE a long call would be missed. One request when nothing is
    new. A portal without telephony, or a token without the right to see its statistics, is worth one warning.
    """
    try:
        return _fetch(bench)
    except (NotAllowed, MethodMissing) as error:
        bench.warn(f"ends of calls that no event told stay unknown: the statistics cannot be read ({error}).")
        return 0


def _fetch(bench: Bench) -> int:
    cursor, _ = DeltaCursor.objects.get_or_create(kind=KIND)
    after = max(0, cursor.round_last_id - OVERLAP) if cursor.round_last_id else _before_first(bench)
    found = 0
    for page in _pages(bench, after):
        calls = list(_parsed(bench, page.rows, known_up_to=cursor.round_last_id))
        found += note(calls, by_statistics=True, at=bench.clock())
        cursor.round_last_id = max(cursor.round_last_id, page.last_id)
        cursor.save(update_fields=["round_last_id"])
    cursor.rounded_at = bench.clock()
    cursor.save(update_fields=["rounded_at"])
    return found


def _before_first(bench: Bench) -> int | None:
    """The ID before the first call that began in the last day; None when nobody called."""
    since = (bench.clock() - FIRST_LOOK).isoformat(timespec="seconds")
    outcome = asked(bench.client, {"first": _question({">=CALL_START_DATE": since})})[0]["first"]
    if isinstance(outcome, PortalError):
        raise outcome
    ids = [found for row in STATISTICS.rows_of(outcome.result) if (found := number(row.get("ID")))]
    return min(ids) - 1 if ids else None


def _pages(bench: Bench, after: int | None) -> Iterator[Harvest]:
    """Rows beyond an ID: a page, and while they were full, as many more as a request takes well. Raises PortalError."""
    pages = 1
    while after is not None:
        bench.tick()
        commands: dict[str, Command] = {}
        reference: object = after
        for index in range(pages):
            commands[f"calls_{index}"] = _question({">ID": reference})
            reference = STATISTICS.last_id_of(f"calls_{index}")
        found = harvest(STATISTICS, asked(bench.client, commands)[0].values(), after=after)
        yield found
        if found.error:
            raise found.error
        after = found.last_id if found.counted == pages * PAGE else None
        pages = MOST_PAGES


def _question(wanted: Mapping[str, object]) -> Command:
    """Names in capitals and an offset from 0, as the docs have them: this list promises no `start=-1`."""
    return Command(STATISTICS.method, {"FILTER": wanted, "SORT": "ID", "ORDER": "ASC", "start": 0})


def _parsed(bench: Bench, rows: Iterable[Row], *, known_up_to: int) -> Iterator[Ended]:
    """What can be read. A row that cannot is told of when it comes first, not each time it is read again."""
    for row in rows:
        try:
            yield ended(row)
        except MalformedRecord as error:
            if (number(row.get("ID")) or 0) > known_up_to:
                bench.warn(f"a call of the statistics cannot be read: ID {row.get('ID')}, {error}")


def _keep(calls: Iterable[Ended], known: Mapping[str, EndedCall], *, by_statistics: bool, at: datetime) -> None:
    changed = [
        call
        for call in calls
        if (row := known.get(call.call_id)) is None or _news(call, row) or row.by_statistics != by_statistics
    ]
    EndedCall.objects.bulk_create(
        [EndedCall(**asdict(call), by_statistics=by_statistics, seen_at=at) for call in changed],
        update_conflicts=True,
        unique_fields=["call_id"],
        update_fields=[*COLUMNS, "by_statistics", "seen_at"],
    )


def _change(call: Ended, known: EndedCall | None, source: Source, *, at: datetime) -> Change | None:
    if not (facts := _news(call, known)):
        return None
    return Change(
        at=at,
        kind=KIND,
        portal_id=call.call_id,
        what=Change.What.ENDED,
        facts=facts,
        by_id=call.user_id,
        source=source,
    )


def _news(call: Ended, known: EndedCall | None) -> dict[str, list[Any]]:
    """{column: [before, after]} of what differs from what the mirror knows of the call."""
    pairs = {name: [getattr(known, name, None), getattr(call, name)] for name in COLUMNS}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
