"""Tables as files. They obey the same question, and so the same rights, as the pages."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from callguard.access.acting import acting
from callguard.dashboard.books import xlsx_file
from callguard.dashboard.breakdowns import TABLES
from callguard.dashboard.sheets import Row, csv_file
from callguard.models import Opened
from callguard.privacy import note_access
from callguard.reports.question import Question

KINDS = ("csv", "xlsx")


@require_GET
def table(request: HttpRequest, code: str, kind: str) -> StreamingHttpResponse:
    if code not in TABLES:
        raise Http404(code)
    actor, at = acting(request), timezone.now()
    q = Question.asked(request.GET, actor, at)
    note_access(actor, about=q.people, page=Opened.EXPORT, at=at, detail=f"{code}: {q.query()}")
    made = TABLES[code](q)
    return file_of(kind, code, made.title, q, made.head, made.values)


def file_of(kind: str, code: str, title: str, q: Question, head: Row, rows: Iterable[Row]) -> StreamingHttpResponse:
    """`code`: what the file's name says of it."""
    if kind not in KINDS:
        raise Http404(kind)
    name = f"callguard-{code}-{q.first:%Y-%m-%d}-{q.last:%Y-%m-%d}"
    if kind == "csv":
        return csv_file(name, head, rows)
    cut = _("There are more: a sheet takes no more rows. Take the CSV, or a shorter period.")
    return xlsx_file(name, title, head, rows, if_cut=cut)
