"""Official answers (../shared/bitrix/samples beside the repository) and their comparison with the sandbox's by shape.

Shape: the same keys and the same JSON types. Values differ, of course; lists are compared by the union of their rows,
because a documentation sample shows only some of the keys a row may have.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "bitrix" / "samples"

OPTIONAL = frozenset({"operating", "operating_reset_at", "total", "next"})  # by age of the portal, by page


def sample(name: str) -> Any:
    """Parsed sample by file name, such as "crm-company-get.result.json"."""
    path = SAMPLES / name
    assert path.is_file(), f"No {path}: the official samples must lie in ../shared/bitrix/samples beside the checkout"
    return json.loads(path.read_text(encoding="utf-8"))


def json_type(value: Any) -> str:
    """JSON type; whole and broken numbers are one type (PHP prints 1.0 as 1), an empty map is an empty list in PHP."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, dict) and value:
        return "object"
    if isinstance(value, dict | list):
        return "list" if value else "empty"
    return "string"


def assert_same_shape(
    answer: Any,
    expected: Any,
    *,
    may_miss: frozenset[str] | set[str] = frozenset(),
    may_add: frozenset[str] | set[str] = frozenset(),
) -> None:
    """Every key of the sample is in the answer with the same JSON type, and no key is ours alone.

    `may_miss` and `may_add` name keys (at any depth) that belong to one portal: its custom fields, empty phones.
    Null and empty agree with any type: the portal writes "nothing" by mood of the field (rest.md §4).
    """
    differences = list(_differences(answer, expected, "", frozenset(may_miss), frozenset(may_add)))
    assert not differences, "\n".join(differences)


def assert_same_error(answer: Any, expected: Any) -> None:
    """The same code and the same keys; the text too, since classic methods say everything in it."""
    assert answer == expected


def _differences(
    answer: Any, expected: Any, where: str, may_miss: frozenset[str], may_add: frozenset[str]
) -> list[str]:
    ours, theirs = json_type(answer), json_type(expected)
    if {ours, theirs} & {"null", "empty"} or _is_php_nothing(answer, expected):
        return []
    if ours != theirs:
        return [f"{where or 'answer'}: {ours} here, {theirs} in the sample"]
    if ours == "object":
        return _object_differences(answer, expected, where, may_miss, may_add)
    if ours == "list":
        return _differences(_union(answer), _union(expected), f"{where}[]", may_miss, may_add)
    return []


def _is_php_nothing(answer: Any, expected: Any) -> bool:
    """`false` where others have a map or a list: PHP's "there is none" (rest.md §10, trap 2)."""
    pairs = [(answer, expected), (expected, answer)]
    return any(one is False and isinstance(other, dict | list) for one, other in pairs)


def _object_differences(
    answer: dict[str, Any],
    expected: dict[str, Any],
    where: str,
    may_miss: frozenset[str],
    may_add: frozenset[str],
) -> list[str]:
    missing = expected.keys() - answer.keys() - may_miss - OPTIONAL
    added = answer.keys() - expected.keys() - may_add - OPTIONAL
    found = [f"{where}.{key}: only in the sample" for key in sorted(missing)]
    found += [f"{where}.{key}: only here" for key in sorted(added)]
    for key in sorted(answer.keys() & expected.keys()):
        found += _differences(answer[key], expected[key], f"{where}.{key}", may_miss, may_add)
    return found


def _union(rows: list[Any]) -> Any:
    """One row with the keys of all rows, filled values first; the first element when they are not maps."""
    if not all(isinstance(row, dict) for row in rows):
        return rows[0]
    union: dict[str, Any] = {}
    for row in rows:
        for key, value in row.items():
            if key not in union or json_type(union[key]) in {"null", "empty"}:
                union[key] = value
    return union
