"""What every kind of work on the mirror begins with: its lease, a client, a bench. It ends by giving the lease back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from enum import StrEnum

from django.utils import timezone

from crm_mirror.connection import client_from_settings
from crm_mirror.portal.client import Client
from crm_mirror.portal.limits import Purpose
from crm_mirror.sync.bench import Bench, OnRows, no_rows
from crm_mirror.sync.lease import Lease, naps
from crm_mirror.sync.report import SyncReport


class Work(StrEnum):
    """What one process at a time does; different works go on side by side."""

    FULL = "full sync"
    DELTA = "delta round"
    INBOX = "inbox"
    CALLS = "ended calls"
    OUTBOX = "outbox"
    RECONCILE = "reconciliation"


PURPOSES = {
    Work.FULL: Purpose.FULL,
    Work.DELTA: Purpose.DELTA,
    Work.INBOX: Purpose.EVENT,
    Work.CALLS: Purpose.DELTA,
    Work.OUTBOX: Purpose.WRITE,
    Work.RECONCILE: Purpose.RECONCILE,
}


@contextmanager
def at_work(
    work: Work,
    *,
    into: SyncReport | None = None,
    on_rows: OnRows = no_rows,
    client: Client | None = None,
) -> Iterator[Bench]:
    """The bench of this work for the length of the block. Raises WrongSettings, or AlreadyRunning (sync.lease)."""
    lease = Lease(work)

    def keep_lease() -> None:
        lease.renew(at=timezone.now())

    with closing(client or client_from_settings(purpose=PURPOSES[work], sleep=naps(keep_lease))) as portal:
        lease.take(at=timezone.now())
        bench = Bench(portal, into if into is not None else SyncReport(), timezone.now, keep_lease, on_rows)
        try:
            yield bench
        finally:
            bench.report.requests += portal.requests
            lease.release()
