"""What the command and the task call: one sync from its lease to its report."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from functools import partial

from django.conf import settings
from django.utils import timezone

from crm_mirror.models import SyncCursor, SyncRun
from crm_mirror.portal.client import Client
from crm_mirror.portal.errors import PortalError
from crm_mirror.sync.bench import Bench, OnRows, no_rows
from crm_mirror.sync.cursors import Overtaken, open_round
from crm_mirror.sync.delta import delta_round
from crm_mirror.sync.full import FullSync
from crm_mirror.sync.kinds import NAMES, STATUS, kinds, without_status
from crm_mirror.sync.lease import AlreadyRunning
from crm_mirror.sync.look import Source
from crm_mirror.sync.phones import check_region
from crm_mirror.sync.questions import Questions
from crm_mirror.sync.report import SyncReport
from crm_mirror.sync.tombstones import bury_missing
from crm_mirror.sync.work import Work, at_work

logger = logging.getLogger(__name__)

Step = Callable[..., None]  # (bench, names, *, allow_mass_delete)


def sync(
    *,
    full: bool = True,
    only: Iterable[str] = (),
    into: SyncReport | None = None,
    on_rows: OnRows = no_rows,
    client: Client | None = None,
    allow_mass_delete: bool = False,
) -> SyncReport:
    """Mirror the portal; returns the report. `only`: names of kinds, none means all.

    `full`: everything, else what changed; kinds that were never read through are read whole in either case.
    `allow_mass_delete`: more rows may be marked deleted than MASS_DELETE_ROWS and MASS_DELETE_PERCENT allow.
    Raises WrongSettings, AlreadyRunning, Overtaken or PortalError; `into` and the run's row hold what was done by then.
    """
    check_region()
    names = [name for name in NAMES if not only or name in set(only)]
    whole = names if full else incomplete(names)
    report = into if into is not None else SyncReport()
    for name in names:
        report.counts(name)
    steps: list[tuple[Work, Step, list[str]]] = [
        (Work.FULL, mirror, whole),
        (Work.DELTA, delta_round, [name for name in names if name not in whole]),
    ]
    failures: list[Exception] = []
    for work, step, chosen in steps:
        try:
            if chosen:
                with at_work(work, into=report, on_rows=on_rows, client=client) as bench:
                    _run(bench, work, partial(step, allow_mass_delete=allow_mass_delete), chosen)
        except (PortalError, AlreadyRunning, Overtaken) as error:  # one kind must not hold up the others
            failures.append(error)
    for failure in failures:
        raise failure
    return report


def incomplete(names: list[str]) -> list[str]:
    """Those that must be read whole, for they never were. Statuses, one short list, go with the companies."""
    through = set(SyncCursor.objects.filter(finished_at__isnull=False).values_list("kind", flat=True))
    return [name for name in names if ("company" if name == STATUS else name) not in through]


def _run(bench: Bench, work: Work, step: Step, names: list[str]) -> None:
    """Mirror these kinds and keep what was done in a row of its own, whatever becomes of it."""
    SyncRun.objects.filter(work=work, ok=None).update(ok=False, error="the process died")  # we hold its lease
    report, began = bench.report, time.monotonic()
    run = SyncRun.objects.create(started_at=bench.clock(), full=work == Work.FULL, work=work)
    try:
        step(bench, names)
    except BaseException as error:
        report.error = str(error) or type(error).__name__
        raise
    finally:
        seconds = time.monotonic() - began
        report.seconds += seconds
        _note(run, report, requests=bench.client.requests, seconds=seconds)


def mirror(bench: Bench, names: list[str], *, allow_mass_delete: bool = False) -> None:
    """A full pass over the kinds; raises the first error of a kind that the portal refused, after all the others."""
    known = kinds(settings.BITRIX_STATUS_FIELD)
    asked = Questions(
        names,
        bench,
        status_field=settings.BITRIX_STATUS_FIELD,
        status_reference=settings.BITRIX_STATUS_REFERENCE,
        source=Source.FULL,
    )
    positions = open_round([name for name in names if name in known], at=bench.clock())
    full = FullSync(bench, known, positions, asked)
    full.run()
    asked.remember_admin()
    if asked.has_status_field is False:
        known["company"] = without_status(known["company"])
    bury_missing(
        bench,
        [known[name] for name in names if name in known],
        links_singly=full.needs_links_singly,
        allow_mass_delete=allow_mass_delete,
    )
    for error in [*asked.errors, *full.errors()]:
        raise error


def _note(run: SyncRun, report: SyncReport, *, requests: int, seconds: float) -> None:
    own = {"requests": requests, "seconds": round(seconds, 3)}
    run.finished_at, run.ok, run.error, run.report = (
        timezone.now(),
        not report.error,
        report.error,
        report.as_dict() | own,
    )
    run.save()
    logger.info("sync work=%s ok=%s requests=%d seconds=%.1f", run.work, run.ok, requests, seconds)
