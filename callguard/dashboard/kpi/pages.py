"""The figures bonuses are paid by, per person and period: the page, the rows behind a number, and both as files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from callguard.access.acting import acting
from callguard.dashboard import filters
from callguard.dashboard.export import file_of
from callguard.dashboard.frame import shown
from callguard.dashboard.fresh import freshness
from callguard.dashboard.kpi import rows as behind
from callguard.dashboard.kpi.table import file_head, file_row, table
from callguard.dashboard.kpi.words import TITLES, definitions
from callguard.dashboard.looks import noted, noted_person
from callguard.kpi import figures
from callguard.models import Opened
from callguard.reports.question import Question
from callguard.tallies.days import day_of
from crm_mirror.admin.tiles import grouped

ON_A_PAGE = 50
ON_THE_PAGE = 100  # people
FIELDS = ("department", "person")  # conflicts' own filters say nothing of deals


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    q = Question.asked(request.GET, acting(request), now)
    noted_person(request, q.person)
    context = {**around(q, at=now), "table": table(q, ON_THE_PAGE), "definitions": definitions()}
    return shown(request, "kpi.html", context, title=_("KPI"))


def around(q: Question, *, at: datetime) -> dict[str, Any]:
    """Who sees nobody but himself has nobody to choose."""
    alone = q.scope is not None and len(q.scope) < 2
    return {
        "question": q,
        "query": q.query(),
        "periods": filters.periods(q),
        "fields": [] if alone else [field for field in filters.fields(q) if field.name in FIELDS],
        "today": day_of(at),
        "fresh": freshness(at=at),
    }


@require_GET
def export(request: HttpRequest, kind: str) -> StreamingHttpResponse:
    q = Question.asked(request.GET, acting(request), timezone.now())
    people = figures.by_person(q)
    currencies = figures.currencies(people)
    rows = (file_row(q, one, currencies) for one in people)
    file = file_of(kind, "kpi", _("KPI"), q, file_head(currencies), in_figures(rows, kind))
    noted(request, Opened.EXPORT, about=q.people, detail="kpi")
    return file


@require_GET
def rows(request: HttpRequest, figure: str) -> HttpResponse:
    now = timezone.now()
    q, found = asked(request, figure, at=now)
    noted_person(request, q.person)
    pages = Paginator(found, ON_A_PAGE)
    here = pages.get_page(request.GET.get("page"))
    context = {
        "question": q,
        "figure": figure,
        "query": q.query(),
        "back": q.query(person=None),
        "person": None if q.person is None else q.company.name_of(q.person),
        "count": grouped(pages.count),
        "lines": behind.lines(here.object_list, q.company),
        "is_of_deals": figure != "converted",
        "newer": here.has_previous() and q.query(page=here.number - 1),
        "older": here.has_next() and q.query(page=here.number + 1),
        "fresh": freshness(at=now),
    }
    return shown(request, "kpi_rows.html", context, title=str(TITLES[figure]))


@require_GET
def export_rows(request: HttpRequest, figure: str, kind: str) -> StreamingHttpResponse:
    q, found = asked(request, figure, at=timezone.now())
    listed = in_figures(behind.exported(found, q.company), kind)
    file = file_of(kind, f"kpi-{figure}", str(TITLES[figure]), q, behind.titles(), listed)
    noted(request, Opened.EXPORT, about=q.people, detail=f"kpi-{figure}")
    return file


def asked(request: HttpRequest, figure: str, *, at: datetime) -> tuple[Question, Any]:
    """404 for a figure that does not exist; whose rows they are the question has narrowed."""
    if figure not in behind.LISTS:
        raise Http404(figure)
    q = Question.asked(request.GET, acting(request), at)
    return q, behind.LISTS[figure](q)


def in_figures(listed: Iterable[list[Any]], kind: str) -> Iterator[list[Any]]:
    """Amounts as Excel reads them: numbers in a workbook, in a CSV with the decimal sign of its language."""
    for row in listed:
        yield [figure_of(value, kind) if isinstance(value, Decimal) else value for value in row]


def figure_of(amount: Decimal, kind: str) -> float | str:
    return float(amount) if kind == "xlsx" else str(localize(amount, use_l10n=True))
