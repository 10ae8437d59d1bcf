"""What the command and the task call: one sync from its lease to its report."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from crm_mirror.models import SyncRun
from crm_mirror.portal.client import Client
from crm_mirror.sync.bench import Bench, OnRows
from crm_mirror.sync.cursors import open_round
from crm_mirror.sync.full import FullSync
from crm_mirror.sync.kinds import NAMES, kinds, without_status
from crm_mirror.sync.phones import check_region
from crm_mirror.sync.questions import Questions
from crm_mirror.sync.report import SyncReport
from crm_mirror.sync.tombstones import bury_missing
from crm_mirror.sync.work import Work, at_work

logger = logging.getLogger(__name__)


def sync(
    *,
    full: bool = True,
    only: Iterable[str] = (),
    allow_mass_delete: bool = False,
    into: SyncReport | None = None,
    on_rows: OnRows = lambda kind, rows, expected: None,
    client: Client | None = None,
) -> SyncReport:
    """Mirror the portal; returns the report. `only`: names of kinds, none means all.

    Raises WrongSettings, AlreadyRunning, Overtaken or PortalError; `into` and the run's row hold what was done by then.
    Until incremental sync is there, `full` makes no difference: everything is read.
    """
    check_region()
    with at_work(Work.FULL, into=into, on_rows=on_rows, client=client) as bench:
        _close_dead_runs()
        _run(bench, [name for name in NAMES if not only or name in set(only)], full, allow_mass_delete)
        return bench.report


def _run(bench: Bench, names: list[str], full: bool, allow_mass_delete: bool) -> None:
    """Mirror these kinds and keep what was done in a row of its own, whatever becomes of it."""
    report, began = bench.report, time.monotonic()
    run = SyncRun.objects.create(started_at=bench.clock(), full=full)
    try:
        mirror(bench, names, at=run.started_at, allow_mass_delete=allow_mass_delete)
    except BaseException as error:
        report.error = str(error) or type(error).__name__
        raise
    finally:
        report.requests, report.seconds = bench.client.requests, time.monotonic() - began
        _note(run, report)


def _close_dead_runs() -> None:
    """Who holds the lease runs alone: any other run that seems to go on was killed. When, nobody knows."""
    SyncRun.objects.filter(ok=None, work=Work.FULL).update(ok=False, error="the process died")


def mirror(bench: Bench, names: list[str], *, at: datetime, allow_mass_delete: bool = False) -> None:
    """One round over the kinds; raises the first error of a kind that the portal refused, after all the others."""
    known = kinds(settings.BITRIX_STATUS_FIELD)
    for name in names:
        bench.report.counts(name)
    asked = Questions(
        names,
        bench,
        status_field=settings.BITRIX_STATUS_FIELD,
        status_reference=settings.BITRIX_STATUS_REFERENCE,
    )
    positions = open_round([name for name in names if name in known], at=at)
    full = FullSync(bench, known, positions, asked)
    full.run()
    asked.remember_admin()
    if asked.has_status_field is False:
        known["company"] = without_status(known["company"])
    read = [known[name] for name in names if name in known]
    bury_missing(bench, read, links_singly=full.needs_links_singly, allow_mass_delete=allow_mass_delete)
    for error in [*asked.errors, *full.errors()]:
        raise error


def _note(run: SyncRun, report: SyncReport) -> None:
    run.finished_at, run.ok, run.error, run.report = timezone.now(), not report.error, report.error, report.as_dict()
    run.save()
    logger.info("sync ok=%s requests=%d seconds=%.1f", run.ok, report.requests, report.seconds)
