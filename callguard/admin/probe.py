"""Try a number: what a card would show a caller, and why, step by step. Nothing is recorded."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from callguard.access.acting import acting
from callguard.access.actors import Actor
from callguard.access.policies import may_ask_for, may_explain, may_read_rules
from callguard.access.scopes import visible
from callguard.answer import Answer, CallerDismissed, CallerRefused, verdict_for
from callguard.calls import is_conflict
from callguard.models import Direction, Substitution
from callguard.words import reason_label, tier_label
from callguard.workshop import drafts
from callguard.workshop.probe import Chosen, chosen_rules
from crm_mirror.models import Employee

if TYPE_CHECKING:
    from callguard.admin.calls import CallAdmin

LONGEST_PHONE = 255  # as the API takes it (contract.md)


class ProbeForm(forms.Form):
    phone = forms.CharField(
        label=_("Phone number"),
        max_length=LONGEST_PHONE,
        help_text=_("In any spelling, as it would stand on the card."),
        widget=UnfoldAdminTextInputWidget,
    )
    caller = forms.ModelChoiceField(
        label=_("Who calls"),
        queryset=Employee.objects.all(),
        to_field_name="portal_id",
        widget=AutocompleteSelect(Substitution._meta.get_field("substitute"), admin.site),
    )
    direction = forms.ChoiceField(label=_("Direction"), choices=Direction.choices, widget=UnfoldAdminSelectWidget)
    day = forms.DateField(
        label=_("On the day"),
        required=False,
        help_text=_("Substitutions and rules of that day; clients as the mirror has them now. Empty: today."),
        widget=forms.DateInput(
            format="%Y-%m-%d", attrs={"type": "date", "class": " ".join(INPUT_CLASSES)}
        ),  # the browser's own
    )
    by_draft = forms.BooleanField(
        label=_("Under the draft of the rules"), required=False, widget=UnfoldBooleanSwitchWidget
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        """In whose name he may ask is what he may choose from; drafts are tried by who may read them."""
        super().__init__(*args, **kwargs)
        if not (may_read_rules(actor) and drafts.current()):
            del self.fields["by_draft"]
        caller: Any = self.fields["caller"]
        caller.queryset = visible(Employee.objects.all(), to=actor)
        self.initial.setdefault("caller", actor.employee_id)


def probe_view(request: HttpRequest, pages: "CallAdmin") -> TemplateResponse:
    """The form, and below it the answer once it was sent. Who may see calls may ask, as those whose calls he sees."""
    if not pages.has_view_permission(request):
        raise PermissionDenied
    actor = acting(request)
    form = ProbeForm(request.POST or None, actor=actor)
    context = {
        **pages.admin_site.each_context(request),
        "title": gettext("Try a number"),
        "form": form,
        "media": form.media,
        **(answered(form.cleaned_data, actor) if form.is_valid() else {}),
    }
    return TemplateResponse(request, "callguard/admin/probe.html", context)


def answered(asked: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """What the page shows of the verdict; why there is none for a caller whom nobody judges."""
    caller: Employee = asked["caller"]
    if not may_ask_for(actor, caller.portal_id):
        raise PermissionDenied
    tried = chosen_rules(day=asked["day"], by_draft=bool(asked.get("by_draft")))
    try:
        answer = verdict_for(
            asked["phone"],
            caller_id=caller.portal_id,
            direction=asked["direction"],
            at=timezone.now(),
            language=get_language(),
            day=asked["day"],
            ruled_by=tried.rules if tried else None,
        )
    except CallerRefused as refusal:
        return {"refusal": why_refused(refusal)}
    return {
        "verdict": answer.as_dict(),
        "steps": steps_of(answer) if may_explain(actor) else [],
        "facts": facts_of(answer, tried),
        "tried": tried,
    }


def why_refused(refusal: CallerRefused) -> str:
    if isinstance(refusal, CallerDismissed):
        return gettext("This employee no longer works here: the API refuses, and the card keeps its own colours.")
    return gettext("The portal knows no such employee: the API refuses, and the card keeps its own colours.")


def steps_of(answer: Answer) -> list[dict[str, Any]]:
    return [{**step, "title": tier_label(step["tier"])} for step in answer.explanation]


def facts_of(answer: Answer, tried: Chosen | None = None) -> list[tuple[str, Any]]:
    """The verdict in words, line by line."""
    verdict = answer.as_dict()
    conflict = is_conflict(answer.verdict, answer.direction)
    return [
        (gettext("number looked up"), verdict["number"] or "–"),
        (gettext("reason"), reason_label(verdict["reason"])),
        (gettext("step"), tier_label(verdict["tier"] or "")),
        (gettext("responsible"), verdict["responsible"]["name"] if verdict["responsible"] else "–"),
        (gettext("status"), verdict["status"]["name"] if verdict["status"] else "–"),
        (gettext("clients behind the number"), verdict["matches"]),
        (gettext("would be a conflict"), gettext("yes") if conflict else gettext("no")),
        (gettext("version of the rules"), gettext("draft") if tried and tried.is_draft else verdict["rules_version"]),
    ]
