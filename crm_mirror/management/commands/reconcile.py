"""`manage.py reconcile`: is the mirror what the portal is?"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from crm_mirror.connection import WrongSettings
from crm_mirror.management.commands.sync import LOST, NEWLINE, WRONG_SETTINGS, Bars, StopSignal
from crm_mirror.portal.errors import PortalError
from crm_mirror.sync.lease import AlreadyRunning
from crm_mirror.sync.reconcile import Reconciled, reconcile
from crm_mirror.sync.work import Work, at_work

DRIFT = 3  # exit code


class Command(BaseCommand):
    help = (
        "Compare the mirror with the portal: counts, rows field by field, the index of numbers. "
        "Each run compares a sixth of the rows, small portals whole. Exit 3 when they differ. "
        "The last line of stdout is a JSON object."
    )
    requires_system_checks: list[str] = []  # what matters here is checked below, with its own exit code

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--repair", action="store_true", help="write into the mirror what differs")
        parser.add_argument(
            "--allow-mass-delete", action="store_true", help="mark rows deleted, however many they are (with --repair)"
        )

    def handle(self, *, repair: bool, allow_mass_delete: bool, **options: Any) -> None:
        report = Reconciled()
        bars = Bars(is_shown=sys.stderr.isatty())
        stop = StopSignal()
        try:
            with at_work(Work.RECONCILE, on_rows=bars.update) as bench:
                reconcile(bench, repair=repair, allow_mass_delete=allow_mass_delete, into=report)
        except WrongSettings as error:
            report.error = str(error)
            raise CommandError(f"{error}. {error.remedy}", returncode=WRONG_SETTINGS) from None
        except (PortalError, AlreadyRunning) as error:
            report.error = str(error)
            raise CommandError(f"{error}. {error.remedy}", returncode=LOST) from None
        except DatabaseError as error:
            report.error = "stopped" if stop.came else f"the database refused: {str(error).partition(NEWLINE)[0]}"
            remedy = "Run it again." if stop.came else "Run `manage.py migrate` first."
            raise CommandError(f"{report.error}. {remedy}", returncode=LOST) from None
        except KeyboardInterrupt:
            report.error = "stopped"
            raise CommandError("stopped; the next run goes on from there", returncode=LOST) from None
        finally:
            stop.forget()
            bars.close()
            self.stdout.write(json.dumps(report.as_dict(), ensure_ascii=False))
        if report.drift_left:
            raise CommandError(_told(report, repair=repair), returncode=DRIFT)


def _told(report: Reconciled, *, repair: bool) -> str:
    """One line: where the drift is and what to do."""
    where = ", ".join(f"{name} {tally.left}" for name, tally in report.kinds.items() if tally.left)
    if report.numbers.unexplained:
        where = ", ".join(filter(None, [where, f"numbers {report.numbers.unexplained}"]))
    remedy = "See the warnings above, then run it again." if repair else "Run it with --repair."
    return f"mirror and portal differ ({where}). {remedy}"
