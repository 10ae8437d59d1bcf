import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from tests.crm_mirror.sandbox.receiver import listening

ROOT = Path(__file__).resolve().parents[3]


def command(*arguments):
    return [sys.executable, "manage.py", "sandbox_portal", "--size", "empty", *arguments]


@pytest.fixture
def environment():
    return os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}


def test_it_says_its_webhook_first_and_stops_at_ctrl_c(environment):
    arguments = command("--port", "0", "--faults", "503*1", "--no-limits", "--edition", "box")
    with subprocess.Popen(
        arguments, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            lines = list(iter(process.stdout.readline, "Stop with Ctrl-C.\n"))
            webhook = lines[0].strip()
            assert webhook.startswith("http://127.0.0.1:")
            assert webhook.endswith("/")
            assert requests.get(webhook + "profile", timeout=5).status_code == 503
            answer = requests.get(webhook + "profile", timeout=5).json()
            assert answer["result"]["ADMIN"] is True
            assert "operating" not in answer["time"]
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=10)
        finally:
            process.kill()
    assert process.returncode == 0
    assert "Control page: http://127.0.0.1:" in lines[1]
    assert "client_secret" in lines[2]
    assert "Traceback" not in errors


def test_a_taken_port_is_one_clear_line(environment):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            command("--port", port), cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=20
        )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.strip() == (
        f"CommandError: Cannot listen on 127.0.0.1:{port}: Address already in use. Choose another --port."
    )


def test_a_wrong_fault_is_one_clear_line(environment):
    done = subprocess.run(
        command("--faults", "nonsense"), cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("CommandError: --faults: unknown fault 'nonsense'")


def test_a_living_portal_tells_of_itself_to_the_address_it_is_given(environment):
    with listening() as receiver:
        arguments = command("--port", "0", "--life", "50", "--events-url", receiver.url)
        with subprocess.Popen(arguments, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
            try:
                lines = list(iter(process.stdout.readline, "Stop with Ctrl-C.\n"))
                until = time.monotonic() + 20
                while not receiver.events and time.monotonic() < until:
                    time.sleep(0.02)
            finally:
                process.send_signal(signal.SIGINT)
                process.communicate(timeout=10)
    (token,) = [line.split()[-1] for line in lines if "application_token" in line]
    assert {told["auth"]["application_token"] for told in receiver.events} == {token}


def test_a_wrong_address_for_events_is_one_clear_line(environment):
    done = subprocess.run(
        command("--port", "0", "--events-url", "callguard"),
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "CommandError: --events-url: no address to send events to: 'callguard'" in done.stderr
