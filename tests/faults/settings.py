"""The drill's settings for processes of the tests of faults: a quick beat, and what the test puts in the way."""

import os

os.environ.setdefault("DRILL_CLEAN_URL", os.environ["DATABASE_URL"])

from tests.drill.settings import *  # noqa: F403
from tests.drill.settings import DATABASES

CELERY_TASK_DEFAULT_QUEUE = os.environ.get("TEST_QUEUE", "celery")  # of the test's own, on a broker that others use
if most_pages := os.environ.get("TEST_MOST_PAGES"):  # a full disk, for SQLite
    DATABASES["default"]["OPTIONS"]["init_command"] += f" PRAGMA max_page_count={most_pages};"
