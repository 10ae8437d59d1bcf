"""The product's settings as the environment gives them, `.env` left aside."""

import os

os.environ |= {"CALLGUARD_ENV_FILE": "", "SECRET_KEY": "bench-only-0123456789", "HTTPS": "False"}

from config.settings import *  # noqa: F403
