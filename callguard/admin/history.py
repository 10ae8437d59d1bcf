"""History, to be read and taken away as a table; nobody changes it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext_lazy as _

from callguard.admin.scopes import Scoped
from callguard.models import History
from crm_mirror.admin.base import ReadOnlyAdmin

COLUMNS = ("at", "about", "object_id", "title", "before", "after", "actor_id", "actor_name", "origin", "ground")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a cell that begins so is carried out by spreadsheets


class Echo:
    """A file that hands back what is written to it: csv.writer, line by line."""

    def write(self, text: str) -> str:
        return text


@admin.register(History)
class HistoryAdmin(Scoped, ReadOnlyAdmin):
    list_display = ("at", "about", "object_id", "title", "before", "after", "actor_name", "origin", "ground")
    list_filter = ("about", "origin")
    search_fields = ("=object_id", "title", "actor_name")
    date_hierarchy = "at"
    actions = ["export"]

    @admin.action(description=_("Export as CSV"), permissions=["view"])
    def export(self, request: HttpRequest, queryset: QuerySet[Any]) -> StreamingHttpResponse:
        """What is chosen, in UTF-8 with a byte-order mark, as spreadsheets want it."""
        headers = {"Content-Disposition": 'attachment; filename="history.csv"'}
        return StreamingHttpResponse(lines_of(queryset), content_type="text/csv; charset=utf-8", headers=headers)


def lines_of(rows: QuerySet[Any]) -> Iterator[str]:
    writer = csv.writer(Echo())  # writerow returns what Echo.write does
    yield "\ufeff" + writer.writerow(COLUMNS)
    for row in rows.values_list(*COLUMNS).iterator(chunk_size=1000):
        yield writer.writerow([cell(value) for value in row])


def cell(value: object) -> str:
    """As text: objects as JSON, nothing as an empty cell, and no formula."""
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
