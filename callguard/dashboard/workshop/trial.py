"""The back-test: the draft tried on past calls, the changes of colour counted, and the calls behind each number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from callguard import rules
from callguard.access.acting import acting, administers, for_those
from callguard.access.policies import may_read_rules
from callguard.access.scopes import visible
from callguard.answer import terms_in_force
from callguard.dashboard.frame import shown
from callguard.dashboard.looks import noted
from callguard.dashboard.workshop.forms import TrialForm
from callguard.dashboard.workshop.rules import Look, publish_form
from callguard.models import Call, Opened, Palette
from callguard.rule_words import differences
from callguard.verdict import NO_COLOUR
from callguard.workshop import drafts
from callguard.workshop.backtest import AT_MOST, Change, Trial, tried
from callguard.workshop.sets import Reference
from crm_mirror.models import Employee

AT_ONCE = 50


@dataclass(frozen=True)
class Row:
    """A call that would have another colour."""

    call: Call
    caller: str
    was: Look
    would_be: Look


@for_those(may_read_rules)
def page(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    draft, reference, newest = drafts.current(), Reference.now(), drafts.newest()
    in_force = rules.in_force()
    rows = draft.rules if draft else in_force
    form = TrialForm(request.GET)
    first, last = form.period(timezone.localdate(at))
    trial = tried(
        between(visible(Call.objects.all(), to=acting(request)), first, last),
        reference.rule_set(rows, 0),
        policy=terms_in_force().policy,
        against=reference.rule_set(in_force, 0) if form.is_against_now() else None,
    )
    chosen = chosen_of(trial, request.GET.get("change", ""))
    listed = listing(trial, chosen, request.GET.get("p"))
    found = rows_of(listed, trial, reference.palettes)
    if found:
        noted(request, Opened.CALLS, about={row.call.caller_id for row in found}, detail="trial")
    context = {
        "form": TrialForm(initial={"first": first, "last": last, "against": request.GET.get("against") or "then"}),
        "draft": draft,
        "differences": differences(in_force, rows),
        "trial": trial,
        "at_most": AT_MOST,
        "changes": changes_of(trial, chosen, request, reference.palettes),
        "chosen": chosen and [look(colour, reference.palettes) for colour in chosen],
        "rows": found,
        "page": listed,
        "query": query_of(request, without=("p",)),
        "all_query": query_of(request, without=("p", "change")),
        "edits": administers(request),
        "publish_form": publish_form([newest] if newest else []),
    }
    return shown(request, "workshop/trial.html", context, title=_("Back-test of the rules"))


def between(calls: QuerySet[Call], first: date, last: date) -> QuerySet[Call]:
    """Calls of these days, the last included, by the site's clock."""
    begin, end = (timezone.make_aware(datetime.combine(day, time())) for day in (first, last + timedelta(days=1)))
    return calls.filter(rung_at__gte=begin, rung_at__lt=end)


def chosen_of(trial: Trial, text: str) -> Change | None:
    """The change whose calls are listed, as a link says it: “red,yellow”."""
    before, _comma, after = text.partition(",")
    return (before, after) if (before, after) in trial.changes else None


def changes_of(
    trial: Trial, chosen: Change | None, request: HttpRequest, palettes: Mapping[str, Palette]
) -> list[dict[str, Any]]:
    query = query_of(request, without=("p", "change"))
    return [
        {
            "was": look(change[0], palettes),
            "would_be": look(change[1], palettes),
            "count": count,
            "query": f"{query}&change={change[0]},{change[1]}",
            "is_chosen": change == chosen,
        }
        for change, count in trial.by_change()
    ]


def query_of(request: HttpRequest, *, without: tuple[str, ...]) -> str:
    asked = request.GET.copy()
    for name in without:
        asked.pop(name, None)
    return asked.urlencode()


def listing(trial: Trial, chosen: Change | None, number: str | None) -> Page[int]:
    calls = (
        trial.changes[chosen]
        if chosen
        else sorted((pk for changed in trial.changes.values() for pk in changed), reverse=True)
    )
    return Paginator(calls, AT_ONCE).get_page(number)


def rows_of(listed: Page[int], trial: Trial, palettes: Mapping[str, Palette]) -> list[Row]:
    """The page's calls with their callers' names. Two queries, none for an empty page."""
    keys = list(listed.object_list)
    if not keys:
        return []
    changes = {pk: change for change, calls in trial.changes.items() for pk in calls}
    calls = Call.objects.in_bulk(keys)
    people = {call.caller_id for call in calls.values()}
    names = dict(Employee.objects.filter(portal_id__in=people).values_list("portal_id", "name"))
    return [
        Row(
            call,
            names.get(call.caller_id, f"ID {call.caller_id}"),
            *(look(colour, palettes) for colour in changes[call.pk]),
        )
        for call in (calls[pk] for pk in keys if pk in calls)
    ]


def look(colour: str, palettes: Mapping[str, Palette]) -> Look:
    """A colour of a call; of a palette that is gone its code stays."""
    return Look(_("no colour") if colour == NO_COLOUR else colour, palettes.get(colour))
