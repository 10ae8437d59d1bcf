"""`manage.py demo [--port 8000]`: a portal, its mirror, three months of calls and the application, all throw-away."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from callguard.management.parts import Environment, end_on_signals, manage, running, watch, web_server
from callguard.story.days import colours_day

HOST = "127.0.0.1"
PORTS_TRIED = 50
PATIENCE = 60  # seconds that a part may take to start; a cold disk is slow
QUIETLY = ("--verbosity", "0", "--skip-checks")


class Command(BaseCommand):
    help = (
        "Run a made-up portal, mirror it, make up its calls, and serve the application with /demo/. Ctrl-C ends it all."
    )
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="of the application; the next free one if taken")

    def handle(self, *, port: int, **options: Any) -> None:
        end_on_signals()
        try:
            with ExitStack() as parts:
                self._run(parts, _free_port(port), asked=port)
        except KeyboardInterrupt:
            self.stdout.write("\nThe demonstration has ended.")

    def _run(self, parts: ExitStack, port: int, *, asked: int) -> None:
        if port != asked:
            self.stdout.write(f"Port {asked} is taken: using {port}.")
        environment = _environment(_fresh_database(port))
        self.stdout.write("1/5 The made-up portal starts…")
        portal = parts.enter_context(
            running([*manage("sandbox_portal"), "--size", "story", "--port", "0"], environment)
        )
        environment["BITRIX_WEBHOOK_URL"] = _webhook(portal)
        self.stdout.write("2/5 Tables, rules and palettes…")
        _finish("migrate", *QUIETLY, environment=environment)
        account = ["--noinput", "--username", "demo", "--email", "demo@example.com", *QUIETLY]
        _finish("createsuperuser", *account, environment=environment)
        self.stdout.write("3/5 First full sync…")
        self._tell_sync(_finish("sync", "--full", environment=environment))
        self.stdout.write("4/5 Three months of a sales department of forty…")
        self._tell_story(_finish("demo_story", "--skip-checks", environment=environment))
        self.stdout.write("5/5 The application starts…")
        server = parts.enter_context(running(web_server(HOST, port), environment, quiet=True))
        worker = parts.enter_context(running(manage("work"), environment, quiet=True))
        url = f"http://{HOST}:{port}"
        _wait_for(f"{url}/healthz", server)
        self._introduce(url, environment["BITRIX_WEBHOOK_URL"])
        watch(portal, server, worker)

    def _tell_sync(self, output: str) -> None:
        entities = json.loads(output.splitlines()[-1])["entities"]
        self.stdout.write("    " + ", ".join(f"{kind}: {count['seen']}" for kind, count in entities.items()))

    def _tell_story(self, output: str) -> None:
        told = json.loads(output.splitlines()[-1])
        self.stdout.write(f"    calls: {told['calls']}, to colleagues' clients: {told['conflicts']}")

    def _introduce(self, url: str, webhook: str) -> None:
        self.stdout.write(
            f"\nOpen {url}/demo/ and dial.\n"
            f"Dashboard: {url}/dashboard/ as marina (head of sales), vera (a seller) or demo (administrator); "
            "the password is demo.\n"
            f"Administration: {url}/admin/. API: {url}/api/docs/\n"
            f"The portal's webhook: {webhook}\n"
            "Stop with Ctrl-C; nothing is kept."
        )
        self.stdout.flush()


def _environment(database: Path) -> Environment:
    """What the parts run under: nothing of this machine's `.env`, so that a demo never meets a real portal."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("BITRIX_")}
    return mine | {
        "CALLGUARD_ENV_FILE": "",
        "DEBUG": "True",
        "DEMO": "True",
        "HTTPS": "False",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "CARD_TOKEN_SECRET": secrets.token_urlsafe(50),
        "DATABASE_URL": f"sqlite:///{database}",
        "CELERY_BROKER_URL": "memory://",
        "CACHE_URL": "locmemcache://",
        "ALLOWED_HOSTS": f"localhost,{HOST}",
        "LOG_LEVEL": "WARNING",
        "DJANGO_SUPERUSER_PASSWORD": "demo",
        "COLOURS_SINCE": colours_day(timezone.localdate()).isoformat(),
        "SUPERVISOR_SCOPE": "chain",  # the head of sales sees the rooms below, too
    }


def _fresh_database(port: int) -> Path:
    """A file per port, so that two demonstrations at once do not share one; what an earlier one left is thrown away."""
    folder = Path(settings.BASE_DIR) / ".demo"
    folder.mkdir(exist_ok=True)
    for old in folder.glob(f"{port}.sqlite3*"):
        old.unlink()
    return folder / f"{port}.sqlite3"


def _free_port(wanted: int) -> int:
    for port in range(wanted, min(wanted + PORTS_TRIED, 65536)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise CommandError(f"No free port from {wanted} on. Choose another: --port 18000.")


def _webhook(portal: subprocess.Popen[str]) -> str:
    line = portal.stdout.readline().strip() if portal.stdout else ""
    if not line.startswith("http"):
        raise CommandError("The sandbox portal did not start; what it said stands above.")
    return line


def _finish(command: str, *arguments: str, environment: Environment) -> str:
    """A step that must succeed; returns what it printed. Its progress and errors go to the terminal."""
    call = [*manage(command), *arguments]
    done = subprocess.run(call, env=environment, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603 -- our own
    if done.returncode:
        raise CommandError(f"{command} failed; what it said stands above.", returncode=done.returncode)
    return done.stdout


def _wait_for(url: str, server: subprocess.Popen[str]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 -- our own address
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise CommandError("The application did not start; what it said stands above.")
