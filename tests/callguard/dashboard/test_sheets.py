"""Files of figures: as Excel opens them, and nothing in them that it would run."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from django.utils import translation

from callguard.dashboard import books
from callguard.dashboard.books import MAIN, book_of
from callguard.dashboard.sheets import BOM, csv_file, csv_lines, defused, separator_of

CELL, TEXT = f"{{{MAIN}}}c", f"{{{MAIN}}}t"


@pytest.mark.parametrize("text", ["=1+1", "+7916", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1"])
def test_text_that_excel_would_run_stands_behind_an_apostrophe(text):
    assert defused(text) == f"'{text}"


def test_numbers_and_plain_words_stay_what_they_are():
    assert [defused(value) for value in (-5, 0, "Ромашка", "a=b", None)] == [-5, 0, "Ромашка", "a=b", ""]


def test_a_csv_begins_with_the_mark_by_which_excel_knows_its_letters():
    first, second = csv_lines(["Имя", "Звонки"], [["Ольга; Петрова", 7]], separator=";")
    assert first == BOM + "Имя;Звонки\r\n"
    assert second == '"Ольга; Петрова";7\r\n'


def test_the_separator_is_that_of_the_readers_excel():
    assert (separator_of("ru"), separator_of("en"), separator_of(None)) == (";", ",", ",")


def test_a_csv_is_named_and_kept_by_nobody():
    with translation.override("ru"):
        answer = csv_file("people", ["a", "b"], [[1, 2]])
        assert b"".join(answer.streaming_content).decode() == BOM + "a;b\r\n1;2\r\n"
    assert answer["Content-Disposition"] == 'attachment; filename="people.csv"'
    assert "no-store" in answer["Cache-Control"]


def sheet(*rows, if_cut="more"):
    made = b"".join(book_of("Кто / кому", ["Имя", "Звонки"], rows, if_cut=if_cut))
    with ZipFile(io.BytesIO(made)) as book:
        assert book.testzip() is None
        for name in book.namelist():
            parsed(book.read(name))
        return parsed(book.read("xl/worksheets/sheet1.xml")), book.read("xl/workbook.xml").decode()


def parsed(text):
    return ElementTree.fromstring(text)  # noqa: S314 -- our own, of a moment ago


def test_a_workbook_holds_text_as_text_and_numbers_as_numbers():
    found, book = sheet(["=HYPERLINK(1)", 12], ["<Ромашка & Ко>\x00", None])
    cells = list(found.iter(CELL))
    assert [text.text for text in found.iter(TEXT)] == ["Имя", "Звонки", "'=HYPERLINK(1)", "<Ромашка & Ко>"]
    assert cells[3].get("t") is None
    assert cells[3][0].text == "12"
    assert list(found.iter(f"{{{MAIN}}}f")) == []
    assert 'name="Кто   кому"' in book


def test_moments_are_excels_own_by_the_sites_clock():
    found, _book = sheet([datetime(2026, 3, 1, 9, 0, tzinfo=UTC), 1])
    cell = list(found.iter(CELL))[2]
    assert (cell.get("s"), cell[0].text) == ("1", "46082.500000")  # 12:00 in Moscow


def test_a_sheet_that_is_full_says_so(monkeypatch):
    monkeypatch.setattr(books, "MOST_ROWS", 2)
    found, _book = sheet(["a", 1], ["b", 2], ["c", 3], if_cut="There are more")
    assert [text.text for text in found.iter(TEXT)][2:] == ["a", "b", "There are more"]


def test_a_workbook_begins_before_its_rows_have_all_come():
    taken = []
    rows = (taken.append(number) or [number] for number in range(100_000))
    first = next(iter(book_of("t", ["n"], rows, if_cut="")))
    assert first.startswith(b"PK")
    assert len(taken) < 1000
