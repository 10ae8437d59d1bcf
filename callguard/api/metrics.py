"""GET /metrics for Prometheus: counted in this process (in all with PROMETHEUS_MULTIPROC_DIR) or read from rows."""

from __future__ import annotations

import hmac
import os
from collections import Counter as Counts
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.conf import settings
from django.db import Error as DbError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from callguard import health
from crm_mirror import freshness
from crm_mirror.alerts import Alert, alerts
from crm_mirror.allowance import budget

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
    now = timezone.now()
    age = health.mirror_age(at=now)
    if age is not None:  # never synced: no age, rather than a lie
        yield GaugeMetricFamily("callguard_mirror_age_seconds", "Time since the last complete sync.", value=age)
    yield gauge("callguard_quarantine_rows", "Portal rows that cannot be read.", "kind", health.quarantined())
    yield from kind_metrics(at=now)
    yield from queue_metrics("inbox", "events of the portal", freshness.inbox(), at=now)
    yield from queue_metrics("outbox", "calls to the portal", freshness.outbox(), at=now)
    yield from request_metrics(at=now)
    found = alerts(at=now)
    yield gauge("callguard_alert", "What a person should see to (docs/operations.md).", "code", active(found))


def kind_metrics(*, at: datetime) -> Iterator[Metric]:
    kinds = freshness.standings()
    known = [(kind.kind, (at - kind.true_at).total_seconds()) for kind in kinds if kind.true_at]
    yield gauge("callguard_mirror_kind_age_seconds", "Time since the mirror of a kind was true.", "kind", known)
    backlog = [(kind.kind, (at - kind.backlog_since).total_seconds() if kind.backlog_since else 0) for kind in kinds]
    yield gauge("callguard_mirror_backlog_seconds", "Age of a mass change being worked off; 0: none.", "kind", backlog)
    drift = [(kind.kind, kind.drift_left) for kind in kinds if kind.drift_left is not None]
    yield gauge("callguard_mirror_drift_rows", "Rows that the last comparison left different.", "kind", drift)
    lag = GaugeMetricFamily(
        "callguard_mirror_lag_seconds", "From a change in the portal to the mirror.", labels=["kind", "quantile"]
    )
    for kind, found in freshness.lags().items():
        lag.add_metric([kind, "0.5"], found.p50)
        lag.add_metric([kind, "0.95"], found.p95)
    yield lag


def queue_metrics(name: str, what: str, queue: freshness.Queue, *, at: datetime) -> Iterator[Metric]:
    oldest = (at - queue.oldest).total_seconds() if queue.oldest else 0
    yield GaugeMetricFamily(f"callguard_{name}_waiting", f"Waiting {what}.", value=queue.waiting)
    yield GaugeMetricFamily(
        f"callguard_{name}_oldest_seconds", f"How long the oldest of the {what} waits.", value=oldest
    )
    yield GaugeMetricFamily(f"callguard_{name}_dead", f"Given up {what}.", value=queue.given_up)


def request_metrics(*, at: datetime) -> Iterator[Metric]:
    left = budget(settings.PORTAL_ORIGIN, at=at)
    yield GaugeMetricFamily("callguard_portal_allowance_used", "Requests in the portal's bucket.", value=left.level)
    yield GaugeMetricFamily("callguard_portal_allowance_room", "Requests that it takes.", value=left.rate.room)
    yield GaugeMetricFamily("callguard_portal_pace", "Share of the allowance that is ours.", value=left.pace)
    halted = float(bool(left.blocked_until and left.halted_because))
    yield GaugeMetricFamily("callguard_portal_halted", "Whether nobody asks until a person helps.", value=halted)
    sent = [(purpose.value, used.sent) for purpose, used in left.last_minute.items()]
    yield gauge("callguard_portal_requests_last_minute", "Requests of the last whole minute.", "purpose", sent)
    refused = [(purpose.value, used.refused) for purpose, used in left.last_minute.items()]
    yield gauge("callguard_portal_refused_last_minute", "Of these, refused as too many.", "purpose", refused)


def active(found: list[Alert]) -> list[tuple[str, int]]:
    """How many alerts of each code there are."""
    return sorted(Counts(alert.code for alert in found).items())


def gauge(name: str, help_: str, label: str, values: Iterable[tuple[str, float]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, help_, labels=[label])
    for of, value in values:
        family.add_metric([of], value)
    return family


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
