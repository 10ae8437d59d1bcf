"""One round of everything between the portal and the mirror: `manage.py sync` does it whole, workers do it in parts.

Each part takes a lease of its own, so parts may run side by side in any number of processes, and each is harmless when
run twice. A part that finds another process at its work leaves it to that one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from crm_mirror import changes, inbox, outbox
from crm_mirror.allowance import resume
from crm_mirror.connection import is_application
from crm_mirror.portal.errors import PortalError
from crm_mirror.sync import events, offline, own_writes, telephony
from crm_mirror.sync.bench import Bench, OnRows, no_rows
from crm_mirror.sync.cursors import Overtaken
from crm_mirror.sync.lease import AlreadyRunning
from crm_mirror.sync.reconcile import reconcile
from crm_mirror.sync.report import SyncReport
from crm_mirror.sync.run import sync
from crm_mirror.sync.work import Work, at_work

logger = logging.getLogger(__name__)


def whole_round(
    *,
    full: bool = False,
    only: Iterable[str] = (),
    into: SyncReport | None = None,
    on_rows: OnRows = no_rows,
    allow_mass_delete: bool = False,
) -> SyncReport:
    """Read what changed (or everything), work off events and ended calls, let others decide, deliver what is due.

    What was delivered is read back and told to the others as well: after one round the mirror shows our own writes.

    Enough with cron alone; it asks even a portal that workers leave alone for a while. Raises what `sync` raises, or
    the first PortalError of another part, after all parts that could still work have.
    """
    report = into if into is not None else SyncReport()
    failed: PortalError | AlreadyRunning | Overtaken | None = None
    resume()
    try:
        sync(full=full, only=only, into=report, on_rows=on_rows, allow_mass_delete=allow_mass_delete)
    except (PortalError, AlreadyRunning, Overtaken) as error:
        failed = error
    for part in (fetch_offline, drain_inbox, fetch_calls, read_changes, deliver_outbox, read_changes):
        try:
            part(into=report)
        except AlreadyRunning as busy:
            logger.info("round part=%s left to another: %s", part.__name__, busy)
        except PortalError as error:
            failed = failed or error
    if failed:
        raise failed
    return report


def drain_inbox(*, into: SyncReport | None = None) -> int:
    """Work off the portal's events; returns how many. Those that come meanwhile too.

    When they told of a status, people and departments are looked at as well: of these the portal tells no event, and
    whoever judges the change must know who had just become a head (rest.md §7).
    """
    report = into if into is not None else SyncReport()
    newest = changes.newest_id()
    done = _in_turns(Work.INBOX, lambda: inbox.is_due(at=timezone.now()), events.drain, report)
    report.events += done
    if done and changes.tell_of("company", "status_id", since_id=newest):
        _look_at_people(report)
    return done


def fetch_offline(*, into: SyncReport | None = None) -> int:
    """Bring the portal's queue of offline events into the inbox, where the connection is an application."""
    if not is_application():
        return 0
    with at_work(Work.INBOX, into=into) as bench:
        return offline.fetch_offline(bench)


def deliver_outbox(*, into: SyncReport | None = None) -> int:
    """Send to the portal what is due, and read back what it took; returns how many calls it accepted."""
    report = into if into is not None else SyncReport()
    done = _in_turns(Work.OUTBOX, lambda: outbox.is_due(at=timezone.now()), _deliver_and_read_back, report)
    report.written_back += done
    return done


def fetch_calls(*, into: SyncReport | None = None) -> int:
    """Ask the portal's statistics for calls whose end nobody told us; returns how many."""
    with at_work(Work.CALLS, into=into) as bench:
        bench.report.ended_calls += (found := telephony.fetch_lost_calls(bench))
        return found


def compare_and_repair() -> int:
    """Compare the mirror with the portal, every row within a week of nights; returns how many rows were repaired."""
    with at_work(Work.RECONCILE) as bench:
        report = reconcile(bench, repair=True)
    return sum(tally.repaired for tally in report.kinds.values())


def read_changes(*, into: SyncReport | None = None) -> int:
    """Let those who follow the feed read on (MIRROR_READERS); returns how many changes they have read."""
    return sum(import_string(name)() for name in settings.MIRROR_READERS)


def _look_at_people(report: SyncReport) -> None:
    try:
        sync(full=False, only=["department", "employee"], into=report)
    except (PortalError, AlreadyRunning, Overtaken) as error:
        logger.info("round people are as the last look showed them: %s", error)


def _deliver_and_read_back(bench: Bench) -> int:
    since = bench.clock()
    accepted = outbox.deliver_due(bench)
    if accepted:
        own_writes.read_back(bench, since=since)
    return accepted


def _in_turns(work: Work, is_due: Callable[[], bool], step: Callable[[Bench], int], report: SyncReport) -> int:
    """Hold the lease only while there is work, and look once more after giving it back: what came in between would
    otherwise wait for the next beat, for whoever brought it has found the lease taken.
    """
    done = 0
    while is_due():
        with at_work(work, into=report) as bench:
            count = step(bench)
        if not count:  # what is due cannot be done now; it has its next time in its row
            break
        done += count
    return done
