"""Our commands in processes of their own, on the test's database and portal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


def database_url() -> str:
    """The test database as other processes reach it."""
    at: dict[str, Any] = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{at['NAME']}"
    password = f":{at['PASSWORD']}" if at["PASSWORD"] else ""
    return f"postgres://{at['USER']}{password}@{at['HOST']}:{at['PORT'] or 5432}/{at['NAME']}"


def environment(**settings: object) -> dict[str, str]:
    base = {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "config.settings", "CALLGUARD_ENV_FILE": ""}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BITRIX_")}
    return kept | base | {name: str(value) for name, value in settings.items()}


def start(*command: str, stdin: int | None = None, **settings: object) -> subprocess.Popen[str]:
    """`start("manage.py", "sync", BITRIX_WEBHOOK_URL=…)`: running, its output to be read."""
    return subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment(**settings),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(*command: str, **settings: object) -> subprocess.CompletedProcess[str]:
    process = start(*command, **settings)
    out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(command, process.returncode, out, err)


class Nursery:
    """Runs of one command of manage.py as they come: `run()` to the end, or `run(killed_after=seconds)`."""

    def __init__(self, command: str, webhook: str) -> None:
        settings = {"BITRIX_WEBHOOK_URL": webhook, "BITRIX_RATE_PER_SECOND": 0, "LOG_LEVEL": "ERROR"}
        self._command = command
        self._process = start("-m", "tests.crash.nursery", stdin=subprocess.PIPE, **settings)

    def run(self, killed_after: float | None = None) -> int:
        """How it ended: its exit code, negative when that signal killed it."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{self._command}\n")
        self._process.stdin.flush()
        child = int(self._process.stdout.readline())
        if killed_after is not None:
            time.sleep(killed_after)
            with suppress(ProcessLookupError):  # it was faster
                os.kill(child, signal.SIGKILL)
        return int(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate(timeout=10)
