"""The product's settings as the environment gives them, a quicker beat, and the application of the drill's writers."""

import os

os.environ |= {
    "CALLGUARD_ENV_FILE": "",
    "DEBUG": "False",
    "HTTPS": "False",
    "SECRET_KEY": "drill-only-0123456789-0123456789-0123456789-0123456789",
    "CARD_TOKEN_SECRET": "drill-only-card-secret-of-more-than-32-characters",
}
if "DATABASE_URL" not in os.environ:
    raise SystemExit("Run it as `make drill` or `python -m tests.drill`.")

from config.settings import *  # noqa: F403
from config.settings import CELERY_BEAT_SCHEDULE, DATABASES, INSTALLED_APPS, env

DATABASES["clean"] = DATABASES["default"] | env.db_url("DRILL_CLEAN_URL")  # a second installation
INSTALLED_APPS = [*INSTALLED_APPS, "tests.drill.causes.apps.CausesConfig"]

# A week passes in minutes, so the beat is as much quicker.
SECONDS = {
    "what changed": 1,
    "events": 0.5,
    "offline events": 5,
    "writes to the portal": 0.5,
    "ended calls": 2,
    "patrol": 3,
    "reconciliation": 20,
}
CELERY_BEAT_SCHEDULE = {
    name: {**entry, "schedule": SECONDS.get(name, 3600), "options": {"expires": 10}}
    for name, entry in CELERY_BEAT_SCHEDULE.items()
}
