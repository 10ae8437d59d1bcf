"""The cells of a table as HTML. By hand: of a page with a thousand of them a template's loops were half the time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from crm_mirror.admin.pieces import NOTHING
from crm_mirror.admin.tiles import grouped

UNGROUPED = 1000  # figures below have no groups in any language
Value = int | str | None
BAR = '<svg class="dash-bar" aria-hidden="true" focusable="false"><rect width="{}%" height="100%"/></svg>'


@dataclass(frozen=True)
class Cell:
    """`link`: to the calls behind the figure, or to the page of what is named. `heat`: 0 (nothing) to 4 (the most)."""

    value: Value
    link: str | Callable[[], str] = ""  # made only when it is shown: a file of 2,000 people needs none
    heat: int | None = None
    bar: int | None = None  # of 100: the length of a bar below the figure
    indent: int = 0  # how many levels below the first a name stands

    @property
    def href(self) -> str:
        return self.link if isinstance(self.link, str) else self.link()

    @property
    def shown(self) -> str:
        """As the page writes it."""
        if isinstance(self.value, int):
            return str(self.value) if 0 <= self.value < UNGROUPED else grouped(self.value)
        return self.value or NOTHING


def body_of(rows: Sequence[Sequence[Cell]]) -> SafeString:
    """The rows of a <tbody>; what stands in a cell is escaped."""
    return mark_safe("".join(row_of(row) for row in rows))  # noqa: S308 -- `words` escapes all that comes from rows


def row_of(row: Sequence[Cell]) -> str:
    head, *figures = row
    level = f' class="dash-indented-{head.indent}"' if head.indent else ""
    cells = "".join(f"<td{tone(cell)}>{words(cell)}</td>" for cell in figures)
    return f'<tr><th scope="row"{level}>{words(head)}</th>{cells}</tr>'


def tone(cell: Cell) -> str:
    return "" if cell.heat is None else f' class="dash-heat-{cell.heat}"'


def words(cell: Cell) -> str:
    text = escape(cell.shown)
    linked = f'<a href="{escape(cell.href)}">{text}</a>' if cell.link else text
    return linked if cell.bar is None else linked + BAR.format(cell.bar)
