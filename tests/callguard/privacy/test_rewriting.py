"""Names starred out of what people read, and nothing else."""

from __future__ import annotations

import pytest

from callguard.privacy.rewriting import replaced, without_names


def test_only_texts_that_name_somebody_are_touched():
    given = {"tier": "lead", "entity": {"type": "lead", "id": 5, "title": "lead"}, "message": "lead", "ids": ["lead"]}
    kept = {"tier": "lead", "entity": {"type": "lead", "id": 5, "title": "***"}, "message": "***", "ids": ["lead"]}
    assert without_names(given, {"lead"}) == kept


def test_names_within_lists_of_facts_are_found():
    assert without_names([{"found": [{"name": "Вера"}]}], {"Вера"}) == [{"found": [{"name": "***"}]}]


def test_words_of_people_are_read_whole():
    assert without_names("Звонила Вера", {"Вера"}) == "Звонила ***"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Иван Иванов", "*** Иванов"),
        ("«Иван», Иван.", "«***», ***."),
        ("Иван Петров и Иван", "*** и ***"),
        ("Ромашка (А+)", "Ромашка ***"),
    ],
)
def test_only_whole_words_go_the_longer_names_first(text, left):
    assert replaced(text, ["Иван", "Иван Петров", "(А+)"], "***") == left


def test_without_names_nothing_is_replaced():
    assert without_names("Вера", set()) == "Вера"
