"""The table of people's figures, each number with the rows behind it; and the same as a file writes it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from callguard.dashboard.addresses import calls_at, person_at, with_query
from callguard.dashboard.cells import Cell
from callguard.dashboard.kpi.words import money
from callguard.dashboard.tables import Table
from callguard.kpi import figures
from callguard.kpi.figures import Kpi, Won
from callguard.reports.question import Question

PARTS = ("won", "taken", "corrected")
LISTS = {"won": "won", "taken": "taken", "corrected": "kept"}  # part → the list behind it


def table(q: Question, most: int | None = None) -> Table:
    """`most`: no more people than that get a line, of 2,000; all of them are in the last one and in the files."""
    people = figures.by_person(q)
    lines = [line(q, one) for one in people[:most]]
    if len(people) > 1:
        lines.append(line(q, figures.total(people), is_total=True))
    return Table(
        "kpi",
        _("Figures of people"),
        [
            *(_("Employee"), _("Calls to new leads"), _("Calls on current deals"), _("Leads converted")),
            *(_("Deals won"), _("Sum"), _("From colleagues' clients"), _("Sum from colleagues' clients")),
            *(_("Corrected: deals"), _("Corrected: sum")),
        ],
        lines,
        if_empty=_("Nobody called a lead, or had a deal won or a lead converted in this time."),
        left_out=len(people[most:]) if most is not None else 0,
    )


def line(q: Question, kpi: Kpi, *, is_total: bool = False) -> list[Cell]:
    person = None if is_total else kpi.person_id
    name = Cell(_("All together")) if person is None else Cell(q.company.name_of(person), person_at(q, person))
    calls = [
        Cell(count, calls_at(q, figure, caller=person) if count else "")
        for figure, count in (("to_leads", kpi.to_leads), ("on_deals", kpi.on_deals))
    ]
    converted = Cell(kpi.converted, rows_at(q, "converted", person) if kpi.converted else "")
    return [name, *calls, converted, *(cell for part in PARTS for cell in won_cells(q, kpi, part, person))]


def won_cells(q: Question, kpi: Kpi, part: str, person: int | None) -> tuple[Cell, Cell]:
    won: Won = getattr(kpi, part)
    return Cell(won.deals, rows_at(q, LISTS[part], person) if won.deals else ""), Cell(money(won.sums))


def rows_at(q: Question, figure: str, person: int | None) -> str:
    """The leads or deals behind a figure, of everybody where no person is named."""
    query = q.query() if person is None else q.query(person=person)
    return with_query(reverse("dashboard:kpi-rows", args=[figure]), query)


# --- As a file -------------------------------------------------------------------------------------------------------
def file_head(currencies: Sequence[str]) -> list[str]:
    """A column for each currency, so that a sheet can sum it."""
    titles = {
        "won": (_("Deals won"), _("Sum")),
        "taken": (_("From colleagues' clients"), _("Sum from colleagues' clients")),
        "corrected": (_("Corrected: deals"), _("Corrected: sum")),
    }
    columns = [_("Employee"), _("Employee's ID"), _("Calls to new leads"), _("Calls on current deals")]
    columns.append(_("Leads converted"))
    for part in PARTS:
        deals, amount = titles[part]
        columns += [deals, *(f"{amount}, {currency}" for currency in currencies)]
    return columns


def file_row(q: Question, kpi: Kpi, currencies: Sequence[str]) -> list[Any]:
    row: list[Any] = [q.company.name_of(kpi.person_id), kpi.person_id, kpi.to_leads, kpi.on_deals, kpi.converted]
    for part in PARTS:
        won: Won = getattr(kpi, part)
        row += [won.deals, *(won.sums.get(currency, Decimal(0)) for currency in currencies)]
    return row
