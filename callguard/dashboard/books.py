"""Rows as an Excel workbook, made before it is sent: of very many rows the CSV is the file, it begins at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, Any

from django.http import FileResponse
from django.utils.timezone import localtime
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from callguard.dashboard.sheets import Row, as_file, defused

KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 20_000  # below the head: some seconds of work
LONGEST_TITLE = 31  # of a sheet, by Excel's rules
NARROWEST, WIDEST = 12, 40  # characters


def xlsx_file(name: str, title: str, head: Row, rows: Iterable[Row], *, if_cut: str) -> FileResponse:
    """`if_cut`: the last line's words when there are more rows than MOST_ROWS."""
    return as_file(FileResponse(book_of(title, head, rows, if_cut=if_cut), content_type=KIND), f"{name}.xlsx")


def book_of(title: str, head: Row, rows: Iterable[Row], *, if_cut: str) -> IO[bytes]:
    """The head stays in sight while the rows are scrolled."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(sheet_title(title))
    sheet.freeze_panes = "A2"
    for number, column in enumerate(head, 1):
        width = max(NARROWEST, min(WIDEST, len(str(column)) + 4))
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.append([bold(sheet, column) for column in head])
    for row in fitting(rows, if_cut):
        sheet.append([value_of(value) for value in row])
    made = TemporaryFile()  # noqa: SIM115 -- the answer closes it
    book.save(made)
    made.seek(0)
    return made


def sheet_title(title: str) -> str:
    kept = "".join(" " if sign in r"[]:*?/\'" else sign for sign in title)
    return kept[:LONGEST_TITLE].strip() or "Call Guard"


def bold(sheet: Any, text: Any) -> Any:
    cell = WriteOnlyCell(sheet, value=value_of(text))
    cell.font = Font(bold=True)
    return cell


def fitting(rows: Iterable[Row], if_cut: str) -> Iterator[Row]:
    left = iter(rows)
    yield from islice(left, MOST_ROWS)
    yield from ([if_cut] for _row in islice(left, 1))


def value_of(value: Any) -> Any:
    """Moments by the site's clock, numbers as numbers, text that Excel does not run."""
    if isinstance(value, datetime):
        return localtime(value).replace(tzinfo=None)
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    return ILLEGAL_CHARACTERS_RE.sub("", str(defused(str(value))))
