"""Statements that PostgreSQL plans once per connection, for the moment a phone rings: planning the look-up takes ten
times as long as running it. SQLite plans in no time and needs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection
from django.db.backends.utils import CursorWrapper


@contextmanager
def prepared_cursor() -> Iterator[CursorWrapper]:
    """Django's own cursor, counted and logged like any; on PostgreSQL one that binds on the server.

    Django's usual one puts the values into the text, so every statement is a new one to plan. Preparing follows the
    database option `prepare_threshold` (config.settings); without it each is planned anew and nothing breaks.
    """
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            yield cursor
        return
    connection.close_if_health_check_failed()  # as connection.cursor() does
    connection.ensure_connection()
    raw: Any = psycopg.Cursor(connection.connection)
    with connection.make_debug_cursor(raw) if connection.queries_logged else connection.make_cursor(raw) as cursor:
        yield cursor
