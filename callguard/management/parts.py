"""Commands made of several processes: started together, ended together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

POLITENESS = 5  # seconds that a part has to stop by itself
Environment = dict[str, str]


def manage(command: str) -> list[str]:
    return [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), command]


def web_server(host: str, port: int) -> list[str]:
    """The command line of the web server."""
    where = ["--host", host, "--port", str(port), "--interface", "wsgi", "--no-ws"]
    how = ["--log-level", "warning", "--backpressure", "16"]
    return [sys.executable, "-m", "granian", *where, *how, "config.wsgi:application"]


def end_on_signals() -> None:
    """Let Ctrl-C, SIGTERM and a closed terminal raise KeyboardInterrupt, also where a shell had us ignore them."""
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def running(command: list[str], environment: Environment, *, quiet: bool = False) -> Iterator[subprocess.Popen[str]]:
    """A part, ended with the block. What it prints first can be read from `stdout`, unless quiet.

    A session of its own keeps the terminal's Ctrl-C from it: we end it, with the workers it has started.
    """
    out = None if quiet else subprocess.PIPE
    how: dict[str, Any] = {"env": environment, "cwd": settings.BASE_DIR, "start_new_session": True}
    with subprocess.Popen(command, stdout=out, text=True, **how) as part:  # noqa: S603 -- our own
        try:
            yield part
        finally:
            part.terminate()
            with suppress(subprocess.TimeoutExpired):
                part.wait(POLITENESS)
            with suppress(ProcessLookupError):
                os.killpg(part.pid, signal.SIGKILL)


def watch(*parts: subprocess.Popen[str]) -> None:
    """Until Ctrl-C, or until a part ends by itself."""
    while all(part.poll() is None for part in parts):
        time.sleep(0.5)
    raise CommandError("A part has ended by itself; what it said stands above.")
