"""Numbers masked alone, in texts, in JSON."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callguard.masks import is_masked, masked, masked_json, masked_text


@pytest.mark.parametrize(
    ("number", "shown"),
    [("+79161234567", "+7916*****67"), ("+375291234567", "+37529*****67"), ("+3711234", "*****34"), ("", "")],
)
def test_a_number_keeps_its_beginning_and_its_last_two_digits(number, shown):
    assert masked(number) == shown
    assert masked(masked(number)) == masked(number)
    assert is_masked(masked(number)) == bool(number)


@pytest.mark.parametrize(
    "spelling",
    [
        "+7 (916) 123-45-67",
        "8 916 123 45 67",
        "8(916)123-45-67",
        "79161234567",
        "9161234567",
        "+7\u00a0916\u00a0123–45–67",
    ],
)
def test_every_spelling_in_a_text_is_masked(spelling):
    text = masked_text(f"Звонил Пётр, {spelling}, просил")
    assert text.startswith("Звонил Пётр, ")
    assert text.endswith(", просил")
    assert "*****67" in text
    assert "12345" not in text.replace(" ", "")


@pytest.mark.parametrize(
    "text",
    [
        "ООО «Ромашка» № 12345",
        "2026-11-24T16:43:08Z",
        "2026-11-24T16:43:08.123456+00:00",
        "2026-11-24",
        "#c62828",
        "a1b2",
    ],
)
def test_what_is_no_number_stays(text):
    assert masked_text(text) == text


def test_in_json_texts_are_masked_and_addresses_and_ids_stay():
    before = {
        "number": "+79161234567",
        "entity": {"id": 1234567890123, "title": "Звонок с 8 916 123-45-67", "url": "https://p/lead/12345678901/"},
        "steps": [["+79161234567", None, True]],
    }
    after = masked_json(before)
    assert after["number"] == after["steps"][0][0] == "+7916*****67"
    assert after["entity"] == {
        "id": 1234567890123,
        "title": "Звонок с 8916*****67",
        "url": "https://p/lead/12345678901/",
    }
    assert before["number"] == "+79161234567"


@given(st.from_regex(r"\+[1-9][0-9]{9,13}", fullmatch=True))
def test_five_digits_of_any_number_are_gone(number):
    hidden = masked(number)
    assert len(hidden) == len(number)
    assert sum(character.isdigit() for character in hidden) == len(number) - 1 - 5
