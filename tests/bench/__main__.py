"""`make bench`: every figure of the README, measured now, here. `python -m tests.bench verdicts` runs a part.

A number behind it is its size: `python -m tests.bench dashboard 100000`.
"""

import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"

import django

django.setup()

from tests.bench import card, dashboard, living, syncs, verdicts  # noqa: E402

PARTS = {
    "verdicts": verdicts.run,
    "card": card.run,
    "sync": syncs.run,
    "living": living.run,
    "dashboard": dashboard.run,
}
sizes = [int(size) for size in sys.argv[1:] if size.isdigit()]

for part in [name for name in sys.argv[1:] if not name.isdigit()] or PARTS:
    PARTS[part](*sizes)
