"""Filter prefixes over plain dictionaries: people, departments and references are few and live in memory."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from crm_mirror.sandbox.query import as_list, split_key


def plain(value: Any) -> str:
    """One spelling for 1, "1", True, "Y" and "true": methods differ in what they take."""
    if isinstance(value, bool):
        return "1" if value else "0"
    text = str("" if value is None else value).strip().casefold()
    return {"true": "1", "y": "1", "false": "0", "n": "0"}.get(text, text)


def _ordered(kept: str, asked: str) -> int:
    if kept.lstrip("-").isdigit() and asked.lstrip("-").isdigit():
        return (int(kept) > int(asked)) - (int(kept) < int(asked))
    return (kept > asked) - (kept < asked)


def _like(kept: str, pattern: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("%"))), kept, re.DOTALL) is not None


TESTS: dict[str, Callable[[str, str], bool]] = {
    "=": lambda kept, asked: kept == asked,
    "@": lambda kept, asked: kept == asked,
    ">": lambda kept, asked: _ordered(kept, asked) > 0,
    "<": lambda kept, asked: _ordered(kept, asked) < 0,
    ">=": lambda kept, asked: _ordered(kept, asked) >= 0,
    "<=": lambda kept, asked: _ordered(kept, asked) <= 0,
    "%": lambda kept, asked: asked in kept,
    "=%": _like,
    "%=": _like,
}


def matches(row: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether a row passes every condition; a list-valued field passes by any of its values."""
    return all(_passes(row, *split_key(key), value) for key, value in wanted.items())


def _passes(row: dict[str, Any], operator: str, name: str, value: Any) -> bool:
    kept = [plain(one) for one in as_list(row.get(name.upper()))] or [""]
    test = TESTS[operator.lstrip("!") or "="]
    passed = any(test(one, plain(asked)) for one in kept for asked in as_list(value))
    return passed != operator.startswith("!")


def sorted_rows(rows: list[dict[str, Any]], name: str, direction: str) -> list[dict[str, Any]]:
    """Numbers by value, texts by letter, in one order."""

    def key(row: dict[str, Any]) -> tuple[int, int, str]:
        text = plain(row.get(name))
        return (0, int(text), "") if text.lstrip("-").isdigit() else (1, 0, text)

    return sorted(rows, key=key, reverse=direction.upper() == "DESC")
