"""The calls behind a figure: the very rows it counts, newest first, as a page and as files."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from callguard.access.acting import acting
from callguard.dashboard.calls import exported, line_of, page_after, titles
from callguard.dashboard.export import file_of
from callguard.dashboard.frame import shown
from callguard.dashboard.fresh import freshness
from callguard.dashboard.words import EXCUSED, FIGURES
from callguard.models import Ground, Tier
from callguard.reports import figures
from callguard.reports.lists import NOBODY, Cell, UnknownFigure, calls_of
from callguard.reports.question import NO_STATUS, Question
from crm_mirror.admin.tiles import capped
from crm_mirror.admin.tiles import shown as counted
from crm_mirror.models import Status

ON_A_PAGE = 50
FIGURE = "blamed"  # unless the address says another


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    q, figure, cell, rows = asked(request, at)
    found = page_after(rows, request.GET.get("after", ""), size=ON_A_PAGE)
    same = q.query(figure=figure, **cell.params)
    context = {
        "question": q,
        "about": about(q, cell),
        "count": counted(capped(rows)),
        "lines": [line_of(call, q.company) for call in found.calls],
        "query": same,
        "older": found.older and q.query(figure=figure, after=found.older, **cell.params),
        "is_first": not request.GET.get("after"),
        "back": q.query(),
        "fresh": freshness(at=at),
    }
    return shown(request, "calls.html", context, title=str(FIGURES[figure]))


@require_GET
def export(request: HttpRequest, kind: str) -> StreamingHttpResponse:
    q, figure, _cell, rows = asked(request, timezone.now())
    return file_of(kind, f"calls-{figure}", str(FIGURES[figure]), q, titles(), exported(rows, q.company))


def asked(request: HttpRequest, at: datetime) -> tuple[Question, str, Cell, Any]:
    """404 for a figure or a part of one that does not exist; whose calls they are the question has narrowed."""
    q, figure = Question.asked(request.GET, acting(request), at), request.GET.get("figure") or FIGURE
    try:
        cell = Cell.asked(request.GET)
        return q, figure, cell, calls_of(q, figure, cell)
    except UnknownFigure as unknown:
        raise Http404(str(unknown)) from unknown


def about(q: Question, cell: Cell) -> list[tuple[str, str]]:
    """Which part of the figure, and of which question: names and values."""
    first, last = (q.first, q.last) if cell.week is None else (cell.week, q.last)
    days = (_("Week from") if cell.week else _("Days"), date_format(first, "SHORT_DATE_FORMAT"))
    if not cell.week:
        days = (days[0], f"{days[1]} – {date_format(last, 'SHORT_DATE_FORMAT')}")
    return [days, *((title, words) for title, words in (*of_question(q), *of_cell(q, cell)) if words)]


def of_question(q: Question) -> list[tuple[str, str]]:
    return [
        (_("Department"), department(q, q.department)),
        (_("Employee"), "" if q.person is None else q.company.name_of(q.person)),
        (_("Status"), status(q.status)),
        (_("Conflicts"), "" if q.excused == "all" else str(dict(EXCUSED)[q.excused])),
    ]


def of_cell(q: Question, cell: Cell) -> list[tuple[str, str]]:
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
