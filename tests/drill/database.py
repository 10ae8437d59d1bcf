"""The drill's own databases: made, migrated, taken away for a while, dropped."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import environ
import psycopg

SERVER = "postgres://postgres@127.0.0.1:5432/postgres"


class Database(ABC):
    """`url` as the product reads it; `created()` while it is there, migrated."""

    url: str

    @contextmanager
    def created(self) -> Iterator[None]:
        self.create()
        try:
            command = [sys.executable, "manage.py", "migrate", "--run-syncdb", "--skip-checks", "-v0"]
            subprocess.run(command, check=True, env=os.environ | {"DATABASE_URL": self.url})
            yield
        finally:
            self.drop()

    @abstractmethod
    def create(self) -> None: ...

    @abstractmethod
    def drop(self) -> None: ...

    @abstractmethod
    def go_away(self) -> None:
        """Nobody can use it until it comes back."""

    @abstractmethod
    def come_back(self) -> None: ...


class PostgreSQL(Database):
    """A database of its own on the server of this machine: an outage of its does not touch others."""

    def __init__(self, name: str, server: str) -> None:
        self._name = name
        self._at = environ.Env.db_url_config(server)
        self.url = f"{server.rpartition('/')[0]}/{name}"

    def create(self) -> None:
        self.drop()
        self._do(f'CREATE DATABASE "{self._name}"')

    def go_away(self) -> None:
        self._do(f'ALTER DATABASE "{self._name}" ALLOW_CONNECTIONS false')
        self.cut_off()

    def come_back(self) -> None:
        self._do(f'ALTER DATABASE "{self._name}" ALLOW_CONNECTIONS true')

    def cut_off(self) -> None:
        """Everybody who is connected, as a restart of the server does."""
        self._do(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self._name}'")  # noqa: S608

    def drop(self) -> None:
        self._do(f'DROP DATABASE IF EXISTS "{self._name}" WITH (FORCE)')

    def _do(self, *statements: str) -> None:
        at = {"host": self._at["HOST"], "port": self._at["PORT"] or 5432, "user": self._at["USER"]}
        with psycopg.connect(**at, password=self._at["PASSWORD"] or None, dbname="postgres", autocommit=True) as server:
            for statement in statements:
                server.execute(statement)  # type: ignore[call-overload]  # texts of this module


class SQLite(Database):
    def __init__(self, file: Path) -> None:
        self.url = f"sqlite:///{file}"
        self._file = file
        self._lock: sqlite3.Connection | None = None

    def create(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)

    def drop(self) -> None:
        for file in self._file.parent.glob(f"{self._file.name}*"):
            file.unlink()

    def go_away(self) -> None:
        """Somebody holds the only lock there is."""
        self._lock = sqlite3.connect(self._file, timeout=30, isolation_level=None)
        with suppress(sqlite3.OperationalError):  # it was busy all the time: no outage then
            self._lock.execute("BEGIN IMMEDIATE")

    def come_back(self) -> None:
        if self._lock:
            self._lock.close()
            self._lock = None


def server_url() -> str:
    """The PostgreSQL server that is there, "" for none: DATABASE_URL's, else this machine's."""
    given = os.environ.get("DATABASE_URL", SERVER)
    if not given.startswith("postgres"):
        return ""
    at = environ.Env.db_url_config(given)
    where = {"host": at["HOST"], "port": at["PORT"] or 5432, "user": at["USER"], "password": at["PASSWORD"] or None}
    with suppress(psycopg.OperationalError), psycopg.connect(**where, dbname="postgres", connect_timeout=5):
        return given
    return ""


def database(name: str, folder: Path, *, on_sqlite: bool) -> Database:
    """Not made yet. PostgreSQL where a server answers."""
    server = "" if on_sqlite else server_url()
    return PostgreSQL(name, server) if server else SQLite(folder / f"{name}.sqlite3")
