"""`manage.py demo`, started as a person starts it."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys

import pytest
import requests


@pytest.fixture
def taken_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


@pytest.fixture
def demo(taken_port):
    """Started with a port that is taken; whatever is left of it goes with the test."""
    command = [sys.executable, "manage.py", "demo", "--port", str(taken_port)]
    settings = {"DJANGO_SETTINGS_MODULE": "config.settings", "DEBUG": "True", "CALLGUARD_ENV_FILE": ""}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, env=os.environ | settings, start_new_session=True, **pipes) as process:
        yield process
        process.terminate()  # does nothing when it has ended; else it ends its parts before itself
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(30)
        process.kill()


def introduction(demo):
    """All that the command says until it is ready."""
    said = []
    for line in demo.stdout:
        said.append(line)
        if line.startswith("Stop with"):
            break
    return "".join(said)


def test_one_command_brings_a_portal_a_mirror_and_the_page_and_ctrl_c_ends_them(demo, taken_port):
    text = introduction(demo)
    assert f"Port {taken_port} is taken" in text
    page = re.search(r"http://127\.0\.0\.1:(\d+)/demo/", text)
    assert page, text
    assert "Ольга Смирнова" in requests.get(page[0], timeout=20).text
    os.killpg(demo.pid, signal.SIGINT)  # what a terminal does
    assert "The demonstration has ended" in demo.stdout.read()
    assert demo.wait(20) == 0
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", int(page[1])))
