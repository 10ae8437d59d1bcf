"""The cleaning queue: what in the portal misleads callers, what rang most first, each with what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from callguard.access.acting import acting
from callguard.access.actors import Actor
from callguard.access.policies import may_see_dashboard
from callguard.cleaning import queue
from callguard.cleaning.queue import Day, Entity, Task
from callguard.dashboard.cleaning.words import ABOUT, TITLES, Tab, advice
from callguard.dashboard.frame import shown
from callguard.dashboard.fresh import freshness
from callguard.models import CleaningLook, Flaw
from callguard.tallies.days import day_of
from crm_mirror.admin.drawing import Chart, Line
from crm_mirror.admin.launch import BrokerAway, Order, begin
from crm_mirror.admin.pieces import portal_url
from crm_mirror.admin.tiles import grouped

ON_A_PAGE = 50
DRAWN = timedelta(days=90)
LOOK = Order("cleaning", (), "callguard.tasks.look_for_flaws", ("look_for_flaws",))


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    now, actor = timezone.now(), acting(request)
    counts = queue.counts(actor)
    flaw = chosen(request.GET.get("flaw"), counts)
    here = Paginator(queue.of_kind(flaw, actor), ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "tabs": tabs(counts, flaw),
        "flaw": flaw,
        "title_here": TITLES[flaw],
        "about": ABOUT[flaw],
        "rows": [row_of(task) for task in queue.tasks(here.object_list, actor)],
        "newer": here.has_previous() and f"flaw={flaw}&page={here.number - 1}",
        "older": here.has_next() and f"flaw={flaw}&page={here.number + 1}",
        "looked": CleaningLook.objects.first(),
        "may_look": actor.is_administrator,
        "is_clean": not any(counts.values()),
        "fresh": freshness(at=now),
        **drawn(actor, at=now),
    }
    return shown(request, "cleaning.html", context, title=_("Cleaning queue"))


@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """An administrator wants it done now and not at night: it is begun elsewhere."""
    try:
        begin(LOOK)
    except BrokerAway:
        messages.error(request, _("The broker does not answer: nobody was told. See: manage.py doctor"))
    else:
        messages.success(request, _("It is being looked through. Open this page again in a minute."))
    return HttpResponseRedirect(reverse("dashboard:cleaning"))


def chosen(asked: str | None, counts: dict[Flaw, int]) -> Flaw:
    """What the address names, else the first kind of which there is any."""
    if asked in Flaw.values:
        return Flaw(asked)
    return next((flaw for flaw, count in counts.items() if count), Flaw.SHARED)


def tabs(counts: dict[Flaw, int], here: Flaw) -> list[Tab]:
    return [Tab(flaw, str(TITLES[flaw]), grouped(count), flaw == here) for flaw, count in counts.items()]


@dataclass(frozen=True)
class Row:
    """`entities`: each with its address in the portal, "" for a client that is not the reader's business."""

    number: str
    rings: str
    since: datetime
    advice: str
    entities: Sequence[tuple[Entity, str]]


def row_of(task: Task) -> Row:
    entities = [(one, portal_url(one.kind, one.id) if one.title is not None else "") for one in task.entities]
    return Row(task.item.number, grouped(task.item.rings), task.item.first_seen_at, advice(task), entities)


# --- How it goes -----------------------------------------------------------------------------------------------------
def drawn(actor: Actor, *, at: datetime) -> dict[str, Any]:
    """For who answers for people; its figures are the whole company's."""
    if not may_see_dashboard(actor):
        return {}
    days = queue.progress(since=day_of(at) - DRAWN)
    return {"chart": chart(days), "fixed": grouped(sum(day.fixed for day in days))}


def chart(days: Sequence[Day]) -> Chart:
    return Chart(
        _("Left to clean up, day by day"),
        _("things"),
        [date_format(day.day, "SHORT_DATE_FORMAT") for day in days],
        [Line(str(TITLES[flaw]), [day.open[flaw] for day in days]) for flaw in Flaw],
        _("Of the whole company, over the last ninety days."),
        _("Nothing was found yet. It is looked for each night."),
    )
