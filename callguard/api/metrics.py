"""GET /metrics for Prometheus: counted in this process (in all with PROMETHEUS_MULTIPROC_DIR) or read from rows."""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterator

from django.conf import settings
from django.db import Error as DbError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from callguard import health

LOOPBACK = ("127.0.0.1", "::1")
FORWARDED = ("HTTP_X_FORWARDED_", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")  # a proxy speaks for somebody else

calls = Counter("callguard_calls", "Calls recorded, by the colour of their verdict.", ["colour"])
verdict_seconds = Histogram(
    "callguard_verdict_seconds",
    "Time from a parsed request to its verdict.",
    ["request"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2.5),  # the card gives up at 1.5
)


class RowsCollector:
    """What only the database knows, read when Prometheus asks; without the database the rest still answers."""

    def collect(self) -> Iterator[Metric]:
        reachable = True
        try:
            yield from mirror_metrics()
        except DbError:
            reachable = False
        yield GaugeMetricFamily("callguard_database_up", "Whether the database answers.", value=float(reachable))


def mirror_metrics() -> Iterator[Metric]:
    age = health.mirror_age(at=timezone.now())
    quarantine = GaugeMetricFamily("callguard_quarantine_rows", "Portal rows that cannot be read.", labels=["kind"])
    for kind, rows in health.quarantined():
        quarantine.add_metric([kind], rows)
    yield quarantine
    if age is not None:  # never synced: no age, rather than a lie
        yield GaugeMetricFamily("callguard_mirror_age_seconds", "Time since the last complete sync.", value=age)


@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    if not may_read_metrics(request):
        return HttpResponse("Metrics are for METRICS_TOKEN, or for this machine.\n", "text/plain", status=403)
    counted = generate_latest(process_registry())
    rows = CollectorRegistry()
    rows.register(RowsCollector())
    return HttpResponse(counted + generate_latest(rows), content_type=CONTENT_TYPE_LATEST)


def process_registry() -> CollectorRegistry:
    """The counts of this process, or of all of them where they share a directory."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:  # prometheus_client's own switch, read by it at import
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # its stubs lack this one
    return registry


def may_read_metrics(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").encode()
        return hmac.compare_digest(given, f"Bearer {settings.METRICS_TOKEN}".encode())
    forwarded = settings.BEHIND_PROXY or any(name.startswith(FORWARDED) for name in request.META)
    return request.META.get("REMOTE_ADDR") in LOOPBACK and not forwarded
