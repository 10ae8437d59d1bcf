"""`manage.py sandbox_portal`: a Bitrix24 portal to try things on, in the foreground."""

from __future__ import annotations

import secrets
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm_mirror.sandbox.access import App
from crm_mirror.sandbox.faults import parse_spec
from crm_mirror.sandbox.life.life import Life
from crm_mirror.sandbox.methods.events import BY_HAND
from crm_mirror.sandbox.portal import Portal, PortalConfig
from crm_mirror.sandbox.server import SandboxServer
from crm_mirror.sandbox.store import Store

CLIENT_ID = "local.sandbox.00000001"
SHOWN_PEOPLE = 20


class Command(BaseCommand):
    help = "Run a simulated Bitrix24 portal. The first line of its output is the address of its incoming webhook."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=9000, help="0 takes any free one (default: 9000)")
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
        parser.add_argument("--size", choices=["demo", "story", "10k", "100k", "1m", "empty"], default="demo")
        parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same data and faults")
        parser.add_argument("--faults", default="", metavar="SPEC", help="such as 503=0.1,slow=0.5:300ms")
        parser.add_argument("--no-limits", action="store_true", help="answer as fast as one asks")
        parser.add_argument("--edition", choices=["cloud", "box"], default="cloud")
        parser.add_argument(
            "--events-url", default="", metavar="URL", help="make an outgoing webhook of all events to it"
        )
        parser.add_argument("--life", type=float, default=0, metavar="RATE", help="people do so much a second")
        parser.add_argument("--redirect", default="", help="the application's page; sign-in leads back there")
        parser.add_argument("--installer", default="", help="the application's address for its initial installation")

    def handle(self, **options: Any) -> None:
        try:
            faults = parse_spec(options["faults"])
        except ValueError as error:
            raise CommandError(f"--faults: {error}") from error
        server = self._server(options)
        for fault in faults:
            server.portal.faults.add(fault)
        notes = self._wired(server, options["events_url"])
        server.start()
        self._introduce(server, notes)
        stopped = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _setter_of(stopped))
        if options["life"] > 0:
            Life(server.portal, seed=options["seed"]).go_on(options["life"], stopped)
        stopped.wait()
        server.close()
        self.stderr.write("The sandbox portal has stopped.")

    def _server(self, options: dict[str, Any]) -> SandboxServer:
        """Listens already, answers after start(). A taken port is said before a million rows are made."""
        installer = options["installer"]
        redirect = options["redirect"] or installer
        app = App(secret=secrets.token_hex(25), redirect=redirect, installer=installer, installed=not installer)
        config = PortalConfig(edition=options["edition"], limits_on=not options["no_limits"], apps={CLIENT_ID: app})
        try:
            return SandboxServer(
                lambda: Portal(self._store(options), config, seed=options["seed"]),
                host=options["host"],
                port=options["port"],
            )
        except OSError as error:
            where = f"{options['host']}:{options['port']}"
            raise CommandError(f"Cannot listen on {where}: {error.strerror}. Choose another --port.") from error

    def _store(self, options: dict[str, Any]) -> Store:
        self.stderr.write(f"Filling the portal ({options['size']})…")
        return Store.open(size=options["size"], seed=options["seed"], edition=options["edition"])

    def _wired(self, server: SandboxServer, url: str) -> list[str]:
        """Make the outgoing webhook that is asked for; the lines that tell of it."""
        if not url:
            return []
        try:
            token = server.portal.events.outgoing_webhook(url, BY_HAND)
        except ValueError as error:
            raise CommandError(f"--events-url: {error}") from error
        return [f"Outgoing webhook: events go to {url}", f"              application_token {token}"]

    def _introduce(self, server: SandboxServer, notes: list[str]) -> None:
        """The webhook first and alone on its line, for scripts; then what a person wants to know."""
        say = self.stdout.write
        say(server.webhook)
        client_id, app = next(iter(server.portal.config.apps.items()))
        say(f"Control page: {server.url}/_sandbox/ (state, request log, faults)")
        say(f"Application:  client_id {client_id}, client_secret {app.secret}")
        say(f"              in .env: BITRIX_PORTAL_URL={server.url} BITRIX_OAUTH_SERVER={server.url}")
        say(f"              opened by an administrator: {server.url}/marketplace/app/?user_id=1")
        if app.installer:
            say("              for everybody after its button BX24.installFinish() was pressed there")
        for note in notes:
            say(note)
        say("Employees:")
        for user in server.portal.store.users()[:SHOWN_PEOPLE]:
            say(f"  {user['ID']:>5}  {_introduced(user)}")
        say("Stop with Ctrl-C.")
        self.stdout.flush()


def _introduced(user: dict[str, Any]) -> str:
    name = f"{user.get('NAME') or ''} {user.get('LAST_NAME') or ''}".strip()
    notes = [user.get("WORK_POSITION") or "", "administrator" if user.get("IS_ADMIN") else ""]
    notes.append("" if user["ACTIVE"] else "dismissed")
    return ", ".join(text for text in (name, *notes) if text)


def _setter_of(event: threading.Event) -> Callable[[int, FrameType | None], None]:
    """A signal handler: sets the event, and lets a second Ctrl-C end at once."""

    def handle(number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        event.set()

    return handle
