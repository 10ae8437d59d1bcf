"""Our index of numbers beside the portal's own search, on a sample that is another one every day.

The two may differ for good reasons: the search stops at twenty entities, does not read extensions or several numbers
out of one value, and takes foreign numbers as they are written. Only what none of these explains is drift.
docs: api-reference/crm/duplicates/crm-duplicate-find-by-comm
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import phonenumbers
from django.conf import settings
from django.db.models import Max, Min

from crm_mirror.models import PhoneNumber
from crm_mirror.phones import numbers_in
from crm_mirror.portal.batch import MOST_COMMANDS, Command, run_batch
from crm_mirror.portal.errors import PortalError
from crm_mirror.portal.paging import PAGE
from crm_mirror.portal.transport import number
from crm_mirror.sync.bench import Bench
from crm_mirror.sync.kinds import Kind
from crm_mirror.sync.tombstones import live_rows
from crm_mirror.sync.write import parse_rows

CUT_OFF = 20  # entities of a kind, after which the search stops
MOST_READ = 16 * PAGE  # entities of a kind: three kinds are one request


@dataclass
class NumberTally:
    """`explained`: entities on which the two differ, by reason."""

    checked: int = 0
    explained: dict[str, int] = field(default_factory=dict)
    unexplained: int = 0


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One entity that only one of the two finds by the number."""

    e164: str
    kind: str
    entity_id: int
    is_ours: bool
    is_cut_off: bool


def check_numbers(
    bench: Bench, kinds: Mapping[str, Kind], numbers: Sequence[str]
) -> tuple[NumberTally, list[Disagreement]]:
    """What was found out, and what nothing explains. Numbers that the portal did not answer for are not counted."""
    bench.tick()
    commands = {
        f"find_{place}": Command("crm.duplicate.findbycomm", {"type": "PHONE", "values": [one]})
        for place, one in enumerate(numbers)
    }
    outcomes = run_batch(bench.client, commands) if commands else {}
    answered = [
        (one, outcome)
        for one, outcome in zip(numbers, outcomes.values(), strict=True)
        if not isinstance(outcome, PortalError)
    ]
    tally, unexplained = NumberTally(checked=len(answered)), []
    disagreements = [one for e164, outcome in answered for one in _disagreements(kinds, e164, outcome)]
    records = _read(bench, kinds, disagreements)
    for one in disagreements:
        if reason := explanation(one, records.get((one.kind, one.entity_id)), settings.PHONE_REGION):
            tally.explained[reason] = tally.explained.get(reason, 0) + 1
        else:
            unexplained.append(one)
    return tally, unexplained


def sample(size: int, *, seed: int) -> list[str]:
    """Numbers of the index, picked evenly by the seed."""
    ends = PhoneNumber.objects.aggregate(first=Min("id"), last=Max("id"))
    if ends["first"] is None:
        return []
    dice = Random(seed)  # noqa: S311 - a sample, no secret
    places = (dice.randint(ends["first"], ends["last"]) for _ in range(min(size, MOST_COMMANDS)))
    found = (
        PhoneNumber.objects.filter(id__gte=one).order_by("id").values_list("e164", flat=True).first() for one in places
    )
    return sorted({one for one in found if one})


def _disagreements(kinds: Mapping[str, Kind], e164: str, outcome: Any) -> list[Disagreement]:
    result = outcome.result if isinstance(outcome.result, dict) else {}
    theirs = {name: {number(one) for one in result.get(name.upper(), ())} for name in kinds}
    is_cut_off = any(len(ids) >= CUT_OFF for ids in theirs.values())
    found: list[Disagreement] = []
    for name, kind in kinds.items():
        carriers = PhoneNumber.objects.filter(e164=e164, entity_type=name).values("entity_id")
        ours = set(live_rows(kind).filter(portal_id__in=carriers).values_list("portal_id", flat=True))
        differing = sorted(ours ^ {one for one in theirs[name] if one})
        found += [Disagreement(e164, name, one, one in ours, is_cut_off) for one in differing]
    return found


def explanation(one: Disagreement, record: Any | None, region: str) -> str | None:
    """Why the two differ on an entity whose row has just been read, in a word; None when nothing explains it."""
    if one.is_ours and one.is_cut_off:
        return "cut_off"
    if record is None:
        return None if one.is_ours else "gone"
    readers = [value for value in record.phones if one.e164 in numbers_in(value, region).numbers]
    if bool(readers) != one.is_ours:
        return None  # the index is not what its own values give
    if getattr(record, "is_my_company", False):
        return "my_company"
    country = f"+{phonenumbers.country_code_for_region(region)}"
    if not one.e164.startswith(country):
        return "foreign"
    return _by_spelling(readers or record.phones, one.e164.removeprefix(country), len(country), one.is_ours, region)


def _by_spelling(values: Sequence[str], national: str, country: int, is_ours: bool, region: str) -> str | None:
    """Of values as people wrote them: the portal reads what it takes for digits of one number and no more."""
    digits = [re.sub(r"[^0-9]", "", value) for value in values]
    if is_ours and any(one.endswith(national) and len(one) < len(national) + country for one in digits):
        return None  # plainly written, yet not found
    if any(len(numbers_in(value, region).numbers) > 1 for value in values):
        return "several_in_one_value"
    return "extension" if any(len(one) >= len(national) + country for one in digits) else "spelling"


def _read(bench: Bench, kinds: Mapping[str, Kind], wanted: Sequence[Disagreement]) -> dict[tuple[str, int], Any]:
    """Their rows as they are now, by kind and ID."""
    commands: dict[str, Command] = {}
    for name, kind in kinds.items():
        ids = sorted({one.entity_id for one in wanted if one.kind == name and not one.is_cut_off})[:MOST_READ]
        for start in range(0, len(ids), PAGE):
            commands[f"{name}_{start}"] = kind.listing.rows_with(ids[start : start + PAGE])
    outcomes = run_batch(bench.client, commands) if commands else {}
    found: dict[tuple[str, int], Any] = {}
    for key, outcome in outcomes.items():
        name = key.partition("_")[0]
        if not isinstance(outcome, PortalError):
            records = parse_rows(kinds[name], kinds[name].listing.rows_of(outcome.result)).records
            found |= {(name, record.portal_id): record for record in records}
    return found
