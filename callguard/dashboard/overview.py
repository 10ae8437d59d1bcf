"""The dashboard itself: who calls whose clients, whether the colours work, what to look into."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from callguard.access.acting import acting
from callguard.access.policies import may_see_dashboard
from callguard.dashboard import breakdowns, filters, pictures
from callguard.dashboard.about import chosen
from callguard.dashboard.frame import shown
from callguard.dashboard.fresh import freshness
from callguard.dashboard.looks import noted_person
from callguard.dashboard.story import story_of, told
from callguard.dashboard.tables import Table
from callguard.dashboard.tiles import tiles
from callguard.reports import figures, shapes
from callguard.reports.question import Question
from callguard.tallies.days import day_of

ON_THE_PAGE = 15  # rows of a table; the others are a click away
MOST_ROWS = 500


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Who heads nobody is led to his own record."""
    actor, now = acting(request), timezone.now()
    if not may_see_dashboard(actor):
        return redirect("dashboard:me")
    q = Question.asked(request.GET, actor, now)
    noted_person(request, q.person)
    weeks = figures.trend(q)
    context = {**around(q, at=now), **first_glance(q, weeks, at=now)}
    if weeks:
        context |= {"matrix": breakdowns.matrix(q), "tables": tables(q)}
    return shown(request, "overview.html", context, title=_("Dashboard"))


@require_GET
def whole(request: HttpRequest, code: str) -> HttpResponse:
    """One table with all its rows, up to MOST_ROWS: a file has them all."""
    if code not in breakdowns.TABLES:
        raise Http404(code)
    now = timezone.now()
    q = Question.asked(request.GET, acting(request), now)
    noted_person(request, q.person)
    table = breakdowns.TABLES[code](q).cut(MOST_ROWS)
    return shown(request, "whole.html", {**around(q, at=now), "table": table}, title=table.title)


def around(q: Question, *, at: datetime) -> dict[str, Any]:
    """What every page of figures has: the question, its filters, how fresh the mirror is."""
    return {
        "question": q,
        "query": q.query(),
        "chosen": chosen(q),
        "periods": filters.periods(q),
        "fields": filters.fields(q),
        "today": day_of(at),
        "is_administrator": q.scope is None,
        "fresh": freshness(at=at),
        "quiet_until": quiet_until(at=at),
    }


def quiet_until(*, at: datetime) -> Any:
    """The day from which colours are shown, while it has not come."""
    day = settings.COLOURS_SINCE
    return day if day and day > day_of(at) else None


def first_glance(q: Question, weeks: list[shapes.Week], *, at: datetime) -> dict[str, Any]:
    """The sentence, the tiles and the trend. A part of the conflicts tells no story."""
    since = settings.COLOURS_SINCE
    whole = q.excused == "all" and not q.status
    story = story_of(weeks, colours_since=since, today=day_of(at)) if whole else None
    return {
        "story": story and (story.tone, *told(story)),
        "tiles": tiles(q, figures.summary(q)),
        "trend": pictures.trend_chart(weeks, colours_since=since),
        "weeks": breakdowns.weeks(q, weeks),
    }


def tables(q: Question) -> dict[str, Any]:
    hours = figures.by_hour(q)
    return {
        "people": breakdowns.people(q, first=ON_THE_PAGE),
        "departments": breakdowns.departments(q).cut(ON_THE_PAGE),
        "hours": breakdowns.hours(q, hours),
        "hours_chart": pictures.hours_chart(hours),
        "others": others(q),
    }


def others(q: Question) -> list[Table]:
    made = (breakdowns.takeovers, breakdowns.statuses, breakdowns.grounds, breakdowns.tiers, breakdowns.contested)
    return [table(q).cut(ON_THE_PAGE) for table in made]
