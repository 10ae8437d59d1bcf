"""What the tallies cost a call: that many changed calls of the last days, counted anew at once. Milliseconds a call."""

from __future__ import annotations

import json
import statistics
import time
from datetime import timedelta

import django

django.setup()

from django.utils import timezone  # noqa: E402

from callguard.models import Call  # noqa: E402
from callguard.tallies.refresh import bring_up_to_date  # noqa: E402

SIZES, TURNS = (1, 10, 100, 1000), 7


def upkeep(size: int, turn: int) -> float:
    """Every so many-th of the newest calls, so that they are of as many people as possible."""
    recent = Call.objects.filter(rung_at__gte=timezone.now() - timedelta(days=3)).order_by("-rung_at")
    ids = list(recent.values_list("pk", flat=True)[turn : 5 * size + turn : 5])
    Call.objects.filter(pk__in=ids).update(untallied=True)
    began = time.perf_counter()
    bring_up_to_date()
    return (time.perf_counter() - began) * 1000 / len(ids)


bring_up_to_date()
print(json.dumps({size: statistics.median(upkeep(size, turn) for turn in range(TURNS)) for size in SIZES}))  # noqa: T201
