"""One person's figures and conflicts: for who answers for him, and for himself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from callguard.access.acting import acting
from callguard.access.policies import may_see_calls_of
from callguard.dashboard import breakdowns, filters
from callguard.dashboard.addresses import calls_at
from callguard.dashboard.calls import line_of, page_after
from callguard.dashboard.frame import shown
from callguard.dashboard.overview import around, first_glance
from callguard.models import Opened
from callguard.privacy import note_access
from callguard.reports import figures
from callguard.reports.lists import calls_behind
from callguard.reports.question import Question

LATEST = 15  # conflicts on the page; all of them are a click away


@require_GET
def page(request: HttpRequest, person_id: int) -> HttpResponse:
    """404 for a person whose calls are not for the reader, as for one that there is not."""
    actor, now = acting(request), timezone.now()
    q = question_about(request, person_id, at=now)
    if not may_see_calls_of(actor, person_id) or q.person != person_id:
        raise Http404(str(person_id))
    note_access(actor, about=person_id, page=Opened.PERSON, at=now, detail=q.query())
    return shown_to(request, q, at=now, title=q.company.name_of(person_id))


@require_GET
def own(request: HttpRequest) -> HttpResponse:
    """The reader's own record."""
    actor, now = acting(request), timezone.now()
    if actor.employee_id is None:
        raise Http404("an account without an employee")
    return shown_to(request, question_about(request, actor.employee_id, at=now), at=now, title=_("My calls"))


def question_about(request: HttpRequest, person_id: int, *, at: datetime) -> Question:
    params: QueryDict = request.GET.copy()
    params.pop("department", None)
    params["person"] = str(person_id)
    return Question.asked(params, acting(request), at)


def shown_to(request: HttpRequest, q: Question, *, at: datetime, title: str) -> HttpResponse:
    weeks = figures.trend(q)
    context: dict[str, Any] = {
        **around(q, at=at),
        **first_glance(q, weeks, at=at),
        "chosen": [],  # the title says whose record it is
        "periods": filters.periods(q, person=None),
        "fields": filters.fields(q, of_a_person=True),
    }
    if weeks:
        context |= details(q)
    return shown(request, "person.html", context, title=title)


def details(q: Question) -> dict[str, Any]:
    latest = page_after(calls_behind(q, "conflicts"), "", size=LATEST)
    hours = figures.by_hour(q)
    return {
        "matrix": breakdowns.matrix(q),
        "hours": breakdowns.hours(q, hours),
        "statuses": breakdowns.statuses(q),
        "grounds": breakdowns.grounds(q),
        "takeovers": breakdowns.takeovers(q),
        "lines": [line_of(call, q.company) for call in latest.calls],
        "all_conflicts": calls_at(q, "conflicts"),
    }
