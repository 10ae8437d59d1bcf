"""`manage.py work`: everything that workers and the beat do, in one process and without a broker."""

from __future__ import annotations

from typing import Any

from celery import current_app
from celery.beat import EmbeddedService
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm_mirror.tasks import sync_portal

THREADS = 4  # a full sync, a delta round, the inbox and the outbox side by side


class Command(BaseCommand):
    help = (
        "Keep the mirror true: the beat and the worker in this one process, for installations without a broker. "
        "Ends cleanly on Ctrl-C or SIGTERM; work that was cut off is taken up by the next start."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--threads", type=int, default=THREADS, help=f"works done side by side (default: {THREADS})"
        )

    def handle(self, *, threads: int, **options: Any) -> None:
        if not settings.IN_PROCESS:
            raise CommandError(
                "CELERY_BROKER_URL names a broker: run `celery -A config worker` and `celery -A config beat` instead, "
                "or remove the setting."
            )
        current_app.conf.task_always_eager = False  # the queue is in this process, shared by the beat and the threads
        beat: Any = EmbeddedService(current_app, thread=True, scheduler_cls=settings.CELERY_BEAT_SCHEDULER)
        worker = current_app.Worker(
            pool="threads", concurrency=threads, loglevel="WARNING", without_gossip=True, without_mingle=True
        )
        sync_portal.delay()  # the beat would begin with waiting for a minute
        beat.start()
        try:
            worker.start()
        finally:
            beat.stop()
