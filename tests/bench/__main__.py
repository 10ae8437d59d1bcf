"""`make bench`: every figure of the README, measured now, here. `python -m tests.bench verdicts` runs a part."""

import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"

import django

django.setup()

from tests.bench import card, living, syncs, verdicts  # noqa: E402

PARTS = {"verdicts": verdicts.run, "card": card.run, "sync": syncs.run, "living": living.run}

for part in sys.argv[1:] or PARTS:
    PARTS[part]()
