"""Connecting the portal, step by step: what to do, how it stands, and a button for what can be done from here.

Nothing of it is remembered as "step three": see wizard_steps. What is asked of the portal is asked at a button's word,
with little patience (connection.HASTY), and kept (callguard.looks).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from callguard import health
from callguard.admin import wizard_parts as parts
from callguard.admin.administrators import the_list
from callguard.admin.wizard_card import card_part
from callguard.admin.wizard_steps import TITLES, State, Step, steps_of, unfinished
from callguard.looks import Looks, look_at_portal, looks, survey_portal
from crm_mirror.admin.launch import ORDERS, BrokerAway, begin
from crm_mirror.admin.progress import asked_now, progress
from crm_mirror.admin.sync_page import going_on, query_of, what_was_asked
from crm_mirror.allowance import resume
from crm_mirror.diagnosis import Finding

SYNC = ORDERS["sync"]
Part = Callable[[HttpRequest, Looks, list[Finding]], dict[str, Any]]
PARTS: dict[str, Part] = {
    "connection": parts.connection_part,
    "checks": parts.checks_part,
    "provisioning": parts.provisioning_part,
    "sync": parts.sync_part,
    "administrators": lambda request, seen, here: the_list() | {"back": "wizard"},
    "card": lambda request, seen, here: card_part(request),
}


def page(request: HttpRequest) -> HttpResponse:
    """Opens where something is left to do; at the last step when nothing is."""
    seen, here = looks(), health.findings_here(at=timezone.now())
    steps = steps_of(seen, here, at=timezone.now())
    return shown(request, unfinished(steps) or steps[-1], steps, seen, here)


def step(request: HttpRequest, code: str) -> HttpResponse:
    """One step, whatever the others are like. The card's takes a number to try by POST and records nothing."""
    if code not in TITLES:
        raise Http404
    seen, here = looks(), health.findings_here(at=timezone.now())
    steps = steps_of(seen, here, at=timezone.now())
    return shown(request, next(one for one in steps if one.code == code), steps, seen, here)


def shown(request: HttpRequest, this: Step, steps: list[Step], seen: Looks, here: list[Finding]) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": _("Connecting the portal"),
        "subtitle": this.title,
        "steps": steps,
        "step": this,
        "part": f"callguard/admin/setup/{this.code}.html",
        "before": steps[this.number - 2] if this.number > 1 else None,
        "after": steps[this.number] if this.number < len(steps) else None,
        "done": sum(one.state == State.DONE for one in steps),
        **PARTS[this.code](request, seen, here),
    }
    return TemplateResponse(request, "callguard/admin/setup/page.html", context)


def back_to(code: str, query: str = "") -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("setup:step", args=[code]) + (f"?{query}" if query else ""))


# --- The buttons -----------------------------------------------------------------------------------------------------
def check(request: HttpRequest) -> HttpResponse:
    """Ask the portal what the doctor asks."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    resume()  # whoever asks may have put right what halted everything
    look_at_portal(at=timezone.now())
    return back_to("checks" if request.POST.get("back") == "checks" else "connection")


def survey(request: HttpRequest) -> HttpResponse:
    """Ask what the portal lacks; with `create`, make it and look again how it stands."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    resume()
    is_to_create = "create" in request.POST
    survey_portal(create=is_to_create, at=timezone.now())
    if is_to_create:
        look_at_portal(at=timezone.now())
    return back_to("provisioning")


def begin_sync(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    asked = asked_now(at=timezone.now())
    resume()
    try:
        begin(SYNC)
    except BrokerAway:
        messages.error(request, _("The broker does not answer: nobody was told. See: manage.py doctor"))
        return back_to("sync")
    return back_to("sync", query_of(SYNC, asked))


def sync_progress(request: HttpRequest) -> HttpResponse:
    """What the step asks every other second while the sync goes on."""
    now = timezone.now()
    order, asked = what_was_asked(request) or going_on(at=now)
    return JsonResponse(progress(order, asked, at=now).as_dict())
