"""A PostgreSQL database of its own per benchmark, filled by SQL alone (a sync of this size is measured elsewhere)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import environ
import psycopg

SERVER = os.environ.get("DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
STATUSES = ("IN_WORK", "PROCESSING", "WAITING", None)


def _connect(name: str) -> psycopg.Connection:
    db = environ.Env.db_url_config(SERVER)
    return psycopg.connect(
        host=db["HOST"],
        port=db["PORT"] or 5432,
        user=db["USER"],
        password=db["PASSWORD"] or None,
        dbname=name,
        autocommit=True,
    )


@contextmanager
def migrated(name: str) -> Iterator[str]:
    """URL of a fresh, migrated database that is dropped afterwards."""
    with _connect("postgres") as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{name}"')
    url = SERVER.rpartition("/")[0] + "/" + name
    try:
        environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.bench.settings"}
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], check=True, env=environment)
        yield url
    finally:
        with _connect("postgres") as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


# 60 % companies, 25 % contacts (two in three in a company), 15 % leads; sparse IDs; every 50th number is shared.
FILL = """
INSERT INTO crm_mirror_employee (portal_id, name, position, active, user_type, department_ids)
  SELECT n, 'Сотрудник ' || n, '', true, 'employee', '[]' FROM generate_series(1, 200) n;
INSERT INTO crm_mirror_company (portal_id, title, responsible_id, status_id, is_my_company)
  SELECT n * 7, 'Компания ' || n, 1 + n % 200, (array['IN_WORK', 'PROCESSING', 'WAITING', NULL])[1 + n % 4], false
  FROM generate_series(1, {phones} * 60 / 100) n;
INSERT INTO crm_mirror_contact (portal_id, title, responsible_id)
  SELECT n * 5, 'Контакт ' || n, 1 + n % 200 FROM generate_series(1, {phones} * 25 / 100) n;
INSERT INTO crm_mirror_contactcompany (contact_id, company_id)
  SELECT n * 5, (1 + n % ({phones} * 60 / 100)) * 7 FROM generate_series(1, {phones} * 25 / 100) n WHERE n % 3 > 0;
INSERT INTO crm_mirror_lead (portal_id, title, responsible_id, status_id, semantic)
  SELECT n * 3, 'Лид ' || n, 1 + n % 200, 'NEW', 'P' FROM generate_series(1, {phones} * 15 / 100) n;
INSERT INTO crm_mirror_phonenumber (entity_type, entity_id, e164)
  SELECT 'company', n * 7, '+79' || lpad((CASE WHEN n % 50 = 0 THEN n - 1 ELSE n END)::text, 9, '0')
  FROM generate_series(1, {phones} * 60 / 100) n;
INSERT INTO crm_mirror_phonenumber (entity_type, entity_id, e164)
  SELECT 'contact', n * 5, '+78' || lpad(n::text, 9, '0') FROM generate_series(1, {phones} * 25 / 100) n;
INSERT INTO crm_mirror_phonenumber (entity_type, entity_id, e164)
  SELECT 'lead', n * 3, '+77' || lpad(n::text, 9, '0') FROM generate_series(1, {phones} * 15 / 100) n;
UPDATE crm_mirror_status SET in_portal = true;
INSERT INTO crm_mirror_synccursor (kind, last_id, seen, flawless, by_admin, finished_at, true_at)
  SELECT kind, 0, 0, true, true, now(), now()
  FROM unnest(array['employee', 'department', 'status', 'company', 'contact', 'link', 'lead', 'deal']) kind;
VACUUM ANALYZE;
CHECKPOINT;
"""


def fill(name: str, phones: int) -> None:
    """So many numbers with their entities, and a finished sync."""
    with _connect(name) as connection:
        for statement in FILL.format(phones=phones).split(";\n"):
            if statement.strip():
                connection.execute(statement)  # type: ignore[call-overload]  # a constant text with one number in it


def number(index: int, phones: int) -> str:
    """The number of the index-th entity: companies, contacts and leads in their shares."""
    kinds = (("+79", phones * 60 // 100), ("+78", phones * 25 // 100), ("+77", phones * 15 // 100))
    rest = index % phones
    for prefix, count in kinds:
        if rest < count:
            return f"{prefix}{rest + 1:09d}"
        rest -= count
    return "+79999999999"
