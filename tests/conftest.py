"""Fixtures that every test may use: the sandbox portal, the databases, the people."""

from __future__ import annotations

import importlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db.backends.postgresql.base import DatabaseWrapper as PostgreSQL
from django.db.backends.sqlite3.base import DatabaseWrapper as SQLite
from pytest_django import Settings

from crm_mirror.sandbox.server import running
from tests.portal import PortalDriver

append_only = importlib.import_module("callguard.migrations.0007_history_append_only")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_xdist_suffix: None) -> Iterator[None]:
    """SQLite tests use a file: threads and other processes must see the same rows, as in life."""
    from django.conf import settings
    from django.db import connections

    if "sqlite3" not in settings.DATABASES["default"]["ENGINE"]:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="callguard-tests-") as folder:
        suffix = os.environ.get("PYTEST_XDIST_WORKER", "main")
        connections["default"].settings_dict["TEST"]["NAME"] = str(Path(folder) / f"test-{suffix}.sqlite3")
        yield


@pytest.fixture
def portal(settings: Settings) -> Iterator[PortalDriver]:
    """An empty portal of the test's own, without request limits; the settings point at it."""
    with running("empty", limits_on=False) as server:
        settings.BITRIX_WEBHOOK_URL = server.webhook
        settings.PORTAL_ORIGIN = server.url
        settings.BITRIX_RATE_PER_SECOND = 0.0
        yield PortalDriver(server)


@pytest.fixture
def sync(portal: PortalDriver, db: None) -> Callable[..., Any]:
    """What `manage.py sync` calls: sync(), sync(only=["company"]); returns the report."""
    from crm_mirror.sync.run import sync

    return sync


@pytest.fixture(scope="module")
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The database without a transaction around it, for tests with threads of their own. They tidy up themselves.

    A transactional test before them has emptied the tables, so what the migrations seed is put back.
    """
    from django.db import connection

    from callguard.models import RuleSetVersion

    with django_db_blocker.unblock():
        if not RuleSetVersion.objects.exists():
            connection.creation.deserialize_db_from_string(connection._test_serialized_contents)  # type: ignore[attr-defined]
        yield


@pytest.fixture(scope="session", autouse=True)
def history_can_be_flushed() -> Iterator[None]:
    """Transactional tests empty all tables, by DELETE or TRUNCATE, which the triggers on history refuse."""
    forbid = next(statement for statement in append_only.SQLITE if "BEFORE delete" in statement)
    around = {
        SQLite: (f"DROP TRIGGER IF EXISTS {append_only.TABLE}_no_delete", forbid),
        PostgreSQL: (
            f"ALTER TABLE {append_only.TABLE} DISABLE TRIGGER callguard_history_no_truncate",
            f"ALTER TABLE {append_only.TABLE} ENABLE TRIGGER callguard_history_no_truncate",
        ),
    }
    with pytest.MonkeyPatch.context() as patch:
        for database, (before, after) in around.items():
            patch.setattr(database.ops_class, "sql_flush", allowing(database.ops_class.sql_flush, before, after))
        yield


def allowing(flush: Callable[..., list[str]], before: str, after: str) -> Callable[..., list[str]]:
    def flush_history_too(self: Any, *args: Any, **kwargs: Any) -> list[str]:
        statements = flush(self, *args, **kwargs)
        return [before, *statements, after] if statements else []

    return flush_history_too
