"""A full sync as a share of the portal's own ceiling, fast-bitrix24 beside it; and a million rows with the limit off.

The ceiling: a request may carry 50 commands of 50 rows, so 2,500 rows a request, at two requests a second 5,000 rows/s
(bitrix/rest.md §2). The burst is left out of the sum (ours is set to one request): it is gone after 25 seconds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import psutil
import requests

from tests.bench.database import migrated

ROWS_PER_REQUEST, REQUESTS_PER_SECOND = 2500, 2
CRM_KINDS = ("company", "contact", "link", "lead", "deal")


@contextmanager
def sandbox(size: str, *options: str) -> Iterator[str]:
    """Webhook of a running sandbox portal of that size."""
    command = [sys.executable, "manage.py", "sandbox_portal", "--port", "0", "--size", size, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as portal:
        try:
            assert portal.stdout
            yield portal.stdout.readline().strip()
        finally:
            portal.terminate()


def requests_of(webhook: str) -> int:
    """How many requests the portal has served, by its own log."""
    parts = urlsplit(webhook)
    state = requests.get(f"{parts.scheme}://{parts.netloc}/_sandbox/log", timeout=10).json()
    return len(state["requests"] if isinstance(state, dict) else state)


def synced(webhook: str, database: str, *, rate: float) -> tuple[dict[str, Any], float, float]:
    """(report, seconds, peak MB) of `manage.py sync --full` in a process of its own."""
    environment = os.environ | {
        "DATABASE_URL": database,
        "BITRIX_WEBHOOK_URL": webhook,
        "BITRIX_RATE_PER_SECOND": str(rate),
        "BITRIX_RATE_BURST": "1",
        "LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "tests.bench.sync_settings",
    }
    began, peak = time.perf_counter(), 0
    command = [sys.executable, "manage.py", "sync", "--full"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            try:
                peak = max(peak, watched.memory_info().rss)
            except psutil.NoSuchProcess:
                break
            time.sleep(0.1)
        assert process.stdout
        report = json.loads(process.stdout.read().strip().splitlines()[-1])
    return report, time.perf_counter() - began, peak / 1e6


def rows_in(report: dict[str, Any]) -> int:
    return sum(report["entities"].get(kind, {}).get("seen", 0) for kind in CRM_KINDS)


def fast_bitrix24(webhook: str) -> tuple[int, float]:
    """(rows, seconds) of the best-known Python client reading the same rows of the same portal."""
    script = (
        "import json, logging, sys, warnings; warnings.simplefilter('ignore'); logging.disable(logging.CRITICAL)\n"
        "from fast_bitrix24 import Bitrix\n"
        "portal = Bitrix(sys.argv[1], verbose=False)\n"
        "kinds = ['company', 'contact', 'lead', 'deal']\n"
        "print(sum(len(portal.get_all(f'crm.{k}.list', {'select': ['ID', 'TITLE', 'PHONE']})) for k in kinds))"
    )
    began = time.perf_counter()
    ran = subprocess.run([sys.executable, "-c", script, webhook], capture_output=True, text=True, check=True)
    return int(ran.stdout.split()[-1]), time.perf_counter() - began


def _say(name: str, rows: int, requests_made: int, seconds: float) -> float:
    share = rows / (requests_made * ROWS_PER_REQUEST)
    print(  # noqa: T201
        f"  {name:15} {rows:>9,} rows   {requests_made:>5} requests   {seconds:6.1f} s   "
        f"{rows / seconds:>8,.0f} rows/s   {share:6.1%} of what these requests could carry"
    )
    return share


def limited(size: str) -> tuple[float, float]:
    """Shares of the ceiling: rows ÷ what the requests could carry, and rows ÷ what the limit lets through meanwhile."""
    print(f"\nFull sync of {size}, limit on ({REQUESTS_PER_SECOND} requests a second)")  # noqa: T201
    with sandbox(size) as webhook, migrated("callguard_bench_sync") as database:
        report, seconds, _ = synced(webhook, database, rate=REQUESTS_PER_SECOND)
        rows = rows_in(report)
        by_requests = _say("call guard", rows, requests_of(webhook), seconds)
    by_clock = rows / (report["seconds"] * REQUESTS_PER_SECOND * ROWS_PER_REQUEST)
    print(f"  {'':15} {by_clock:.1%} of the ceiling by the clock, start of Python left out")  # noqa: T201
    return by_requests, by_clock


def run() -> dict[str, Any]:
    """Print the figures and return them."""
    share, _ = limited("10k")
    with sandbox("10k") as webhook:
        theirs, their_seconds = fast_bitrix24(webhook)
        _say("fast-bitrix24", theirs, requests_of(webhook), their_seconds)
    big_share, paced = limited("100k")
    print("\nFull sync of 1m, limit off")  # noqa: T201
    with sandbox("1m", "--no-limits") as webhook, migrated("callguard_bench_sync") as database:
        report, seconds, peak = synced(webhook, database, rate=0)
        _say("call guard", rows_in(report), requests_of(webhook), seconds)
        print(f"  peak memory {peak:.0f} MB (wanted ≤ 300)")  # noqa: T201
    figures = {"share": share, "share_100k": big_share, "share_100k_by_clock": paced}
    return figures | {"rows_per_second_1m": rows_in(report) / seconds, "peak_mb": peak}
