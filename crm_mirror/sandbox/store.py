"""Where the simulated portal keeps its data: entities in SQLite, people and references in memory.

One connection behind one lock: the portal serves a page in well under a millisecond, so waiting is shorter than
bookkeeping. The file is temporary and has no name.
"""

from __future__ import annotations

import itertools
import sqlite3
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from crm_mirror.sandbox.kinds import Field, Kind, kinds

COLUMN_TYPES = {"int": "INTEGER", "instant": "INTEGER", "real": "REAL"}
# Never sent. Hidden: bots and integrators, which user.get leaves out. No CRM: a role without any right on it.
INTERNAL_USER_KEYS = {"IS_ADMIN", "IS_HIDDEN", "HAS_NO_CRM"}

SHARED_TABLES = """
CREATE TABLE multifield (
    ID INTEGER PRIMARY KEY AUTOINCREMENT, KIND INTEGER NOT NULL, ELEMENT_ID INTEGER NOT NULL,
    TYPE_ID TEXT NOT NULL, VALUE_TYPE TEXT NOT NULL, VALUE TEXT NOT NULL, CODE TEXT NOT NULL
);
CREATE TABLE link (
    KIND INTEGER NOT NULL, OWNER_ID INTEGER NOT NULL, TARGET_ID INTEGER NOT NULL,
    SORT INTEGER NOT NULL, ROLE_ID INTEGER NOT NULL DEFAULT 0, IS_PRIMARY TEXT NOT NULL,
    PRIMARY KEY (KIND, OWNER_ID, TARGET_ID)
) WITHOUT ROWID;
CREATE TABLE recycle_bin (KIND INTEGER NOT NULL, ID INTEGER NOT NULL, CONTENT TEXT NOT NULL, PRIMARY KEY (KIND, ID));
"""
# Built after the data is in: ten times faster than keeping them while a million rows arrive.
INDEXES = """
CREATE INDEX IF NOT EXISTS multifield_of_element ON multifield (KIND, ELEMENT_ID);
CREATE INDEX IF NOT EXISTS multifield_value ON multifield (VALUE);
CREATE INDEX IF NOT EXISTS multifield_code ON multifield (CODE);
CREATE INDEX IF NOT EXISTS link_target ON link (KIND, TARGET_ID);
CREATE INDEX IF NOT EXISTS company_modified ON company (DATE_MODIFY);
CREATE INDEX IF NOT EXISTS contact_modified ON contact (DATE_MODIFY);
CREATE INDEX IF NOT EXISTS lead_modified ON lead (DATE_MODIFY);
CREATE INDEX IF NOT EXISTS deal_modified ON deal (DATE_MODIFY);
"""


class Store:
    """The portal's data. Rows are plain tuples and dicts; what they mean is decided by the modules that ask."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.connection = self._nameless_database()
        self.departments: dict[int, dict[str, Any]] = {}
        self.statuses: list[dict[str, Any]] = []
        self.reference_types: dict[str, str] = {}  # own types registered on a boxed portal: ENTITY_ID → name
        self.user_fields: dict[int, dict[str, Any]] = {}  # of companies, by ID
        self._users: dict[int, dict[str, Any]] = {}
        self._custom: dict[str, dict[str, Field]] = {name: {} for name in kinds()}
        self._counts: dict[tuple[str, tuple[Any, ...]], int] = {}
        self._numbers = itertools.count(1)
        self._create()

    @classmethod
    def open(cls, size: str = "demo", seed: int = 1, edition: str = "cloud", *, now: datetime | None = None) -> Store:
        """A portal of a size: demo, story, 10k, 100k, 1m or empty; `now`: when the story ends, by default today.

        `edition` box keeps the status in an own reference type.
        """
        from crm_mirror.sandbox.data.fill import filled  # data is written through the store: imported when asked for

        return filled(cls(), size=size, seed=seed, edition=edition, now=now)

    def close(self) -> None:
        with self.lock:
            self.connection.close()

    @staticmethod
    def _nameless_database() -> sqlite3.Connection:
        """A file without a name, once open: however the process ends, nothing stays behind."""
        with tempfile.NamedTemporaryFile(prefix="sandbox-portal-", suffix=".sqlite") as file:
            connection = sqlite3.connect(
                file.name, check_same_thread=False, isolation_level=None, cached_statements=512
            )
            connection.execute("PRAGMA journal_mode=MEMORY")  # opens the file; no journal will look for its name
        return connection

    def _create(self) -> None:
        self.connection.create_function("fold", 1, lambda text: str(text or "").casefold(), deterministic=True)
        for pragma in ("synchronous=OFF", "cache_size=-65536", "mmap_size=1073741824", "temp_store=MEMORY"):
            self.connection.execute(f"PRAGMA {pragma}")
        for kind in kinds().values():
            columns = ", ".join(f"{field.name} {column_type(field)}" for field in kind.fields.values())
            self.connection.execute(f"CREATE TABLE {kind.name} ({columns})")
        self.connection.executescript(SHARED_TABLES)

    def index(self) -> None:
        """Build the indexes, once the bulk of the data is in."""
        with self.lock:
            self.connection.executescript(INDEXES)

    # SQL

    def rows(self, sql: str, args: Sequence[Any] = ()) -> list[Any]:
        with self.lock:
            return self.connection.execute(sql, args).fetchall()

    def execute(self, sql: str, args: Sequence[Any] = ()) -> sqlite3.Cursor:
        with self.lock:
            self._counts.clear()
            return self.connection.execute(sql, args)

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        with self.lock:
            self._counts.clear()
            self.connection.executemany(sql, rows)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction; may be entered again inside itself."""
        with self.lock:
            if self.connection.in_transaction:
                yield
                return
            self.connection.execute("BEGIN")
            try:
                yield
            except BaseException:
                self.connection.execute("ROLLBACK")
                raise
            self.connection.execute("COMMIT")

    def count(self, sql: str, args: Sequence[Any] = ()) -> int:
        """A count, remembered until something is written: totals of a million rows are asked for on each page."""
        key = (sql, tuple(args))
        with self.lock:
            if key not in self._counts:
                self._counts[key] = self.connection.execute(sql, args).fetchone()[0]
            return self._counts[key]

    # Fields

    def fields(self, kind: Kind) -> dict[str, Field]:
        """System and custom fields of the kind, by classic name."""
        return {**kind.fields, **self._custom[kind.name]}

    def custom_fields(self, kind: Kind) -> dict[str, Field]:
        return self._custom[kind.name]

    def add_column(self, kind: Kind, field: Field) -> None:
        with self.lock:
            self.connection.execute(f"ALTER TABLE {kind.name} ADD COLUMN {field.name} {column_type(field)}")
            self._custom[kind.name][field.name] = field

    def drop_column(self, kind: Kind, name: str) -> None:
        with self.lock:
            self.connection.execute(f"ALTER TABLE {kind.name} DROP COLUMN {name}")
            del self._custom[kind.name][name]

    def next_number(self) -> int:
        """A fresh ID for a reference row, a custom field or a list item: the portal, too, shares no dense sequence."""
        return next(self._numbers) * 2 + 41

    def skip_ids(self, kind: Kind, count: int) -> None:
        """Leave a gap before the next ID, as drafts and deleted entities do on a real portal."""
        self.execute("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = ?", (count, kind.name))

    # People

    def user(self, user_id: int | str) -> dict[str, Any] | None:
        """Keys as user.get, and the internal booleans of INTERNAL_USER_KEYS."""
        return self._users.get(int(user_id))

    def users(self) -> list[dict[str, Any]]:
        """Everybody, hidden ones too, by ID."""
        return [self._users[user_id] for user_id in sorted(self._users)]

    def put_user(self, user: dict[str, Any]) -> None:
        self._users[int(user["ID"])] = user


def column_type(field: Field) -> str:
    if field.name == "ID":
        return "INTEGER PRIMARY KEY AUTOINCREMENT"
    return COLUMN_TYPES.get(field.stored_as, "TEXT")
