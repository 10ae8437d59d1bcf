"""Faults of lists: a row twice, a row missing, a page empty, as happens while people edit what is being read.

rest.md §10, traps 7, 8 and 10
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crm_mirror.sandbox.registry import Answer

if TYPE_CHECKING:
    from crm_mirror.sandbox.portal import Portal


def spoiled(portal: Portal, method: str, answer: Answer) -> Answer:
    """The answer with the faults of lists that strike this command; others than lists are left alone."""
    rows = _rows(answer.result)
    if not rows:
        return answer
    if portal.faults.command("empty_page", method):
        return replace(answer, result=_with(answer.result, []), next=None)
    changed = rows
    if portal.faults.command("duplicate", method):
        again = portal.faults.choose(len(rows))
        changed = [*rows[: again + 1], *rows[again:]]
    if portal.faults.command("lose", method):
        changed = without_one(changed, portal.faults.choose(len(changed)))
    return answer if changed is rows else replace(answer, result=_with(answer.result, changed))


def without_one(rows: list[Any], lost: int) -> list[Any]:
    """The page without a row but as long as before: its last row comes twice, for a short page would say "the end"."""
    left = rows[:lost] + rows[lost + 1 :]
    return [*left, left[-1]] if left else rows


def _rows(result: Any) -> list[Any]:
    if isinstance(result, dict):
        result = result.get("items")
    return result if isinstance(result, list) else []


def _with(result: Any, rows: list[Any]) -> Any:
    return {**result, "items": rows} if isinstance(result, dict) else rows
