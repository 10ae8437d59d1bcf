"""Rows as files: CSV as Excel opens it by a double click. No cell becomes a formula, whoever typed its text."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.timezone import localtime
from django.utils.translation import get_language

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"  # else Excel takes Cyrillic for something else
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
PHONE = re.compile(r"\+\d+")  # a number, which Excel may take for one
CSV = "text/csv; charset=utf-8"
Row = Sequence[Any]
Answer = TypeVar("Answer", bound=HttpResponseBase)


def defused(value: Any) -> Any:
    """The value; text that Excel would run, behind an apostrophe. A number stays one, below nought as well."""
    if isinstance(value, datetime):
        return f"{localtime(value):%Y-%m-%d %H:%M:%S}"  # a date to Excel of any language
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA) and not PHONE.fullmatch(value):
        return f"'{value}"
    return "" if value is None else value


class Echo:
    """A file that gives back what is written: csv's writer wants one."""

    def write(self, text: str) -> str:
        return text


def csv_lines(head: Row, rows: Iterable[Row], *, separator: str) -> Iterator[str]:
    writer = csv.writer(Echo(), delimiter=separator)
    yield BOM + writer.writerow([defused(title) for title in head])
    for row in rows:
        yield writer.writerow([defused(value) for value in row])


def separator_of(language: str | None) -> str:
    """What Excel of that language splits a line by: the comma is Russian's decimal point."""
    return ";" if (language or "").startswith("ru") else ","


def csv_file(name: str, head: Row, rows: Iterable[Row]) -> StreamingHttpResponse:
    """Line by line, as the rows come: a big one begins at once and needs no memory."""
    lines = csv_lines(head, rows, separator=separator_of(get_language()))
    return as_file(StreamingHttpResponse(lines, content_type=CSV), f"{name}.csv")


def as_file(answer: Answer, name: str) -> Answer:
    """Told to be kept by nobody on the way: it names people."""
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store, private"
    return answer
