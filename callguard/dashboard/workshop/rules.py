"""The workshop's first page: rules in force and the draft side by side, gaps, versions; saving and publishing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

from django.contrib import messages
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callguard import rules
from callguard.access.acting import administers, for_administrators, for_those
from callguard.access.policies import may_read_rules
from callguard.dashboard.frame import shown
from callguard.dashboard.workshop.forms import DraftForm, PublishForm
from callguard.models import Palette, RuleDraft, RuleSetVersion
from callguard.rule_words import differences, name_of
from callguard.workshop import drafts
from callguard.workshop.sets import Place, Reference, Row, places

VERSIONS_SHOWN = 20


@dataclass(frozen=True)
class Look:
    """An outcome as the page paints it. No palette: `words` say what there is instead."""

    words: str
    palette: Palette | None = None
    own: bool = False


@dataclass(frozen=True)
class Line:
    """A place with what is in force there and what the draft says; fields for who may edit."""

    place: Place
    now: Look
    then: Look
    fields: tuple[BoundField, BoundField] | None

    @property
    def is_changed(self) -> bool:
        return self.now != self.then


def look_of(row: Row | None, reference: Reference) -> Look:
    if row is None:
        return Look(_("no rule"))
    return Look(_("no colour"), reference.palette_of(row), row["applies_to_own"])


@for_those(may_read_rules)
def page(request: HttpRequest) -> HttpResponse:
    return shown(request, "workshop/rules.html", context_of(request), title=_("Rules workshop"))


def context_of(request: HttpRequest, form: DraftForm | None = None) -> dict[str, Any]:
    """Some seven queries, however many rules."""
    draft, in_force, reference = drafts.current(), rules.in_force(), Reference.now()
    rows = draft.rules if draft else in_force
    form = form or form_of(draft, in_force, reference)
    versions = list(RuleSetVersion.objects.select_related("published_by").order_by("-version")[: VERSIONS_SHOWN + 1])
    return {
        "draft": draft,
        "differences": differences(in_force, rows),
        "lost": [name_of(row) for row in reference.lost(rows)],
        "gaps": reference.gaps(rows),
        "form": form,
        "tiers": tiers_of(form, in_force, rows, reference, edits=administers(request)),
        "edits": administers(request),
        "version": versions[0] if versions else None,
        "versions": with_changes(versions),
        "publish_form": publish_form(versions[:1]),
        "is_behind": bool(draft and versions and draft.based_on != versions[0].version),
    }


def form_of(draft: RuleDraft | None, in_force: Sequence[Row], reference: Reference, data: Any = None) -> DraftForm:
    rows = draft.rules if draft else in_force
    return DraftForm(
        data,
        places=places(reference, in_force, rows),
        rows=rows,
        reference=reference,
        revision=draft.revision if draft else None,
    )


def publish_form(versions: Sequence[RuleSetVersion], data: Any = None) -> PublishForm:
    return PublishForm(data, versions=[one for one in versions if one.withdrawn_at is None])


def tiers_of(
    form: DraftForm, in_force: Sequence[Row], rows: Sequence[Row], reference: Reference, *, edits: bool
) -> list[tuple[Any, list[Line]]]:
    """The table, step by step."""
    now, then = ({reference.key_of(row): row for row in reference.known(of)} for of in (in_force, rows))
    lines = [
        Line(
            place,
            look_of(now.get(place.key), reference),
            look_of(then.get(place.key), reference),
            fields if edits else None,
        )
        for place, fields in form.pairs().items()
    ]
    return [(tier.label, list(of)) for tier, of in groupby(lines, key=lambda line: line.place.tier)]


def with_changes(versions: Sequence[RuleSetVersion]) -> list[tuple[RuleSetVersion, list[str]]]:
    """Each with what it changed to the one before; the last is there for that alone, unless it is the first of all."""
    found = [(new, differences(old.rules, new.rules)) for new, old in pairwise(versions)]
    return found if len(versions) > VERSIONS_SHOWN else [*found, *((one, []) for one in versions[-1:])]


# --- Buttons ---------------------------------------------------------------------------------------------------------
def back() -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("dashboard:rules"))


@for_administrators
@require_POST
def change(request: HttpRequest) -> HttpResponse:
    """Save the draft, or throw it away."""
    draft, in_force = drafts.current(), rules.in_force()
    form = form_of(draft, in_force, Reference.now(), request.POST)
    if not form.is_valid():
        messages.error(request, _("A palette or status has changed meanwhile. Look through the table and save again."))
        return back()
    revision = form.cleaned_data["revision"]
    try:
        if request.POST.get("act") == "discard":
            drafts.discard(revision=revision or 0)
            messages.success(request, _("The draft is gone; the rules in force are as they were."))
        else:
            drafts.save(form.rows(), revision=revision, by=request.user, at=timezone.now())  # type: ignore[arg-type]  # an Account: signed in
            messages.success(request, _("The draft is saved. Nothing is painted by it yet."))
    except drafts.DraftMoved:
        messages.error(request, moved())
    return back()


@for_administrators
@require_POST
def publish(request: HttpRequest) -> HttpResponse:
    newest = drafts.newest()
    form = publish_form([newest] if newest else [], request.POST)
    revision = request.POST.get("revision", "")
    if not form.is_valid() or not revision.isdecimal():
        messages.error(request, moved())
        return back()
    try:
        published = drafts.publish(
            revision=int(revision),
            by=request.user,  # type: ignore[arg-type]  # an Account: signed in
            at=timezone.now(),
            note=form.cleaned_data["note"],
            errors=form.cleaned_data["errors_of"],
        )
    except drafts.DraftMoved:
        messages.error(request, moved())
    except drafts.NothingNew:
        messages.warning(request, nothing_new())
    except drafts.RulesMoved as told:
        words = _("Version %(number)s was published since this draft was begun. Compare, and publish once more.")
        messages.warning(request, words % {"number": told.version})
    else:
        messages.success(request, in_force_now(published))
    return back()


def moved() -> str:
    return _("Somebody else has changed the draft meanwhile. This is how it stands now; nothing of yours was saved.")


def nothing_new() -> str:
    return _("The rules in force say the same already: nothing was published.")


def in_force_now(version: RuleSetVersion) -> str:
    return _("Version %(number)s is in force.") % {"number": version.version}
