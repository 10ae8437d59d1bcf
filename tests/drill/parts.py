"""The product's processes, each forked from a server that has Django loaded: what is killed starts again at once."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Protocol

POLITENESS = 15.0  # seconds that processes have to stop by themselves
SERVER = get_context("forkserver")
SERVER.set_forkserver_preload(["tests.drill.loops"])


class Part(Protocol):
    """A process that can be killed and started again."""

    def start(self) -> None: ...

    def kill(self) -> None: ...

    def is_dead(self) -> bool: ...

    def ask_to_stop(self) -> None: ...


class Loop:
    """A function in a process of its own; what it says goes to `log`."""

    def __init__(self, run: Callable[..., None], log: Path, **how: object) -> None:
        self._target, self._log, self._how = run, log, how
        self._process: ForkServerProcess

    def start(self) -> None:
        self._process = SERVER.Process(target=self._target, args=(self._log,), kwargs=self._how, daemon=True)
        self._process.start()

    def kill(self) -> None:
        self._process.kill()
        self._process.join()

    def is_dead(self) -> bool:
        return not self._process.is_alive()

    def ask_to_stop(self) -> None:
        self._process.terminate()


class Web:
    """The web server, with the processes it starts."""

    def __init__(self, log: Path) -> None:
        self.port = free_port()
        self._log = log
        self._process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        where = ["--host", "127.0.0.1", "--port", str(self.port), "--interface", "wsgi", "--no-ws"]
        command = [sys.executable, "-m", "granian", *where, "--log-level", "warning", "config.wsgi:application"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def is_dead(self) -> bool:
        return self._process.poll() is not None

    def ask_to_stop(self) -> None:
        self._process.terminate()


def stop(parts: Collection[Part]) -> None:
    """Let all of them end by themselves; whoever has not after a while is killed."""
    for part in parts:
        part.ask_to_stop()
    until = time.monotonic() + POLITENESS
    while not all(part.is_dead() for part in parts) and time.monotonic() < until:
        time.sleep(0.1)
    for part in parts:
        part.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
