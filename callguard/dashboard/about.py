"""What was asked, in words: beside the figures, above a list, on paper where no filters are."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from callguard.dashboard.calls import Line
from callguard.dashboard.words import EXCUSED
from callguard.models import Ground, Tier
from callguard.reports import figures
from callguard.reports.company import NO_DEPARTMENT
from callguard.reports.lists import NOBODY, Cell
from callguard.reports.question import NO_STATUS, Question
from crm_mirror.models import Status

Words = list[tuple[str, str]]  # name and value


def about_list(q: Question, cell: Cell, lines: Sequence[Line]) -> Words:
    """Which part of a figure, and of which question. `lines`: the list, which tells the responsible's name."""
    parts = of_cell(q, cell, lines[0].responsible if lines else "")
    return [days_of(q, cell), *chosen(q), *((title, words) for title, words in parts if words)]


def days_of(q: Question, cell: Cell) -> tuple[str, str]:
    if cell.week:
        return _("Week from"), date_format(cell.week, "SHORT_DATE_FORMAT")
    first, last = (date_format(day, "SHORT_DATE_FORMAT") for day in (q.first, q.last))
    return _("Days"), f"{first} – {last}"


def chosen(q: Question) -> Words:
    """What narrows the figures besides the days."""
    words = [
        (_("Department"), department(q, q.department)),
        (_("Employee"), "" if q.person is None else q.company.name_of(q.person)),
        (_("Status"), status(q.status)),
        (_("Conflicts"), "" if q.excused == "all" else str(dict(EXCUSED)[q.excused])),
    ]
    return [(title, value) for title, value in words if value]


def of_cell(q: Question, cell: Cell, responsible: str) -> Words:
    return [
        (_("Department"), department(q, cell.department)),
        (_("Called"), person(q, cell.caller)),
        (_("Was responsible"), responsible_in(cell, responsible)),
        (_("Step"), str(Tier(cell.tier).label) if cell.tier in Tier.values else cell.tier or ""),
        (_("Status"), status(cell.status or "")),
        (_("Hour"), "" if cell.hour is None else f"{cell.hour:02}:00"),
        (_("Ground"), str(Ground(cell.ground).label) if cell.ground in Ground.values else cell.ground or ""),
        (_("Number"), cell.number or ""),
    ]


def person(q: Question, key: int | str | None) -> str:
    """No name of somebody whom the reader may not ask about: a guessed ID tells nothing."""
    if not isinstance(key, int):
        return _("others") if key == figures.REST else ""
    return q.company.name_of(key) if q.scope is None or key in q.scope else f"ID {key}"


def responsible_in(cell: Cell, name: str) -> str:
    """`name`: as the calls of the list have it, without any nobody's."""
    if isinstance(cell.responsible, int):
        return name or f"ID {cell.responsible}"
    return {figures.REST: _("others"), NOBODY: _("nobody")}.get(cell.responsible or "", "")


def department(q: Question, department_id: int | None) -> str:
    """As above: of one with none of his people only the ID."""
    if department_id is None:
        return ""
    if department_id == NO_DEPARTMENT:
        return _("without a department")
    known = q.company.parts.get(department_id)
    is_his = q.scope is None or not q.scope.isdisjoint(q.company.people_of(department_id))
    return known.name if known and is_his else f"ID {department_id}"


def status(value: str) -> str:
    if value in ("", NO_STATUS):
        return _("no status") if value else ""
    return Status.objects.filter(value=value).values_list("name", flat=True).first() or value
