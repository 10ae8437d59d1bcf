"""How far the mirror is behind a portal where people work: with events, without them, idle, and in a burst.

Real parts: PostgreSQL, Redis, granian, a Celery worker and a beat, and a sandbox portal of 10k that keeps its request
limit (2 a second, burst 50) and delivers its events over HTTP. Lags are from the edit to the committed row.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg
import redis
from django.conf import settings

from crm_mirror.sandbox.server import SandboxServer, running
from tests.bench.database import migrated
from tests.bench.verdicts import Client, free_port, quantiles, serve

BROKER = "redis://127.0.0.1:6379/8"
EDITS_PER_SECOND, WITH_EVENTS, WITHOUT = 5, 60, 150  # edits a second; seconds with events, seconds without
BURST, BURST_ENTITIES = 10_000, 2_000
PATIENCE = 240  # seconds
CELERY = ("-m", "celery", "-A", "config")
WORKER = ("worker", "--pool", "threads", "--concurrency", "4", "-l", "ERROR", "--without-gossip", "--without-mingle")


class Installation:
    """Everything that runs, over one database and one portal."""

    def __init__(self, portal: SandboxServer, url: str, port: int, token: str) -> None:
        self.portal, self.port, self.url = portal, port, url
        self.environment = os.environ | {
            "DATABASE_URL": url,
            "CELERY_BROKER_URL": BROKER,
            "BITRIX_WEBHOOK_URL": portal.webhook,
            "BITRIX_APPLICATION_TOKEN": token,
            "CARD_TOKEN_SECRET": settings.CARD_TOKEN_SECRET,
            "API_RATE_PER_CALLER": "1000000/min",
            "LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "tests.bench.sync_settings",
        }
        self.companies = [row[0] for row in portal.portal.store.rows("SELECT ID FROM company ORDER BY ID")]

    def sync(self, *arguments: str) -> dict[str, Any]:
        command = [sys.executable, "manage.py", "sync", *arguments]
        ran = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True)
        return dict(json.loads(ran.stdout.strip().splitlines()[-1]))

    def edit(self, company: int, title: str) -> None:
        self.portal.portal.call("crm.company.update", {"id": company, "fields": {"TITLE": title}})

    @contextmanager
    def started(self, *parts: tuple[str, ...]) -> Iterator[None]:
        with ExitStack() as stack:
            for part in parts:
                process = stack.enter_context(subprocess.Popen([sys.executable, *part], env=self.environment))
                stack.callback(process.terminate)
            yield


@contextmanager
def installed(*, events: bool) -> Iterator[Installation]:
    """A portal of 10k, mirrored, with worker and beat."""
    redis.Redis.from_url(BROKER).flushdb()
    with running("10k") as portal, migrated("callguard_bench_living") as url:
        port = free_port()
        names = [f"ONCRMCOMPANY{what}" for what in ("ADD", "UPDATE", "DELETE")]
        events_url = f"http://127.0.0.1:{port}/bitrix/events/"
        token = portal.portal.events.outgoing_webhook(events_url, names) if events else ""
        one = Installation(portal, url, port, token)
        one.sync("--full")
        beat = (*CELERY, "beat", "-l", "ERROR")
        with serve(port, one.environment, "config.wsgi:application"), one.started((*CELERY, *WORKER), beat):
            yield one


def lags(one: Installation, *, seconds: int) -> list[float]:
    """Seconds from each edit to its row, for edits at random companies, EDITS_PER_SECOND of them."""
    dice, edited = random.Random(1), {}
    found: list[float] = []
    with psycopg.connect(one.url, autocommit=True) as mirror:
        until = time.monotonic() + seconds
        due = time.monotonic()
        while time.monotonic() < until or (edited and time.monotonic() < until + PATIENCE):
            if due <= time.monotonic() < until:
                title = f"{dice.random():.12f}"
                one.edit(dice.choice(one.companies), title)
                edited[title], due = time.monotonic(), due + 1 / EDITS_PER_SECOND
            rows = mirror.execute("SELECT title FROM crm_mirror_company WHERE title = ANY(%s)", [list(edited)])
            found += [time.monotonic() - edited.pop(title) for (title,) in rows.fetchall()]
            time.sleep(0.02)
    return found


def requests_since(one: Installation, before: int) -> int:
    return len(one.portal.log) - before


def behind() -> dict[str, float]:
    figures: dict[str, float] = {}
    for name, events, seconds in (("events", True, WITH_EVENTS), ("no events", False, WITHOUT)):
        with installed(events=events) as one:
            time.sleep(5)
            before, took = len(one.portal.log), lags(one, seconds=seconds)
            p95 = statistics.quantiles(took, n=20)[18]
            print(  # noqa: T201
                f"  {name:10} {len(took):>5} edits, {EDITS_PER_SECOND} a second: p50 {statistics.median(took):6.2f} s"
                f"   p95 {p95:6.2f} s   {requests_since(one, before)} requests"
            )
            figures[f"lag_p95_{name.replace(' ', '_')}"] = p95
            if not events:
                figures["idle_requests"] = idle(one)
    return figures


def idle(one: Installation) -> int:
    """Requests of a whole round when nothing has happened."""
    one.portal.portal.clock.advance(600)
    one.sync()
    one.portal.portal.clock.advance(60)
    made = int(one.sync()["requests"])
    print(f"  idle       {made:>5} requests for a whole round of all kinds (wanted ≤ 5)")  # noqa: T201
    return made


def burst() -> dict[str, float]:
    """BURST events about BURST_ENTITIES companies, and what the API feels of it."""
    with installed(events=True) as one:
        calm = times_of_verdicts(one, while_true=turns(400))
        before, began = len(one.portal.log), time.monotonic()
        chosen = one.companies[:BURST_ENTITIES]
        editing = threading.Thread(target=lambda: [one.edit(chosen[n % len(chosen)], f"Б{n}") for n in range(BURST)])
        editing.start()
        last = f"Б{BURST - 1}"
        with psycopg.connect(one.url, autocommit=True) as mirror:
            busy = times_of_verdicts(one, while_true=lambda: not arrived(mirror, last))
        editing.join()
        took, made = time.monotonic() - began, requests_since(one, before)
        told = sum(delivery.status == 200 for delivery in one.portal.portal.events.delivered)
    slow, calm_slow = quantiles(busy)[1], quantiles(calm)[1]
    print(  # noqa: T201
        f"  burst      {told:,} events about {BURST_ENTITIES:,} companies: last row after {took:.1f} s, "
        f"{made} requests; API p99 {calm_slow:.1f} ms idle, {slow:.1f} ms meanwhile ({slow / calm_slow:.1f} ×)"
    )
    return {"burst_seconds": took, "burst_requests": made, "burst_api_p99_ratio": slow / calm_slow}


def arrived(mirror: psycopg.Connection[Any], title: str) -> bool:
    waiting = mirror.execute("SELECT count(*) FROM crm_mirror_inboxevent WHERE state = 'waiting'").fetchone()
    row = mirror.execute("SELECT 1 FROM crm_mirror_company WHERE title = %s", [title]).fetchone()
    return bool(row) and waiting == (0,)


def turns(count: int) -> Callable[[], bool]:
    left = iter(range(count))
    return lambda: next(left, None) is not None


def times_of_verdicts(one: Installation, *, while_true: Callable[[], bool]) -> list[float]:
    """Milliseconds of POST /api/v1/calls/, twenty at a time between two looks."""
    client, dice = Client(one.port, employee_id=1), random.Random(2)
    took: list[float] = []
    until = time.monotonic() + PATIENCE
    while while_true() and time.monotonic() < until:
        took += [client.post("/api/v1/calls/", f"+7916{dice.randrange(10**7):07d}") for _ in range(20)]
    return took


def run() -> dict[str, Any]:
    """Print the figures and return them."""
    print("\nBehind the portal: 10k on PostgreSQL and Redis, its limit on")  # noqa: T201
    return behind() | burst()
