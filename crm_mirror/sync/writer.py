"""One transaction at a time writes the mirror, whichever process it is in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

LOCK = 0x43616C6C  # any number, the same for all processes of this database


@contextmanager
def writing() -> Iterator[None]:
    """A transaction that no other writer of the mirror overlaps; held for milliseconds, never over a request.

    So IDs of the feed (models.Change) come in the order of commit, what was read before writing still holds, and two
    processes cannot deadlock over each other's rows. SQLite's BEGIN IMMEDIATE does the same by itself.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        yield
