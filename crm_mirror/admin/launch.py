"""Work begun at a button's word, outside the web server's own processes: those may be ended at any moment.

With a broker it is a task for the workers, dropped when nobody takes it in time. Without one it is our own command in
a process of its own: it needs neither a scheduler nor a row that somebody has to pick up, so it also works where cron
is all there is. Either way the work takes its lease, so a second click finds it taken and does no harm; and what was
cut off half way is taken up by the next run.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

from crm_mirror.sync.work import Work

PATIENCE = 300  # seconds until a worker that was away may no longer begin


@dataclass(frozen=True)
class Order:
    """One button. `works`: those whose runs show how it goes."""

    name: str
    works: tuple[Work, ...]
    task: str
    command: tuple[str, ...]


ORDERS = {
    order.name: order
    for order in (
        Order("sync", (Work.FULL, Work.DELTA), "crm_mirror.tasks.sync_portal", ("sync",)),
        Order("reconcile", (Work.RECONCILE,), "crm_mirror.tasks.reconcile", ("reconcile", "--repair")),
    )
}
_begun: list[subprocess.Popen[bytes]] = []  # kept until they end, so that none is left as a zombie


class BrokerAway(Exception):
    """Nobody takes the order: the broker does not answer."""


def begin(order: Order) -> None:
    """Returns at once. Raises BrokerAway."""
    if settings.CELERY_TASK_ALWAYS_EAGER:
        _begun[:] = [process for process in _begun if process.poll() is None]
        _begun.append(_process(order.command))
        return
    try:
        current_app.send_task(order.task, expires=PATIENCE)
    except OperationalError as error:
        raise BrokerAway from error


def _process(command: tuple[str, ...]) -> subprocess.Popen[bytes]:
    """In a session of its own: it outlives the worker that answered the click. Its log goes where ours goes."""
    manage = str(Path(settings.BASE_DIR) / "manage.py")
    return subprocess.Popen(  # noqa: S603 -- our own commands
        [sys.executable, manage, *command],
        cwd=settings.BASE_DIR,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
