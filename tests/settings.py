"""The product's settings under a fixed environment, whatever `.env` or shell the tests are run from.

Only DATABASE_URL, CELERY_BROKER_URL and CACHE_URL are taken from the caller: they choose the services under test.
"""

import os
from pathlib import Path

_CHOSEN = ("DATABASE_URL", "CELERY_BROKER_URL", "CACHE_URL")
for _line in (Path(__file__).parent.parent / ".env.example").read_text().splitlines():
    _name = _line.removeprefix("#").split("=")[0]
    if _name.isidentifier() and _name not in _CHOSEN:
        os.environ.pop(_name, None)

os.environ.update(
    DEBUG="False",
    DEMO="False",
    HTTPS="False",
    SECRET_KEY="tests-only-and-long-enough-to-please-every-check-0123456789",
    CARD_TOKEN_SECRET="tests-only-card-secret-of-more-than-32-characters",
    CALLGUARD_ENV_FILE="",
)

from config.settings import *  # noqa: E402, F403

WHITENOISE_AUTOREFRESH = True  # each test client builds its middleware: no look at a thousand files each time
