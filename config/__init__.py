"""Wiring: settings, addresses, the Celery application. Imported by nobody but the servers and manage.py."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
