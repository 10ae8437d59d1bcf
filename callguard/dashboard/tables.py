"""Tables: what a chart says in figures, what a list shows, and what an export writes are the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.safestring import SafeString

from callguard.dashboard.cells import Cell, Value, body_of


@dataclass(frozen=True)
class Table:
    """`code` names it in addresses and files. The first cell of a row is its head."""

    code: str
    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    about: str = ""
    if_empty: str = ""
    left_out: int = 0  # rows that there are besides

    def cut(self, most: int) -> Table:
        """With the first rows only."""
        return replace(self, rows=self.rows[:most], left_out=max(0, len(self.rows) - most))

    @property
    def body(self) -> SafeString:
        """As the page writes them."""
        return body_of(self.rows)

    @property
    def values(self) -> list[list[Value]]:
        """As an export writes them."""
        return [[cell.value for cell in row] for row in self.rows]


def share(part: int, whole: int) -> int:
    """Of 100, and at least 1 of what is there at all."""
    return max(1, round(100 * part / whole)) if part and whole else 0


def heat_of(count: int, most: int) -> int:
    """Which of four tones a figure wears, 0 for nothing."""
    return min(4, 1 + 4 * (count - 1) // max(most, 1)) if count else 0
