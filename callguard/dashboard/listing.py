"""The calls behind a figure: the very rows it counts, newest first, as a page and as files."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from callguard.access.acting import acting
from callguard.dashboard.about import about_list
from callguard.dashboard.calls import exported, line_of, page_after, titles
from callguard.dashboard.export import file_of
from callguard.dashboard.frame import shown
from callguard.dashboard.fresh import freshness
from callguard.dashboard.words import FIGURES
from callguard.models import Opened, TallyState
from callguard.privacy import note_access
from callguard.reports.lists import Cell, UnknownFigure, calls_of
from callguard.reports.question import Question
from crm_mirror.admin.tiles import capped
from crm_mirror.admin.tiles import shown as counted

ON_A_PAGE = 50
FIGURE = "blamed"  # unless the address says another


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    q, figure, cell, rows = asked(request, at)
    found = page_after(rows, request.GET.get("after", ""), size=ON_A_PAGE)
    callers = {call.caller_id for call in found.calls}
    note_access(acting(request), about=callers, page=Opened.CALLS, at=at, detail=figure)
    lines = [line_of(call, q.company) for call in found.calls]
    same = q.query(figure=figure, **cell.params)
    context = {
        "question": q,
        "about": about_list(q, cell, lines),
        "count": counted(capped(rows)),
        "lines": lines,
        "query": same,
        "older": found.older and q.query(figure=figure, after=found.older, **cell.params),
        "is_first": not request.GET.get("after"),
        "back": q.query(),
        "fresh": freshness(at=at),
        "sealed_before": sealed_before(q),
    }
    return shown(request, "calls.html", context, title=str(FIGURES[figure]))


@require_GET
def export(request: HttpRequest, kind: str) -> StreamingHttpResponse:
    at = timezone.now()
    q, figure, cell, rows = asked(request, at)
    note_access(acting(request), about=people_in(q, cell), page=Opened.EXPORT, at=at, detail=f"{figure}: {q.query()}")
    return file_of(kind, f"calls-{figure}", str(FIGURES[figure]), q, titles(), exported(rows, q.company))


def people_in(q: Question, cell: Cell) -> Iterable[int] | None:
    """Whose calls the file can hold: of somebody whom the reader may not see there are none."""
    if not isinstance(cell.caller, int):
        return q.people
    return [cell.caller] if q.people is None or cell.caller in q.people else []


def sealed_before(q: Question) -> date | None:
    """The day before which nothing but figures is left, where the question reaches so far back."""
    return TallyState.objects.filter(sealed_before__gt=q.first).values_list("sealed_before", flat=True).first()


def asked(request: HttpRequest, at: datetime) -> tuple[Question, str, Cell, Any]:
    """404 for a figure or a part of one that does not exist; whose calls they are the question has narrowed."""
    q, figure = Question.asked(request.GET, acting(request), at), request.GET.get("figure") or FIGURE
    try:
        cell = Cell.asked(request.GET)
        return q, figure, cell, calls_of(q, figure, cell)
    except UnknownFigure as unknown:
        raise Http404(str(unknown)) from unknown
