"""The calls behind each figure: what a click on a number opens, and what an export of it writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import ExtractHour

from callguard.models import Call, Excuse
from callguard.reports import figures, sources
from callguard.reports.company import NO_DEPARTMENT
from callguard.reports.question import NO_STATUS, Question
from callguard.tallies.days import DAY, zone
from callguard.tallies.measures import EXCUSED, OF_CALLS, OF_CONFLICTS

CONTESTED, GROUND = "contested", "ground"
FIGURES: dict[str, Q] = OF_CALLS | OF_CONFLICTS | {CONTESTED: Q(contested=True) & ~Q(number=""), GROUND: EXCUSED}
YEARS = range(2000, 2200)  # of weeks in addresses: days near the ends of the calendar cannot be reckoned with
NOBODY = "nobody"  # in addresses: of a client without a responsible


class UnknownFigure(Exception):
    """No figure of that name, or a cell that none has."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Which part of a figure. `caller`, `responsible`: portal ID or figures.REST; `responsible` NOBODY: of nobody.

    Named in addresses with `in_` before them, for the question has a department and a status too.
    """

    caller: int | str | None = None
    responsible: int | str | None = None
    department: int | None = None
    tier: str | None = None
    status: str | None = None
    hour: int | None = None
    week: date | None = None  # its Monday; of the whole time up to the question's last day, as in the trend
    ground: str | None = None
    number: str | None = None

    @classmethod
    def asked(cls, params: Mapping[str, Any]) -> Cell:
        """Raises UnknownFigure for what no figure has."""
        given = {one.name: params[f"in_{one.name}"] for one in fields(cls) if params.get(f"in_{one.name}")}
        try:
            return cls(**{name: _READ.get(name, _text)(value) for name, value in given.items()})
        except ValueError as error:
            raise UnknownFigure(str(given)) from error

    @property
    def params(self) -> dict[str, object]:
        """For `Question.query(figure=…, **cell.params)`."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return {f"in_{name}": value for name, value in values.items() if value is not None}


def _person(text: Any) -> int | str:
    return str(text) if text in (figures.REST, NOBODY) else _number(text)


def _number(text: Any) -> int:
    found = int(str(text))
    if not 0 <= found < 2**63:
        raise ValueError(text)
    return found


def _text(text: Any) -> str:
    if "\0" in (found := str(text)):  # PostgreSQL has no such texts
        raise ValueError(text)
    return found


def _week(text: Any) -> date:
    found = date.fromisoformat(str(text))
    if found.year not in YEARS:
        raise ValueError(text)
    return found


_READ: dict[str, Any] = {
    "caller": _person,
    "responsible": _person,
    "department": _number,
    "hour": _number,
    "week": _week,
}


def calls_behind(q: Question, figure: str, **cell: Any) -> QuerySet[Call]:
    """Newest first. `cell`: the fields of Cell. Raises UnknownFigure."""
    return calls_of(q, figure, Cell(**cell))


def calls_of(q: Question, figure: str, cell: Cell) -> QuerySet[Call]:
    if figure not in FIGURES:
        raise UnknownFigure(figure)
    if cell.week:
        q = replace(q, first=cell.week, last=min(cell.week + 6 * DAY, q.last))
    rows = figures.asked_calls(q).filter(FIGURES[figure])
    if figure in OF_CONFLICTS or figure == GROUND:
        rows = rows.filter(sources.asked_conflicts(q))
    return _of_cell(q, rows, cell).order_by("-rung_at", "-pk")


def _of_cell(q: Question, rows: QuerySet[Call], cell: Cell) -> QuerySet[Call]:
    if cell.hour is not None:
        rows = rows.annotate(hour=ExtractHour("rung_at", tzinfo=zone())).filter(hour=cell.hour)
    if cell.ground is not None:
        rows = rows.filter(Exists(Excuse.objects.filter(call=OuterRef("pk"), ground=cell.ground)))
    if cell.department is not None:
        rows = rows.filter(_of_department(q, cell.department))
    if cell.caller == figures.REST or cell.responsible == figures.REST:
        rows = _of_the_rest(q, rows, cell)
    return rows.filter(_plain(cell))


def _plain(cell: Cell) -> Q:
    found = Q()
    if cell.tier is not None:
        found &= Q(tier=cell.tier)
    if cell.status is not None:
        found &= Q(status_value="" if cell.status == NO_STATUS else cell.status)
    if cell.number is not None:
        found &= Q(number=cell.number)
    if isinstance(cell.caller, int):
        found &= Q(caller_id=cell.caller)
    if cell.responsible == NOBODY:
        found &= Q(responsible_id=None)
    elif isinstance(cell.responsible, int):
        found &= Q(responsible_id=cell.responsible)
    return found


def _of_department(q: Question, department_id: int) -> Q:
    if department_id == NO_DEPARTMENT:
        return ~Q(caller_id__in=q.company.in_departments)
    return Q(caller_id__in=q.company.people_of(department_id))


def _of_the_rest(q: Question, rows: QuerySet[Call], cell: Cell) -> QuerySet[Call]:
    """Of those without a line of their own in the matrix of the same question."""
    table = figures.matrix(q)
    if cell.caller == figures.REST:
        rows = rows.exclude(caller_id__in=[head.key for head in table.callers if isinstance(head.key, int)])
    if cell.responsible == figures.REST:
        named = [head.key for head in table.responsibles]
        rows = rows.exclude(responsible_id__in=[key for key in named if isinstance(key, int)])
        if None in named:
            rows = rows.exclude(responsible_id=None)
    return rows
