"""Rows of one stretch of IDs, a few at a time: a query by range instead of one that lists thousands of IDs."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from django.db.models import QuerySet

FEW = 100  # IDs that a query may well list
CHUNK = 2000


def rows_near(rows: QuerySet[Any], column: str, ids: Collection[int], *values: str) -> Iterator[tuple[Any, ...]]:
    """Values of the rows whose `column` is among the IDs, and of others between them. Memory stays constant."""
    if not ids:
        return iter(())
    if len(ids) <= FEW:
        wanted = rows.filter(**{f"{column}__in": list(ids)})
    else:
        wanted = rows.filter(**{f"{column}__gte": min(ids), f"{column}__lte": max(ids)})
    return wanted.values_list(*values).iterator(CHUNK)
