"""Figures on pages, each with what to do next: counted where that is cheap, estimated where it is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet
from django.utils.formats import number_format
from django.utils.translation import gettext as _

COUNTED = 10_000  # rows counted one by one; beyond that PostgreSQL's own estimate has to do


@dataclass(frozen=True)
class Tile:
    """One figure of a page. `tone`: good, bad or plain; `hint` says what it means or what to do next."""

    title: str
    figure: str
    hint: str = ""
    link: str = ""
    tone: str = "plain"


def capped_count(model: type[Model], up_to: int = COUNTED) -> int:
    """How many rows, counting no further than one past `up_to`."""
    return capped(model._default_manager.all(), up_to)


def capped(rows: QuerySet[Any], up_to: int = COUNTED) -> int:
    """How many of the rows, counting no further than one past `up_to`."""
    return rows.order_by()[: up_to + 1].count()


def shown(count: int, up_to: int = COUNTED) -> str:
    return _("over %(count)s") % {"count": grouped(up_to)} if count > up_to else grouped(count)


def about(model: type[Model], up_to: int = COUNTED) -> str:
    """The number of rows; of a big table PostgreSQL's estimate, elsewhere only that it is big."""
    count = capped_count(model, up_to)
    if count > up_to and (estimate := estimated(model)) > up_to:
        return f"≈ {grouped(estimate)}"
    return shown(count, up_to)


def estimated(model: type[Model]) -> int:
    """PostgreSQL's estimate of the rows, from its last ANALYZE; -1 when there is none."""
    if connection.vendor != "postgresql":
        return -1
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [model._meta.db_table])
        return int(cursor.fetchone()[0])


def grouped(count: int) -> str:
    return number_format(count, use_l10n=True, force_grouping=True)
