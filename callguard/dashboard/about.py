"""What was asked, in words: beside the figures, above a list, on paper where no filters are."""

from __future__ import annotations

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from callguard.dashboard.words import EXCUSED
from callguard.models import Ground, Tier
from callguard.reports import figures
from callguard.reports.lists import NOBODY, Cell
from callguard.reports.question import NO_STATUS, Question
from crm_mirror.models import Status

Words = list[tuple[str, str]]  # name and value


def about_list(q: Question, cell: Cell) -> Words:
    """Which part of a figure, and of which question."""
    return [days_of(q, cell), *chosen(q), *((title, words) for title, words in of_cell(q, cell) if words)]


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


def of_cell(q: Question, cell: Cell) -> Words:
    return [
        (_("Department"), department(q, cell.department)),
        (_("Called"), person(q, cell.caller)),
        (_("Was responsible"), person(q, cell.responsible)),
        (_("Step"), str(Tier(cell.tier).label) if cell.tier in Tier.values else cell.tier or ""),
        (_("Status"), status(cell.status or "")),
        (_("Hour"), "" if cell.hour is None else f"{cell.hour:02}:00"),
        (_("Ground"), str(Ground(cell.ground).label) if cell.ground in Ground.values else cell.ground or ""),
        (_("Number"), cell.number or ""),
    ]


def person(q: Question, key: int | str | None) -> str:
    if key is None:
        return ""
    return {figures.REST: _("others"), NOBODY: _("nobody")}.get(str(key)) or q.company.name_of(int(key))


def department(q: Question, department_id: int | None) -> str:
    if department_id is None:
        return ""
    known = q.company.parts.get(department_id)
    return known.name if known else _("without a department")


def status(value: str) -> str:
    if value in ("", NO_STATUS):
        return _("no status") if value else ""
    return Status.objects.filter(value=value).values_list("name", flat=True).first() or value
