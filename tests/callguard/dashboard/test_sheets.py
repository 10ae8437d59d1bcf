"""Files of figures: as Excel opens them, and nothing in them that it would run."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from django.utils import translation
from openpyxl import load_workbook

from callguard.dashboard import books
from callguard.dashboard.books import book_of
from callguard.dashboard.sheets import BOM, csv_file, csv_lines, defused, separator_of


@pytest.mark.parametrize("text", ["=1+1", "+A1", "+7916;=1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1"])
def test_text_that_excel_would_run_stands_behind_an_apostrophe(text):
    assert defused(text) == f"'{text}"


def test_numbers_and_plain_words_stay_what_they_are():
    assert [defused(value) for value in (-5, 0, "Ромашка", "a=b", None)] == [-5, 0, "Ромашка", "a=b", ""]
    assert defused("+79161234567") == "+79161234567"


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
    with book_of("Кто / кому", ["Имя", "Звонки"], rows, if_cut=if_cut) as made:
        return load_workbook(io.BytesIO(made.read())).active


def values(found):
    return [list(row) for row in found.iter_rows(values_only=True)]


def test_a_workbook_holds_text_as_text_and_numbers_as_numbers():
    found = sheet(["=HYPERLINK(1)", 12], ["<Ромашка & Ко>\x00", None])
    assert values(found) == [["Имя", "Звонки"], ["'=HYPERLINK(1)", 12], ["<Ромашка & Ко>", None]]
    assert {cell.data_type for row in found.iter_rows() for cell in row} == {"s", "n"}  # no "f", a formula
    assert found.title == "Кто   кому"


def test_moments_are_excels_own_by_the_sites_clock():
    found = sheet([datetime(2026, 3, 1, 9, 0, tzinfo=UTC), 1])
    assert found["A2"].value == datetime(2026, 3, 1, 12, 0)  # noqa: DTZ001 -- Excel knows no zones: Moscow
    assert found["A2"].is_date


def test_a_sheet_that_is_full_says_so(monkeypatch):
    monkeypatch.setattr(books, "MOST_ROWS", 2)
    found = sheet(["a", 1], ["b", 2], ["c", 3], if_cut="There are more")
    assert [row[0] for row in values(found)] == ["Имя", "a", "b", "There are more"]
