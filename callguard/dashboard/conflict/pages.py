"""The page of one call: what was known, what happened, what came of it, and what people decide about it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from callguard import decisions, disputes
from callguard.access.acting import acting, for_those
from callguard.access.actors import Actor
from callguard.access.policies import (
    may_comment_on,
    may_decide_on,
    may_dispute,
    may_explain,
    may_see_calls_of,
    may_see_conflict,
    may_sign_in,
)
from callguard.dashboard.conflict import frozen
from callguard.dashboard.conflict.fate import excuses_of, fate_of
from callguard.dashboard.conflict.forms import EXCUSE, CommentForm, DecisionForm, DisputeForm
from callguard.dashboard.conflict.lines import lines_of
from callguard.dashboard.conflict.people import Names
from callguard.dashboard.conflict.quarrel import decision_on, disputes_of
from callguard.dashboard.conflict.since import Since
from callguard.dashboard.frame import shown
from callguard.dashboard.looks import noted
from callguard.health import mirror_age
from callguard.models import Call, Opened, Origin

CONFLICT = 409


@for_those(may_sign_in)
@require_GET
def page(request: HttpRequest, pk: int) -> HttpResponse:
    call = call_for(acting(request), pk)
    noted(request, Opened.CALL, about=call.caller_id, detail=call.call_id)
    return drawn(request, call)


@for_those(may_sign_in)
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    actor = acting(request)
    call = call_for(actor, pk)
    if not may_decide_on(actor, call.caller_id):
        raise Http404
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return drawn(request, call, decision_form=form, status=400)
    said = form.cleaned_data
    try:
        decisions.decide(
            call,
            excuses=said["outcome"] == EXCUSE,
            says=said["words"],
            seen=said["seen"],
            by=actor,
            at=timezone.now(),
        )
    except decisions.DecidedMeanwhile as meanwhile:
        messages.error(request, meanwhile_words(meanwhile))
        return drawn(request, call, typed=said["words"], status=CONFLICT)
    return done(request, call, _("Decided. The caller and the responsible hear of it in the portal."))


@for_those(may_sign_in)
@require_POST
def dispute(request: HttpRequest, pk: int) -> HttpResponse:
    actor = acting(request)
    call = call_for(actor, pk)
    if not may_dispute(actor, call.caller_id):
        raise Http404
    form = DisputeForm(request.POST)
    if not form.is_valid():
        return drawn(request, call, dispute_form=form, status=400)
    disputes.dispute(
        call.call_id, caller_id=call.caller_id, at=timezone.now(), origin=Origin.ADMIN, **form.cleaned_data
    )
    return done(request, call, _("Your supervisor hears of it in the portal and decides."))


@for_those(may_sign_in)
@require_POST
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    actor = acting(request)
    call = call_for(actor, pk)
    if not may_comment_on(actor, call.caller_id):
        raise Http404
    form = CommentForm(request.POST)
    if not form.is_valid():
        return drawn(request, call, comment_form=form, status=400)
    decisions.comment(call, text=form.cleaned_data["text"], by=actor, at=timezone.now())
    return done(request, call, _("Your comment is added."))


# --- Who sees it -----------------------------------------------------------------------------------------------------
def call_for(actor: Actor, pk: int) -> Call:
    """As if there were no such call, for who may not see it: guessed numbers tell nothing."""
    call = Call.objects.filter(pk=pk).first()
    if call is None or not may_see_conflict(actor, call.caller_id, call.responsible_id if call.conflict else None):
        raise Http404
    return call


def done(request: HttpRequest, call: Call, words: str) -> HttpResponseRedirect:
    messages.success(request, words)
    return HttpResponseRedirect(reverse("dashboard:conflict", args=[call.pk]))


def meanwhile_words(meanwhile: decisions.DecidedMeanwhile) -> str:
    decision = meanwhile.decision
    if decision is None:
        return _("The decision could not be kept: look at the page again.")
    facts = {"who": decision.by_name, "words": decision.words}
    if decision.excuses:
        return _("%(who)s has decided meanwhile: excused. “%(words)s” Yours was not kept.") % facts
    return _("%(who)s has decided meanwhile: not excused. “%(words)s” Yours was not kept.") % facts


# --- What it shows ---------------------------------------------------------------------------------------------------
def drawn(request: HttpRequest, call: Call, *, status: int = 200, typed: str = "", **forms: Any) -> HttpResponse:
    """The page; forms that were not taken stand in it as they were sent."""
    actor, at = acting(request), timezone.now()
    call.refresh_from_db()
    context = told(call, actor, at=at) | offered(call, actor, typed) | forms
    title = _("Conflict") if call.conflict else _("Call")
    return shown(request, "conflict/page.html", context, title=title, status=status)


def told(call: Call, actor: Actor, *, at: datetime) -> dict[str, Any]:
    """What there is to read. What was said among caller and supervisors is not for the responsible."""
    since = Since.of(call, actor)
    names = Names.of([call.caller_id, *since.people])
    is_inside = may_see_calls_of(actor, call.caller_id)
    explains = may_explain(actor) and is_inside
    return {
        "call": call,
        "caller": names.person(call.caller_id),
        "fate": fate_of(call),
        "excuses": excuses_of(call, names_others=explains) if call.conflict else [],
        "call_rows": frozen.call_rows(call, names, actor),
        "verdict_rows": frozen.verdict_rows(call, actor),
        "end_rows": frozen.end_rows(call),
        "palette": call.verdict.get("palette"),
        "card_message": call.verdict.get("message"),
        "sentence": frozen.sentence_of(call),
        "steps": frozen.steps_of(call) if explains else [],
        "may_explain": explains,
        "since": since,
        "since_rows": since.rows(names),
        "takeover": since.takeover_words(names),
        "disputes": disputes_of(call, caller=names.person(call.caller_id), at=at),
        "decision": decision_on(call),
        "is_inside": is_inside,
        "comments": call.comments.all() if is_inside else [],
        "lines": lines_of(call) if is_inside else [],
        "mirror_age": mirror_age(at=at),
    }


def offered(call: Call, actor: Actor, typed: str) -> dict[str, Any]:
    """What the reader may do here."""
    decision = decision_on(call)
    seen = decision.number if decision else 0
    return {
        "may_decide": may_decide_on(actor, call.caller_id),
        "is_own": may_dispute(actor, call.caller_id),
        "is_party": actor.employee_id is not None and actor.employee_id == call.responsible_id,
        "decision_form": DecisionForm(initial={"seen": seen, "words": typed}),
        "dispute_form": DisputeForm(),
        "comment_form": CommentForm(),
    }
