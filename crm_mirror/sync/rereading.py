"""Single rows read again by their IDs, whatever their kinds: fifty a command, up to fifty commands a request.

Whose token it is and what the portal's clock says is asked in the same request, so that what is absent can be judged
and what changed can be timed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings

from crm_mirror.models import SyncCursor
from crm_mirror.portal.batch import MOST_COMMANDS, Command, Outcome, asked
from crm_mirror.portal.errors import CallRefused, MethodMissing, PortalError
from crm_mirror.portal.paging import PAGE, Row
from crm_mirror.portal.records import MalformedRecord, moment
from crm_mirror.portal.transport import Answer, number
from crm_mirror.sync import links, statuses
from crm_mirror.sync.bench import Bench
from crm_mirror.sync.kinds import LINK, Kind, kinds, without_status
from crm_mirror.sync.look import Look, Source
from crm_mirror.sync.questions import PROFILE, told_by_profile
from crm_mirror.sync.write import parse_rows, write_records

COMPANY_CONTACTS = "company_contacts"  # may be asked for like a kind: who belongs to these companies
CONTACTS_METHOD = "crm.company.contact.items.get"
CLOCK, FIELD = "clock", "field"
MOST_QUESTIONS = MOST_COMMANDS - 3  # besides those of whose token it is, what time it is, and the status field

T = TypeVar("T")
Wanted = Mapping[str, Sequence[int]]  # name of a kind, or COMPANY_CONTACTS → portal IDs


@dataclass(frozen=True)
class Reading:
    """Rows of one kind, as one request brought them."""

    kind: Kind
    rows: list[Row]
    look: Look


@dataclass
class Reread:
    """What came; what did not, although the portal answered; what it did not answer, and why."""

    is_admin: bool
    readings: list[Reading] = field(default_factory=list)
    absent: dict[str, list[int]] = field(default_factory=dict)
    refused: dict[str, dict[int, PortalError]] = field(default_factory=dict)
    contacts: dict[int, set[int]] = field(default_factory=dict)  # company → who belongs to it


def commands_needed(wanted: Mapping[str, int]) -> int:
    """Of so many rows of each kind."""
    return sum(count if name == COMPANY_CONTACTS else -(-count // PAGE) for name, count in wanted.items())


def reread(bench: Bench, wanted: Wanted, *, source: Source = Source.EVENT) -> Reread:
    """Ask for these rows, in one request or, for portals that tell links one by one, in several. Writes nothing.

    `wanted` must fit: `commands_needed` ≤ MOST_QUESTIONS. Raises PortalError when the portal is lost.
    """
    known = kinds(settings.BITRIX_STATUS_FIELD)
    outcomes, ticket = asked(bench.client, _questions(known, wanted))
    look = _look(bench, outcomes, ticket, source)
    if lacks_status_field(outcomes.get(FIELD)):
        known["company"] = without_status(known["company"])
    found = Reread(look.is_admin)
    for name, ids in wanted.items():
        if name == COMPANY_CONTACTS:
            _take_contacts(found, ids, outcomes)
        else:
            _take_rows(found, known[name], ids, outcomes, look)
    _ask_links_singly(bench, found, source)
    return found


def portions(things: Sequence[T], *, most: int = MOST_QUESTIONS * PAGE) -> Iterator[Sequence[T]]:
    """As many at a time as one request asks for: of rows of one kind, unless told otherwise."""
    return (things[start : start + most] for start in range(0, len(things), most))


def write(bench: Bench, readings: Iterable[Reading], by: Mapping[str, Mapping[int, int]] | None = None) -> None:
    """Inside the caller's `writing()`. `by`: kind → portal ID → who acted, where that is known."""
    for reading in readings:
        parsed = parse_rows(reading.kind, reading.rows)
        acted = (by or {}).get(reading.kind.name, {})
        editors = {record.portal_id: getattr(record, "modified_by_id", None) for record in parsed.records}
        # The row names who edited it last. Where that is somebody else, there was another edit after the event's.
        known = {one: user for one, user in acted.items() if editors.get(one) in (None, user)}
        counts = write_records(reading.kind, parsed, replace(reading.look, by=known))
        bench.report.counts(reading.kind.name).add(counts)


def lacks_status_field(outcome: Outcome | None) -> bool:
    """Whether the portal says that companies have no such field; without an answer it is believed to be there."""
    if not isinstance(outcome, Answer):
        return False
    return statuses.field_named(settings.BITRIX_STATUS_FIELD, outcome.result) is None


def ahead_of_us(outcome: Outcome, *, at: datetime) -> timedelta | None:
    """The portal's clock less ours, by `server.time`; None when it did not tell."""
    try:
        theirs = moment({"at": outcome.result}, "at") if isinstance(outcome, Answer) else None
    except MalformedRecord:
        return None
    return theirs - at.astimezone(UTC) if theirs else None


def _questions(known: Mapping[str, Kind], wanted: Wanted) -> dict[str, Command]:
    commands = {PROFILE: Command("profile"), CLOCK: Command("server.time")}
    if wanted.get("company"):
        commands[FIELD] = statuses.field_command(settings.BITRIX_STATUS_FIELD)
    for name, ids in wanted.items():
        if name == COMPANY_CONTACTS:
            commands |= {f"{name}_{one}": Command(CONTACTS_METHOD, {"id": one}) for one in ids}
        else:
            commands |= {key: known[name].listing.rows_with(page) for key, page in _pages(name, ids)}
    return commands


def _pages(name: str, ids: Sequence[int]) -> Iterator[tuple[str, Sequence[int]]]:
    return ((f"{name}_{start}", ids[start : start + PAGE]) for start in range(0, len(ids), PAGE))


def _look(bench: Bench, outcomes: Mapping[str, Outcome], ticket: int, source: Source) -> Look:
    at = bench.clock()
    is_admin = told_by_profile(outcomes[PROFILE])[1]
    return Look(at, ticket, source, is_admin=is_admin, portal_ahead=ahead_of_us(outcomes[CLOCK], at=at))


def _take_rows(found: Reread, kind: Kind, ids: Sequence[int], outcomes: Mapping[str, Outcome], look: Look) -> None:
    rows: list[Row] = []
    refused: dict[int, PortalError] = {}
    for key, page in _pages(kind.name, ids):
        outcome = outcomes[key]
        if isinstance(outcome, PortalError):
            refused |= dict.fromkeys(page, outcome)
        else:
            rows += kind.listing.rows_of(outcome.result)
    came = {number(row.get(kind.listing.id_key)) for row in rows}
    found.absent[kind.name] = [one for one in ids if one not in came and one not in refused]
    found.refused[kind.name] = refused
    found.readings.append(Reading(kind, rows, replace(look, is_first=_is_first(kind.name))))


def _is_first(name: str) -> bool:
    """Whether no pass over the kind was completed yet: its rows are then no news."""
    return not SyncCursor.objects.filter(kind=name, finished_at__isnull=False).exists()


def _take_contacts(found: Reread, ids: Sequence[int], outcomes: Mapping[str, Outcome]) -> None:
    """A company that is refused is gone, or kept from us: its own row tells."""
    refused = found.refused.setdefault(COMPANY_CONTACTS, {})
    for one in ids:
        outcome = outcomes[f"{COMPANY_CONTACTS}_{one}"]
        if not isinstance(outcome, PortalError):
            found.contacts[one] = set(_contact_ids(outcome.result))
        elif not isinstance(outcome, CallRefused):
            refused[one] = outcome


def _contact_ids(result: Any) -> list[int]:
    rows = result if isinstance(result, list) else []
    ids = (number(row.get("CONTACT_ID")) for row in rows if isinstance(row, dict))
    return [one for one in ids if one is not None]


def _ask_links_singly(bench: Bench, found: Reread, source: Source) -> None:
    """Older portals do not tell a contact's companies in lists: such a row must not pass for a contact without any."""
    read = next((one for one in found.readings if one.kind.name == LINK), None)
    refused = found.refused.get(LINK, {})
    unknown = {contact for contact, error in refused.items() if isinstance(error, MethodMissing)}
    if read and read.rows and not any("companyIds" in row for row in read.rows):
        unknown |= {row_id for row in read.rows if (row_id := number(row.get("id"))) is not None}
        found.readings.remove(read)
    if read and unknown:
        found.refused[LINK] = {contact: error for contact, error in refused.items() if contact not in unknown}
        found.readings += _single_links(bench, read.kind, sorted(unknown), source)


def _single_links(bench: Bench, kind: Kind, contacts: Sequence[int], source: Source) -> Iterator[Reading]:
    """Raises PortalError when the portal does not answer for them."""
    for ids in portions(contacts, most=MOST_COMMANDS - 2):
        bench.tick()
        commands = links.commands_for(ids) | {PROFILE: Command("profile"), CLOCK: Command("server.time")}
        outcomes, ticket = links.answers(bench.client, commands)
        look = replace(_look(bench, outcomes, ticket, source), is_first=_is_first(LINK))
        del outcomes[PROFILE], outcomes[CLOCK]
        yield Reading(kind, links.companies_of(outcomes), look)
