"""The product's settings with the floor views beside its own addresses; no throttle, it would measure itself."""

from tests.settings import *  # noqa: F403
from tests.settings import REST_FRAMEWORK

ROOT_URLCONF = "tests.bench.urls"
REST_FRAMEWORK = {**REST_FRAMEWORK, "DEFAULT_THROTTLE_CLASSES": []}
CORS_ALLOWED_ORIGINS = ["http://portal.test"]  # the page of tests.browser.portal_page
