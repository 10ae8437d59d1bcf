"""Mirror and portal compared: counts down to rows, rows field by field, our index of numbers with their search."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings

from crm_mirror.models import Drift, SyncRun
from crm_mirror.portal.batch import Command, Outcome, run_batch
from crm_mirror.portal.errors import PortalError
from crm_mirror.portal.paging import head_of
from crm_mirror.portal.records import MalformedRecord, moment
from crm_mirror.portal.transport import Answer
from crm_mirror.sync import statuses
from crm_mirror.sync.bench import Bench
from crm_mirror.sync.drift import locate, mirror_count
from crm_mirror.sync.inspection import Inspection, Tally, Terms
from crm_mirror.sync.kinds import LINK, STATUS, Kind, kinds, without_status
from crm_mirror.sync.numbers import NumberTally, check_numbers, sample
from crm_mirror.sync.patrol import share_of, walk
from crm_mirror.sync.phones import check_region
from crm_mirror.sync.questions import PROFILE, told_by_profile
from crm_mirror.sync.status_drift import compare_statuses, reference_now
from crm_mirror.sync.work import Work

logger = logging.getLogger(__name__)

MOST_LOCATING = 40  # requests to bisect one kind; what is left is found by the patrol or the next run
NUMBERS_CHECKED = 50  # one request


@dataclass
class Reconciled:
    """The JSON object that the command prints last."""

    kinds: dict[str, Tally] = field(default_factory=dict)
    numbers: NumberTally = field(default_factory=NumberTally)
    requests: int = 0
    seconds: float = 0.0
    warnings: list[str] = field(default_factory=list)
    error: str = ""

    @property
    def drift_left(self) -> int:
        """Rows on which mirror and portal still differ, or of which nobody knows."""
        return sum(one.left for one in self.kinds.values()) + self.numbers.unexplained

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"seconds": round(self.seconds, 3)}


def reconcile(
    bench: Bench, *, repair: bool, allow_mass_delete: bool = False, into: Reconciled | None = None
) -> Reconciled:
    """Compare, and put right if wanted. Raises WrongSettings, or PortalError when the portal, or a kind, is lost.

    The comparison of each kind is kept as a Drift row, each mended row as a Repair, the run as a SyncRun.
    """
    check_region()
    report, began = into if into is not None else Reconciled(), time.monotonic()
    SyncRun.objects.filter(ok=None, work=Work.RECONCILE).update(ok=False, error="the process died")
    run = SyncRun.objects.create(started_at=bench.clock(), full=repair, work=Work.RECONCILE)
    try:
        _compare(bench, report, repair=repair, allow_mass_delete=allow_mass_delete)
    except BaseException as error:
        report.error = str(error) or type(error).__name__
        raise
    finally:
        report.requests, report.seconds = bench.client.requests, time.monotonic() - began
        report.warnings = bench.report.warnings
        run.finished_at, run.ok, run.error, run.report = bench.clock(), not report.error, report.error, report.as_dict()
        run.save()
        logger.info("reconcile left=%d requests=%d seconds=%.1f", report.drift_left, report.requests, report.seconds)
    return report


def patrol(bench: Bench, pages: int, *, repair: bool = True, allow_mass_delete: bool = False) -> dict[str, Tally]:
    """Compare the next `pages` pages of fifty rows of every kind, and nothing else; by kind what was found."""
    opening = _opened(bench)
    terms = Terms(opening.since, repair, allow_mass_delete)
    inspections = [Inspection(bench, kind, terms) for kind in opening.kinds.values()]
    for one in inspections:
        head = opening.heads[one.kind.name]
        if isinstance(head, PortalError):
            one.error = head
        else:
            walk(one, head, pages=pages, at=bench.clock())
        one.close()
    _raise_first(one.error for one in inspections)
    return {one.kind.name: one.tally for one in inspections}


def _compare(bench: Bench, report: Reconciled, *, repair: bool, allow_mass_delete: bool) -> None:
    opening = _opened(bench)
    terms = Terms(opening.since, repair, allow_mass_delete)
    found = opening.reference
    report.kinds[STATUS] = compare_statuses(bench, found, terms) if found and found.values else Tally()
    _keep(bench, STATUS, report.kinds[STATUS])
    inspections = {name: Inspection(bench, kind, terms) for name, kind in opening.kinds.items()}
    for name, one in inspections.items():
        report.kinds[name] = one.tally
        _inspect(one, opening.heads[name], links_of=inspections["contact"].drifting if name == LINK else ())
    _check_numbers(bench, report, inspections)
    for name, one in inspections.items():
        one.close()
        _keep(bench, name, one.tally, " ".join(one.notes))
    _raise_first([opening.error, *(one.error for one in inspections.values())])


def _inspect(one: Inspection, head: tuple[int, int] | PortalError, links_of: Iterable[int]) -> None:
    """By count and by page. `links_of`: contacts that drifted, whose companies are suspicious too."""
    if isinstance(head, PortalError):
        one.error = head
        return
    one.tally.portal, one.tally.mirror = head[0], mirror_count(one.kind)
    if one.kind.get_method and one.tally.portal != one.tally.mirror:
        located = locate(one.bench, one.kind, head, most_requests=MOST_LOCATING)
        one.ask_again([*located.missing, *located.surplus])
        one.leave(located.left, "too many differ to find them all at once; run it again")
    walk(one, head, pages=share_of(head[0]), at=one.bench.clock())
    one.ask_again(links_of)


def _check_numbers(bench: Bench, report: Reconciled, inspections: Mapping[str, Inspection]) -> None:
    """What the search does not explain is suspicious; if the rows are in order, the disagreement is drift by itself."""
    carriers = {name: one.kind for name, one in inspections.items() if one.kind.phones_of and not one.error}
    numbers = sample(NUMBERS_CHECKED, seed=bench.clock().toordinal())
    report.numbers, unexplained = check_numbers(bench, carriers, numbers)
    for one in unexplained:
        inspection = inspections[one.kind]
        inspection.ask_again([one.entity_id])
        if not inspection.is_suspect(one.entity_id):
            report.numbers.unexplained += 1
            inspection.note(f"{one.entity_id}: the portal's search and our index differ on a number of it")


@dataclass
class _Opening:
    """What the first request tells. `reference`: the statuses, None when there are none or their error lasts."""

    kinds: dict[str, Kind]
    heads: dict[str, tuple[int, int] | PortalError]
    since: datetime | None
    reference: statuses.Reference | None = None
    error: PortalError | None = None


def _opened(bench: Bench) -> _Opening:
    bench.tick()
    known = kinds(settings.BITRIX_STATUS_FIELD)
    commands = {name: kind.listing.head() for name, kind in known.items()}
    commands |= {PROFILE: Command("profile"), "clock": Command("server.time")}
    asked_at = bench.clock()
    outcomes = run_batch(bench.client, commands | {"field": statuses.field_command(settings.BITRIX_STATUS_FIELD)})
    if not told_by_profile(outcomes[PROFILE])[1]:
        bench.warn(
            "the webhook's user is no administrator: what he may not read looks gone. Nothing is marked deleted."
        )
    opening = _Opening(
        known, {name: _head(kind, outcomes[name]) for name, kind in known.items()}, _time(outcomes["clock"])
    )
    try:
        opening.reference = reference_now(bench, outcomes["field"], asked_at=asked_at)
        if opening.reference is None:
            known["company"] = without_status(known["company"])
    except PortalError as error:
        opening.error = error
    return opening


def _head(kind: Kind, outcome: Outcome) -> tuple[int, int] | PortalError:
    try:
        return head_of(kind.listing, outcome)
    except PortalError as error:
        return error


def _time(outcome: Outcome) -> datetime | None:
    """The portal's time; None when it does not say."""
    try:
        return moment({"at": outcome.result}, "at") if isinstance(outcome, Answer) else None
    except MalformedRecord:
        return None


def _keep(bench: Bench, name: str, tally: Tally, note: str = "") -> None:
    Drift.objects.create(
        kind=name,
        at=bench.clock(),
        portal_rows=tally.portal,
        mirror_rows=tally.mirror,
        missing=tally.missing,
        surplus=tally.surplus,
        different=tally.different,
        compared=tally.compared,
        left=tally.left,
        note=note,
    )


def _raise_first(errors: Iterable[PortalError | None]) -> None:
    """Of kinds that the portal refused: after all the others, as in a sync."""
    for error in errors:
        if error:
            raise error
