"""Who is told of what: one's own digest, and for administrators the switches and the quiet hours."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from callguard.access.acting import acting
from callguard.access.actors import Actor
from callguard.access.policies import may_administer, may_choose_digest
from callguard.dashboard.frame import shown
from callguard.models import DigestChoice, Letter, Notice, NoticeSettings, Rhythm
from callguard.notices import choices, digests, letters
from callguard.notices import digest_words as words

WEEK = timedelta(days=7)


class ClockInput(UnfoldAdminTextInputWidget):  # type: ignore[misc]  # unfold ships no types
    """The browser's own field for a time of day."""

    input_type = "time"

    def format_value(self, value: Any) -> str | None:
        return f"{value:%H:%M}" if isinstance(value, time) else value


class ChoiceForm(forms.ModelForm[DigestChoice]):
    class Meta:
        model = DigestChoice
        fields = choices.CHOICE
        widgets = {
            "rhythm": UnfoldAdminSelectWidget,
            "by_portal": UnfoldBooleanSwitchWidget,
            "by_email": UnfoldBooleanSwitchWidget,
        }

    def clean(self) -> dict[str, Any]:
        wanted = super().clean() or {}
        if wanted.get("rhythm") != Rhythm.NEVER and not (wanted.get("by_portal") or wanted.get("by_email")):
            raise forms.ValidationError(_("Choose a way by which it comes, or “never”."), code="no-way")
        return wanted


class SwitchesForm(forms.ModelForm[NoticeSettings]):
    class Meta:
        model = NoticeSettings
        fields = choices.SWITCHES
        widgets = {
            "tells_responsible": UnfoldBooleanSwitchWidget,
            "quiet_from": ClockInput,
            "quiet_until": ClockInput,
            "quiet_weekends": UnfoldBooleanSwitchWidget,
            "digest_at": ClockInput,
            "digest_weekday": UnfoldAdminSelectWidget,
            "rhythm": UnfoldAdminSelectWidget,
        }


def page(request: HttpRequest) -> HttpResponse:
    """Both forms; a POST says by `act` which of them was sent."""
    act = request.POST.get("act", "") if request.method == "POST" else ""
    now, actor = timezone.now(), acting(request)
    chosen = choices.in_force(at=now)
    own = own_form(request, actor, chosen, is_sent=act == "choose")
    switches = switches_form(request, actor, chosen, is_sent=act == "switches")
    if act:
        sent = {"choose": own, "switches": switches}.get(act)
        if sent is None:
            raise PermissionDenied
        if sent.is_valid():
            saved(sent, actor, at=now)
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("dashboard:notices"))
    context = {"own": own, "switches": switches, **standing(actor, chosen, at=now)}
    return shown(request, "notices.html", context, title=_("Notices"))


def own_form(request: HttpRequest, actor: Actor, chosen: NoticeSettings, *, is_sent: bool) -> ChoiceForm | None:
    if not may_choose_digest(actor) or actor.employee_id is None:
        return None
    row = choices.chosen_by(actor.employee_id, chosen)
    return ChoiceForm(request.POST if is_sent else None, instance=row, prefix="own")


def switches_form(request: HttpRequest, actor: Actor, chosen: NoticeSettings, *, is_sent: bool) -> SwitchesForm | None:
    if not may_administer(actor):
        return None
    row = NoticeSettings.objects.get(pk=chosen.pk)  # of its own: a form writes into its row before it is valid
    return SwitchesForm(request.POST if is_sent else None, instance=row, prefix="all")


def saved(form: ChoiceForm | SwitchesForm, actor: Actor, *, at: datetime) -> None:
    if isinstance(form, SwitchesForm):
        choices.set_switches(form.cleaned_data, by=actor, at=at)
    elif actor.employee_id is not None:
        choices.choose(actor.employee_id, form.cleaned_data, by=actor, at=at)


def standing(actor: Actor, chosen: NoticeSettings, *, at: datetime) -> dict[str, Any]:
    """What the page says beside its forms: the way letters take, what waits, and how a digest looks."""
    address = digests.address_of(actor.employee_id) if actor.employee_id else ""
    return {
        "address": address,
        "can_mail": letters.can_be_sent(),
        "has_links": bool(settings.PUBLIC_URL),
        "dead_letters": Letter.objects.filter(state=Letter.State.DEAD).count() if may_administer(actor) else 0,
        "preview": preview(actor, at=at),
    }


def preview(actor: Actor, *, at: datetime) -> str:
    """The letter as it would be of the last seven days; "" for who gets none."""
    if not may_choose_digest(actor) or actor.employee_id is None:
        return ""
    today = timezone.localdate(at)
    row = Notice(employee_id=actor.employee_id, first_day=today - WEEK, last_day=today - digests.DAY)
    return words.letter(digests.told_of(row, actor, at=at))
