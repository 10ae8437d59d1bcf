"""What every step of a sync works with."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from crm_mirror.portal.client import Client
from crm_mirror.sync.report import SyncReport

logger = logging.getLogger(__name__)

OnRows = Callable[[str, int, int | None], None]  # kind, rows read now, rows announced


def no_rows(kind: str, rows: int, expected: int | None) -> None:
    """An OnRows for those who show no progress."""


@dataclass(frozen=True)
class Bench:
    """`tick` is called between steps: it keeps the lease."""

    client: Client
    report: SyncReport
    clock: Callable[[], datetime]
    tick: Callable[[], None] = lambda: None
    on_rows: OnRows = no_rows

    def warn(self, text: str) -> None:
        """One line for whoever reads the log or the report."""
        self.report.warnings.append(text)
        logger.warning("sync %s", text)
