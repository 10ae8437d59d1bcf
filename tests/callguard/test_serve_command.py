"""`manage.py serve`: one command on an empty machine, no broker, and a change of the portal is in the mirror."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.portal import PortalDriver

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 60  # seconds


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def variables(portal: PortalDriver, database: Path, **more: str) -> dict[str, str]:
    ours = ("BITRIX_", "DATABASE_", "CELERY_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "CALLGUARD_ENV_FILE": "",
        "SECRET_KEY": "tests-only-serve-0123456789-0123456789-0123456789",
        "CARD_TOKEN_SECRET": "tests-only-card-secret-of-more-than-32-characters",
        "HTTPS": "False",
        "DATABASE_URL": f"sqlite:///{database}",
        "BITRIX_WEBHOOK_URL": portal.webhook,
        "BITRIX_RATE_PER_SECOND": "0",
        **more,
    }


@pytest.fixture
def served(portal: PortalDriver, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The running command and its address."""
    port = free_port()
    token = portal.portal.events.outgoing_webhook(
        f"http://127.0.0.1:{port}/bitrix/events/", ["ONCRMCOMPANYADD", "ONCRMCOMPANYUPDATE", "ONCRMCOMPANYDELETE"]
    )
    portal.add_company("Прежняя", status="В ожидании")  # the status field is there from the beginning
    environment = variables(portal, tmp_path / "small.sqlite3", BITRIX_APPLICATION_TOKEN=token)
    command = [sys.executable, "manage.py", "serve", "--port", str(port)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, env=environment, cwd=ROOT, start_new_session=True, **pipes) as process:
        yield process, f"http://127.0.0.1:{port}"
        process.terminate()
        process.communicate(timeout=30)


def wait_for(question, *, what: str):
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            if answer := question():
                return answer
        except requests.ConnectionError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"in {PATIENCE} s there was no {what}")


def test_one_command_serves_mirrors_and_hears_events(served, portal: PortalDriver) -> None:
    process, url = served
    ivan = portal.add_employee("Иван Сидоров")
    olga = portal.add_employee("Ольга Смирнова")
    wait_for(lambda: requests.get(f"{url}/readyz", timeout=5).ok, what="complete mirror")
    portal.add_company("Ромашка", phone="8 (916) 123-45-67", responsible=olga, status="В работе")

    def colour() -> bool:
        token = subprocess.run(
            [sys.executable, "manage.py", "card_token", str(ivan.id)],
            cwd=ROOT,
            env=dict(process_environment(process)),
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        asked = requests.get(
            f"{url}/api/v1/verdict/?phone=89161234567", headers={"Authorization": f"Bearer {token}"}, timeout=5
        )
        return asked.json().get("colour") == "red"

    wait_for(colour, what="red verdict")


def process_environment(process: subprocess.Popen[str]) -> dict[str, str]:
    lines = Path(f"/proc/{process.pid}/environ").read_bytes().split(b"\0")
    return dict(line.decode().split("=", 1) for line in lines if b"=" in line)


def test_ctrl_c_ends_all_parts(served) -> None:
    process, url = served
    wait_for(lambda: requests.get(f"{url}/healthz", timeout=5).ok, what="answer")
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=30)
    assert "has stopped" in said
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/healthz", timeout=5)


def test_with_a_broker_it_says_what_to_start_instead(portal: PortalDriver, tmp_path: Path) -> None:
    environment = variables(portal, tmp_path / "x.sqlite3", CELERY_BROKER_URL="redis://127.0.0.1:6379/9")
    for name in ("serve", "work"):
        command = [sys.executable, "manage.py", name]
        ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert ran.returncode == 1
        assert ran.stderr.startswith("CommandError: CELERY_BROKER_URL names a broker")
        assert len(ran.stderr.splitlines()) == 1
