"""POST /api/v1/calls/ against the floor views: p50 and p99 in ms, and their ratios, at 10 k and 1 M phones."""

from __future__ import annotations

import http.client
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings

from callguard.access.tokens import CardToken, issued
from tests.bench.database import fill, migrated, number

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "1500"))
VIEWS = ("/floor/noop/", "/floor/bearer/", "/floor/lookup/", "/floor/insert/", "/api/v1/calls/")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def serving(url: str) -> Iterator[int]:
    """Port of the application on this database."""
    port = free_port()
    with serve(port, os.environ | {"DATABASE_URL": url, "LOG_LEVEL": "ERROR"}):
        yield port


@contextmanager
def serve(port: int, environment: dict[str, str], application: str = "tests.bench.wsgi:application") -> Iterator[None]:
    """The application under granian, one worker, as in production."""
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--log-level", "error", "--blocking-threads", "4", application]
    with subprocess.Popen(command, env=environment) as server:
        try:
            _wait_for(port)
            yield
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The application did not start.")


class Client:
    """One keep-alive connection of one employee."""

    def __init__(self, port: int, *, employee_id: int = 77) -> None:
        token = issued(
            CardToken(employee_id), secret=settings.CARD_TOKEN_SECRET, ttl=timedelta(hours=1), at=datetime.now(tz=UTC)
        )
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        self.headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}

    def post(self, path: str, phone: str) -> float:
        """Milliseconds from sending to the last byte of the answer."""
        body = json.dumps({"call_id": uuid.uuid4().hex, "phone": phone, "direction": "outgoing"})
        began = time.perf_counter()
        self.connection.request("POST", path, body, self.headers)
        answer = self.connection.getresponse()
        said = answer.read()
        took = (time.perf_counter() - began) * 1000
        if answer.status not in (200, 201):
            raise SystemExit(f"{path} answered {answer.status}: {said[:300]!r}")
        return took


def measured(port: int, phones: int) -> dict[str, list[float]]:
    """Times by view; the views take turns, so a busy moment of the machine falls on all of them."""
    client, chance = Client(port), random.Random(1)
    times: dict[str, list[float]] = {view: [] for view in VIEWS}
    for turn in range(ROUNDS + 100):
        phone = number(chance.randrange(phones), phones)
        for view in VIEWS:
            took = client.post(view, phone)
            if turn >= 100:  # the first ones warm caches and plans
                times[view].append(took)
    return times


def quantiles(times: list[float]) -> tuple[float, float]:
    return statistics.median(times), statistics.quantiles(times, n=100)[98]


def run() -> dict[str, Any]:
    """Print the table and return the figures."""
    p50: dict[int, dict[str, float]] = {}
    for phones in (10_000, 1_000_000):
        name = f"callguard_bench_{phones}"
        with migrated(name) as url:
            fill(name, phones)
            with serving(url) as port:
                times = measured(port, phones)
        p50[phones] = {view: quantiles(took)[0] for view, took in times.items()}
        print(f"\nPOST on PostgreSQL, {phones:,} phones, {ROUNDS} rounds")  # noqa: T201
        for view, took in times.items():
            middle, slow = quantiles(took)
            ratio = middle / p50[phones]["/floor/insert/"]
            print(f"  {view:18} p50 {middle:6.2f} ms   p99 {slow:6.2f} ms   {ratio:5.2f} × the last floor")  # noqa: T201
    verdict = {phones: by["/api/v1/calls/"] / by["/floor/insert/"] for phones, by in p50.items()}
    growth = p50[1_000_000]["/api/v1/calls/"] / p50[10_000]["/api/v1/calls/"]
    print(f"\nVerdict ÷ last floor: {verdict} (wanted ≤ 1.2); growth 10 k → 1 M: {growth:.2f} × (wanted ≤ 1.2)")  # noqa: T201
    return {"verdict_over_floor": verdict, "growth": growth}
