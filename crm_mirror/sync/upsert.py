"""Many rows written by one statement. `bulk_create` does the same at a third to a seventh of the speed."""

from __future__ import annotations

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
    values = [_stored(field, column) for field, column in zip(fields, zip(*rows, strict=True), strict=True)]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # one array for each column
            arrays = ", ".join(f"%s::{_type(field)}[]" for field in fields)
            cursor.execute(f"{head} SELECT * FROM unnest({arrays}) {conflict}", values)  # noqa: S608 - names of ours
        else:
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"{head} VALUES ({marks}) {conflict}", list(zip(*values, strict=True)))


def _field(model: type[models.Model], attribute: str) -> models.Field[Any, Any]:
    return next(field for field in model._meta.concrete_fields if field.attname == attribute)


def _names(model: type[models.Model], columns: Sequence[str]) -> list[str]:
    return [str(_field(model, column).column) for column in columns]


def _type(field: models.Field[Any, Any]) -> str:
    """The column's type without its length: an array of varchar(64) would cut in silence."""
    return str(field.db_type(connection)).split("(")[0]


def _stored(field: models.Field[Any, Any], values: Sequence[Any]) -> list[Any]:
    """Values as the database driver takes them; texts and numbers go as they are."""
    if isinstance(field, models.JSONField):
        return [connection.ops.adapt_json_value(value, None) for value in values]
    if connection.vendor == "sqlite" and isinstance(field, models.DateTimeField | models.DecimalField):
        return [None if value is None else field.get_db_prep_save(value, connection) for value in values]
    return list(values)
