"""One process at a time for each kind of work. One that died gives its place up: at once on the same machine, else
after a while.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q

from crm_mirror.models import SyncLease

LIFE = timedelta(minutes=5)  # longer than a request with its repetitions usually takes
LONGEST_NAP = 30.0  # seconds


class AlreadyRunning(Exception):
    """Another process syncs right now."""

    remedy = "Nothing to do: wait for it to end."


class Lease:
    """Held from `take` to `release`; to be renewed more often than LIFE. `work`: what the process holds it for."""

    def __init__(self, work: str) -> None:
        self.work = work
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(8)}"

    def take(self, *, at: datetime) -> None:
        """AlreadyRunning when somebody alive holds it."""
        try:
            with transaction.atomic():
                SyncLease.objects.create(name=self.work, holder=self.holder, until=at + LIFE)
        except IntegrityError:
            self._take_over(at=at)

    def renew(self, *, at: datetime) -> None:
        if not SyncLease.objects.filter(name=self.work, holder=self.holder).update(until=at + LIFE):
            raise AlreadyRunning(f"another process has taken over the {self.work}: this one was silent for too long")

    def release(self) -> None:
        SyncLease.objects.filter(name=self.work, holder=self.holder).delete()

    def _take_over(self, *, at: datetime) -> None:
        holder = SyncLease.objects.filter(name=self.work).values_list("holder", flat=True).first() or ""
        free = Q(until__lt=at) | Q(holder=holder) if is_gone(holder) else Q(until__lt=at)
        if not SyncLease.objects.filter(free, name=self.work).update(holder=self.holder, until=at + LIFE):
            machine, _, process = holder.partition(":")
            raise AlreadyRunning(
                f"a process is at the {self.work} already (machine {machine}, process {process.partition(':')[0]})"
            )


def naps(tick: Callable[[], None], sleep: Callable[[float], None] = time.sleep) -> Callable[[float], None]:
    """A sleep that keeps the lease: the portal may make us wait (seconds) for longer than the lease lives."""

    def nap(seconds: float) -> None:
        while seconds > 0:
            sleep(min(seconds, LONGEST_NAP))
            tick()
            seconds -= LONGEST_NAP

    return nap


def is_gone(holder: str) -> bool:
    """Whether the holder was a process of this machine that is no more. Of other machines nobody can tell."""
    machine, _, rest = holder.partition(":")
    process = rest.partition(":")[0]
    if machine != socket.gethostname() or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # somebody else's, but alive
        return False
    return False
