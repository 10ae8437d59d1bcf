"""The Celery application; without a broker tasks run in the process that asked for them (settings: CELERY_BROKER_URL)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("callguard")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
