"""Fixtures that every test may use: the sandbox portal, the databases, the people."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


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
