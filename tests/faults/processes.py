"""Our processes as they run in production, for the length of a test, on its database and portal."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import requests

from crm_mirror.sandbox.methods.events import BY_HAND
from tests.drill.parts import free_port
from tests.portal import PortalDriver
from tests.process import ROOT, environment

PATIENCE = 60.0  # seconds that anything may take on a busy machine


def settings_of(portal: PortalDriver, **more: object) -> dict[str, object]:
    return {
        "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
        "BITRIX_WEBHOOK_URL": portal.webhook,
        "BITRIX_RATE_PER_SECOND": 0,
        "LOG_LEVEL": "WARNING",
        **more,
    }


@contextmanager
def running(*command: str, **settings: object) -> Iterator[subprocess.Popen[bytes]]:
    """The process, killed with the block; it talks to nobody."""
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=ROOT, env=environment(**settings), **quiet) as process:
        try:
            yield process
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(15)
            process.kill()


@contextmanager
def web(portal: PortalDriver, python: str, **settings: object) -> Iterator[str]:
    """Address of the web server; the portal's outgoing webhook tells it everything."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    token = portal.portal.events.outgoing_webhook(f"{url}/bitrix/events/", BY_HAND)
    where = ["--host", "127.0.0.1", "--port", str(port), "--interface", "wsgi", "--no-ws", "--log-level", "error"]
    command = [python, "-m", "granian", *where, "config.wsgi:application"]
    with running(*command, **settings_of(portal, BITRIX_APPLICATION_TOKEN=token, **settings)):
        wait_for(lambda: answers(url), "web server")
        yield url


def answers(url: str) -> bool:
    with suppress(requests.ConnectionError):
        return requests.get(f"{url}/healthz", timeout=5).ok
    return False


def wait_for(happened: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < until, f"in {PATIENCE:.0f} s there was no {what}"
        time.sleep(0.1)
