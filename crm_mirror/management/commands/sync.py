"""`manage.py sync`: mirror the portal."""

from __future__ import annotations

import json
import logging
import signal
import sys
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from tqdm import tqdm

from crm_mirror.connection import WrongSettings
from crm_mirror.portal.errors import PortalError
from crm_mirror.rounds import whole_round
from crm_mirror.sync.cursors import Overtaken
from crm_mirror.sync.kinds import NAMES
from crm_mirror.sync.lease import AlreadyRunning
from crm_mirror.sync.report import SyncReport

LOST, WRONG_SETTINGS = 1, 2  # exit codes
NEWLINE = "\n"


class Command(BaseCommand):
    help = (
        "One round between the portal and its mirror: reads what changed since the last one (everything the first "
        "time), works off events and ended calls, and delivers what is due to the portal. Enough by itself with cron; "
        "workers do the same more often. An interrupted run is taken up where it was. "
        "The last line of stdout is a JSON object."
    )
    requires_system_checks: list[str] = []  # what matters here is checked below, with its own exit code

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--full", action="store_true", help="read everything, not only what changed")
        parser.add_argument(
            "--entity", action="append", choices=NAMES, metavar="KIND", help=f"only this kind: {', '.join(NAMES)}"
        )
        parser.add_argument(
            "--allow-mass-delete",
            action="store_true",
            help="let this run mark more rows deleted than MASS_DELETE_ROWS and MASS_DELETE_PERCENT allow",
        )

    def handle(self, *, full: bool, entity: list[str] | None, allow_mass_delete: bool, **options: Any) -> None:
        report = SyncReport()
        bars = Bars(is_shown=sys.stderr.isatty())
        stop = StopSignal()
        try:
            whole_round(
                full=full,
                only=entity or (),
                into=report,
                on_rows=bars.update,
                allow_mass_delete=allow_mass_delete,
            )
        except WrongSettings as error:
            report.error = str(error)
            raise CommandError(f"{error}. {error.remedy}", returncode=WRONG_SETTINGS) from None
        except (PortalError, AlreadyRunning, Overtaken) as error:
            report.error = str(error)
            raise CommandError(f"{error}. {error.remedy}", returncode=LOST) from None
        except DatabaseError as error:
            if stop.came:  # it struck while a statement was under way
                raise self._stopped(report) from None
            report.error = f"the database refused: {str(error).partition(NEWLINE)[0]}"
            raise CommandError(f"{report.error}. Run `manage.py migrate` first.", returncode=LOST) from None
        except KeyboardInterrupt:
            raise self._stopped(report) from None
        finally:
            stop.forget()
            bars.close()
            self.stdout.write(json.dumps(report.as_dict(), ensure_ascii=False))

    def _stopped(self, report: SyncReport) -> CommandError:
        report.error = "stopped"
        return CommandError("stopped; the next run goes on from there", returncode=LOST)


class StopSignal:
    """Ctrl-C as KeyboardInterrupt, remembered: a database driver may turn it into an error of its own."""

    def __init__(self) -> None:
        self.came = False
        self._before = signal.signal(signal.SIGINT, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.came = True
        raise KeyboardInterrupt

    def forget(self) -> None:
        signal.signal(signal.SIGINT, self._before)


class Bars:
    """A progress bar for each kind, on a terminal; elsewhere the log lines tell."""

    def __init__(self, *, is_shown: bool) -> None:
        self._is_shown = is_shown
        self._bars: dict[str, tqdm[Any]] = {}
        self._logger = logging.getLogger("crm_mirror")
        self._level = self._logger.level
        if is_shown:
            self._logger.setLevel(logging.WARNING)

    def update(self, kind: str, rows: int, expected: int | None) -> None:
        if kind not in self._bars:
            self._bars[kind] = tqdm(desc=kind, total=expected, unit=" rows", disable=not self._is_shown)
        self._bars[kind].update(rows)

    def close(self) -> None:
        for bar in self._bars.values():
            bar.close()
        self._logger.setLevel(self._level)
