"""The Celery application; without a broker (CELERY_BROKER_URL) tasks run in the process that asked for them."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("callguard")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
