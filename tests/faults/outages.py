"""What is taken away for a while: the database, room to write, the way to a broker."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.db import connection

from tests.drill.database import PostgreSQL, SQLite
from tests.process import database_url


@contextmanager
def without_database() -> Iterator[None]:
    """The test's database is away for the length of the block: no new connections, the old ones cut; SQLite: locked."""
    name = str(connection.settings_dict["NAME"])
    database = SQLite(Path(name)) if connection.vendor == "sqlite" else PostgreSQL(name, database_url())
    connection.close()
    database.go_away()
    try:
        yield
    finally:
        database.come_back()


@contextmanager
def full_disk() -> Iterator[dict[str, str]]:
    """What the environment of a process must say so that it finds no room for more than a few pages.

    On PostgreSQL the database is made read-only, as those who run it for others do when a disk is full.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA page_count")
            yield {"TEST_MOST_PAGES": str(cursor.fetchone()[0] + 2)}
            return
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        try:
            yield {}
        finally:
            cursor.execute("SET default_transaction_read_only = off")
            cursor.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")


class Bridge:
    """A TCP proxy of the test's own, to a service that others use as well. `break_down()`, `repair()`."""

    def __init__(self, host: str, port: int) -> None:
        self._target = host, port
        self._ends: list[socket.socket] = []
        self._is_broken = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def break_down(self) -> None:
        """Everybody is cut off, and whoever comes is sent away."""
        self._is_broken = True
        for one in self._ends:
            _shut(one)

    def repair(self) -> None:
        self._is_broken = False

    def close(self) -> None:
        self.break_down()
        _shut(self._listener)
        for thread in self._threads:
            thread.join(5)
        for one in (*self._ends, self._listener):
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                near, _ = self._listener.accept()
                self._ends.append(near)
                if self._is_broken:
                    _shut(near)
                    continue
                far = socket.create_connection(self._target)
                self._ends.append(far)
                for ends in ((near, far), (far, near)):
                    self._threads.append(threading.Thread(target=_pass_on, args=ends, daemon=True))
                    self._threads[-1].start()


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    _shut(one)
    _shut(other)


def _shut(one: socket.socket) -> None:
    with suppress(OSError):  # it is already
        one.shutdown(socket.SHUT_RDWR)
