"""The dashboard at 5 M calls of 2,000 people on PostgreSQL: each page and file, and what a new call costs the tallies.

`python -m tests.bench dashboard 100000` takes fewer calls; BENCH_DASHBOARD=postgres://… a database that is filled
already. Pages and a view that does nothing take turns, so that a busy moment of the machine falls on all of them.
"""

from __future__ import annotations

import http.client
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.bench.calls import fill_calls
from tests.bench.database import _connect, migrated
from tests.bench.verdicts import serving

CALLS, PEOPLE = 5_000_000, 2_000
ROUNDS = int(os.environ.get("BENCH_PAGES", "9"))
NOTHING, WANTED = "/floor/empty/", 300  # ms
PAGES = (
    "/dashboard/",
    "/dashboard/?period=90",
    "/dashboard/?period=365",
    "/dashboard/?period=365&status=IN_WORK",
    "/dashboard/?period=365&excused=no",
    "/dashboard/?period=365&department=2",
    "/dashboard/people/77/",
    "/dashboard/calls/?figure=blamed",
    "/dashboard/calls/?figure=calls&period=365",
    "/dashboard/tables/people/?period=365",
    "/dashboard/tables/people.csv?period=365",
    "/dashboard/tables/people.xlsx?period=365",
    "/dashboard/disputes/",
    "/dashboard/kpi/",
    "/dashboard/cleaning/",
    "/dashboard/rules/",
    "/dashboard/privacy/people/",
)
FILES = ("/dashboard/calls/as.csv?figure=blamed", "/dashboard/calls/as.xlsx?figure=blamed")  # of thousands of rows
SIGN_IN = """
from django.test import Client
from callguard.models import Account
for name, facts in (("root", {"is_superuser": True}), ("head", {"employee_id": 1})):
    account, _new = Account.objects.get_or_create(username=name, defaults={"is_staff": True, **facts})
    client = Client()
    client.force_login(account, "callguard.access.backend.AtWork")
    print(client.cookies["sessionid"].value)
"""


class Browser:
    """One keep-alive connection of somebody who is signed in."""

    def __init__(self, port: int, session: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        self.headers = {"Cookie": f"sessionid={session}"}

    def get(self, path: str) -> tuple[float, float, int]:
        """Milliseconds to the first byte and to the last, and how many bytes."""
        began = time.perf_counter()
        self.connection.request("GET", path, headers=self.headers)
        answer = self.connection.getresponse()
        first = (time.perf_counter() - began) * 1000
        said = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path} answered {answer.status}: {said[:300]!r}")
        return first, (time.perf_counter() - began) * 1000, len(said)


@contextmanager
def filled(calls: int) -> Iterator[str]:
    if url := os.environ.get("BENCH_DASHBOARD"):
        yield url
        return
    name = "callguard_bench_dashboard"
    with migrated(name) as url:
        began = time.perf_counter()
        with _connect(name) as connection:
            fill_calls(connection, calls=calls, people=PEOPLE)
        print(f"{calls:,} calls made in {time.perf_counter() - began:.0f} s", flush=True)  # noqa: T201
        began = time.perf_counter()
        managed(url, "rebuild_tallies")
        took = time.perf_counter() - began
        print(f"rebuild_tallies: {took:.0f} s, {took / calls * 1e6:.0f} µs a call", flush=True)  # noqa: T201
        with _connect(name) as connection:
            connection.execute("VACUUM ANALYZE")
        yield url


def managed(url: str, *command: str) -> str:
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.bench.settings"}
    ran = subprocess.run(
        [sys.executable, "manage.py", *command], env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return ran.stdout


def measured(browser: Browser, pages: tuple[str, ...]) -> dict[str, list[tuple[float, float, int]]]:
    times: dict[str, list[tuple[float, float, int]]] = {path: [] for path in (NOTHING, *pages)}
    for turn in range(ROUNDS + 1):
        for path, taken in times.items():
            took = browser.get(path)
            if turn:  # the first ones warm caches and plans
                taken.append(took)
    return times


def told(who: str, times: dict[str, list[tuple[float, float, int]]]) -> dict[str, float]:
    floor = statistics.median(last for _first, last, _size in times[NOTHING])
    print(f"\n{who}: median of {ROUNDS}, wanted ≤ {WANTED} ms; a view that does nothing: {floor:.1f} ms")  # noqa: T201
    for path, taken in times.items():
        first, last = (statistics.median(took[part] for took in taken) for part in (0, 1))
        slowest, size = max(took[1] for took in taken), taken[0][2]
        mark = "" if last <= WANTED else "  over"
        print(  # noqa: T201
            f"  {path:45} first byte {first:7.1f}  last {last:7.1f}  slowest {slowest:7.1f} ms  {last / floor:6.1f} ×"
            f"  {size / 1024:7.0f} KB{mark}",
            flush=True,
        )
    return {path: statistics.median(took[1] for took in taken) for path, taken in times.items()}


def run(calls: int = CALLS) -> dict[str, Any]:
    """Print the tables and return the medians."""
    with filled(calls) as url:
        root, head = managed(url, "shell", "-v0", "-c", SIGN_IN).split()[-2:]
        found = {}
        with serving(url) as port:
            print(f"\nThe dashboard on PostgreSQL, {calls:,} calls, {PEOPLE:,} people")  # noqa: T201
            found["administrator"] = told("An administrator", measured(Browser(port, root), PAGES + FILES))
            found["supervisor"] = told("A supervisor", measured(Browser(port, head), PAGES[:4] + FILES))
        script = [sys.executable, "-m", "tests.bench.upkeep"]
        environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.bench.settings"}
        said = subprocess.run(script, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
        found["upkeep"] = json.loads(said.splitlines()[-1])
        for size, took in found["upkeep"].items():
            print(f"upkeep: {size} calls at once: {took:.2f} ms a call")  # noqa: T201
    return found
