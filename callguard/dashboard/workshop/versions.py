"""A version of the rules: what it said, rolling back to it, calling it an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callguard import rules
from callguard.access.acting import administers, for_administrators, for_those
from callguard.access.policies import may_read_rules
from callguard.dashboard.frame import shown
from callguard.dashboard.workshop.rules import in_force_now, nothing_new, publish_form
from callguard.models import RuleSetVersion
from callguard.rule_words import differences, name_of, outcome_of
from callguard.workshop import drafts, errors
from callguard.workshop.sets import Reference


@for_those(may_read_rules)
def page(request: HttpRequest, number: int) -> HttpResponse:
    version = get_object_or_404(RuleSetVersion.objects.select_related("published_by"), version=number)
    in_force, reference = rules.in_force(), Reference.now()
    context = {
        "version": version,
        "rules": [f"{name_of(row)} → {outcome_of(row)}" for row in version.rules],
        "differences": differences(in_force, reference.known(version.rules)),
        "lost": [f"{name_of(row)} → {outcome_of(row)}" for row in reference.lost(version.rules)],
        "is_newest": version == drafts.newest(),
        "edits": administers(request),
        "publish_form": publish_form(later_than(version)),
    }
    title = _("Version %(number)s of the rules") % {"number": number}
    return shown(request, "workshop/version.html", context, title=title)


def later_than(version: RuleSetVersion) -> list[RuleSetVersion]:
    """Those that rolling back to it undoes: any of them may have been the error."""
    return list(RuleSetVersion.objects.filter(version__gt=version.version).order_by("-version"))


@for_administrators
@require_POST
def change(request: HttpRequest, number: int) -> HttpResponse:
    """One of the page's buttons: `act` says which."""
    version = get_object_or_404(RuleSetVersion, version=number)
    acts: dict[str, Callable[[HttpRequest, RuleSetVersion], str]] = {
        "roll_back": roll_back,
        "draft": as_draft,
        "withdraw": withdraw,
        "reinstate": reinstate,
    }
    if (act := acts.get(request.POST.get("act", ""))) is None:
        raise Http404
    return HttpResponseRedirect(act(request, version))


def roll_back(request: HttpRequest, version: RuleSetVersion) -> str:
    form = publish_form(later_than(version), request.POST)
    if not form.is_valid():
        messages.error(request, _("Something else was published meanwhile. Look at the versions again."))
        return address_of(version)
    said = _("Back to version %(number)s") % {"number": version.version}
    try:
        published = drafts.roll_back(
            version, **_signed(request), note=form.cleaned_data["note"] or said, errors=form.cleaned_data["errors_of"]
        )
    except drafts.NothingNew:
        messages.warning(request, nothing_new())
        return address_of(version)
    messages.success(request, in_force_now(published))
    return reverse("dashboard:rules")


def as_draft(request: HttpRequest, version: RuleSetVersion) -> str:
    """To try it on past calls, or to change something in it first. It takes the place of no draft that is there."""
    try:
        drafts.save(Reference.now().known(version.rules), revision=None, **_signed(request))
    except drafts.DraftMoved:
        messages.error(request, _("There is a draft already. Publish it or throw it away first."))
    else:
        messages.success(request, _("The version is the draft now. Nothing is painted by it yet."))
    return reverse("dashboard:rules")


def withdraw(request: HttpRequest, version: RuleSetVersion) -> str:
    if errors.withdraw([version.version], **_signed(request)):
        messages.success(request, _("The version counts as an error: its conflicts will be excused."))
    return address_of(version)


def reinstate(request: HttpRequest, version: RuleSetVersion) -> str:
    if errors.reinstate([version.version], **_signed(request)):
        messages.success(request, _("The version counts as no error any more: its conflicts are judged again."))
    return address_of(version)


def _signed(request: HttpRequest) -> dict[str, Any]:
    return {"by": request.user, "at": timezone.now()}


def address_of(version: RuleSetVersion) -> str:
    return reverse("dashboard:rules-version", args=[version.version])
