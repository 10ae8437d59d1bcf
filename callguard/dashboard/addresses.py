"""Where figures lead: to the calls behind them, to people, to one call."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse

from callguard.reports.lists import Cell
from callguard.reports.question import Question


def calls_at(q: Question, figure: str, **cell: object) -> str:
    """The list behind a figure. `cell`: fields of reports.lists.Cell. A page has hundreds, so what is asked of them all
    is written once (Question.stem).
    """
    asked = Cell(**cell)  # type: ignore[arg-type]  # its own fields
    return with_query(reverse("dashboard:calls"), joined(q.stem, urlencode({"figure": figure, **asked.params})))


def person_at(q: Question, person_id: int) -> str:
    """His page, about the same days."""
    return with_query(reverse("dashboard:person", args=[person_id]), q.query(person=None, department=None))


def joined(*queries: str) -> str:
    return "&".join(query for query in queries if query)


def with_query(address: str, query: str) -> str:
    return f"{address}?{query}" if query else address
