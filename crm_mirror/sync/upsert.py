"""Many rows written by one statement. `bulk_create` does the same at a third to a seventh of the speed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection, models


def upsert(model: type[models.Model], columns: Sequence[str], rows: Sequence[tuple[Any, ...]], *, key: str) -> None:
    """Insert the rows, or update those whose `key` exists. `columns` are attribute names; no `key` twice in `rows`."""
    updates = [column for column in _names(model, columns) if column != key]
    assignments = ", ".join(f'"{column}" = excluded."{column}"' for column in updates)
    _write(model, columns, rows, f'ON CONFLICT ("{key}") DO UPDATE SET {assignments}')


def insert_new(model: type[models.Model], columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert the rows, passing over those that a unique constraint forbids."""
    _write(model, columns, rows, "ON CONFLICT DO NOTHING")


def _write(model: type[models.Model], columns: Sequence[str], rows: Sequence[tuple[Any, ...]], conflict: str) -> None:
    if not rows:
        return
    fields = [_field(model, column) for column in columns]
    names = ", ".join(f'"{field.column}"' for field in fields)
    head = f'INSERT INTO "{model._meta.db_table}" ({names})'
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # one parameter, however many rows
            types = ", ".join(f'"{field.column}" {_type(field)}' for field in fields)
            source = f"SELECT * FROM jsonb_to_recordset(%s::jsonb) AS given({types})"  # noqa: S608 - names of ours
            cursor.execute(f"{head} {source} {conflict}", [_as_json(fields, rows)])
        else:
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"{head} VALUES ({marks}) {conflict}", _prepared(fields, rows))


def _as_json(fields: Sequence[models.Field[Any, Any]], rows: Sequence[tuple[Any, ...]]) -> str:
    names = [field.column for field in fields]
    return json.dumps([dict(zip(names, row, strict=True)) for row in rows], ensure_ascii=False, default=str)


def _prepared(fields: Sequence[models.Field[Any, Any]], rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Values as SQLite keeps them; texts and numbers go as they are."""
    special = (models.DateTimeField, models.DecimalField, models.JSONField)
    columns = [
        [None if value is None else field.get_db_prep_save(value, connection) for value in column]
        if isinstance(field, special)
        else column
        for field, column in zip(fields, zip(*rows, strict=True), strict=True)
    ]
    return list(zip(*columns, strict=True))


def _field(model: type[models.Model], attribute: str) -> models.Field[Any, Any]:
    return next(field for field in model._meta.concrete_fields if field.attname == attribute)


def _names(model: type[models.Model], columns: Sequence[str]) -> list[str]:
    return [str(_field(model, column).column) for column in columns]


def _type(field: models.Field[Any, Any]) -> str:
    """The column's type without its length: a cast to varchar(64) would cut in silence."""
    return str(field.db_type(connection)).split("(")[0]
