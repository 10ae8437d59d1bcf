"""`manage.py serve`: the whole product in one command, for a small company without a broker."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from callguard.management.parts import end_on_signals, manage, running, watch, web_server


class Command(BaseCommand):
    help = (
        "Serve pages and cards, and keep the mirror true beside them: no broker and no other service is needed, SQLite "
        "will do. Applies migrations first. Ends when a part of it does, so that whoever started it starts it again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="default: 8000")

    def handle(self, *, host: str, port: int, **options: Any) -> None:
        if not settings.IN_PROCESS:
            raise CommandError("CELERY_BROKER_URL names a broker: start the parts one by one (docs/operations.md).")
        call_command("migrate", verbosity=0)
        end_on_signals()
        try:
            with ExitStack() as parts:
                environment = dict(os.environ)
                web = parts.enter_context(running(web_server(host, port), environment, quiet=True))
                worker = parts.enter_context(running(manage("work"), environment, quiet=True))
                self.stdout.write(f"Serving http://{host}:{port}/ and keeping the mirror true. Stop with Ctrl-C.")
                watch(web, worker)
        except KeyboardInterrupt:
            self.stdout.write("Call Guard has stopped.")
