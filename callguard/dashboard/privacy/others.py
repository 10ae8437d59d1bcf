"""Personal data of anybody, for administrators: handed out when he asks for it, erased when he asks for that."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from callguard.access.acting import acting, for_administrators
from callguard.dashboard.frame import shown
from callguard.dashboard.privacy.own import downloaded, spooled
from callguard.models import About, History, Origin, Substitution
from callguard.privacy.erasure import StillHere, erase_employee, erase_number
from callguard.privacy.files import NothingKept, hand_out_employee, hand_out_number
from callguard.privacy.retention import periods_in_force
from crm_mirror.models import Employee
from crm_mirror.phones import numbers_in

LINES_SHOWN = 20


class PersonForm(forms.Form):
    """One person: an employee, or a subscriber by his number. `sure` is asked for erasing only."""

    employee = forms.ModelChoiceField(
        label=gettext_lazy("Employee"),
        queryset=Employee.objects.all(),
        required=False,
        to_field_name="portal_id",
        widget=AutocompleteSelect(Substitution._meta.get_field("substitute"), admin.site),
    )
    number = forms.CharField(
        label=gettext_lazy("or a phone number"),
        required=False,
        max_length=255,
        help_text=gettext_lazy("Of somebody who called or was called, in any spelling."),
        widget=UnfoldAdminTextInputWidget,
    )
    sure = forms.BooleanField(
        label=gettext_lazy("I know that erasing cannot be undone"), required=False, widget=UnfoldBooleanWidget
    )

    def clean_number(self) -> str:
        text = self.cleaned_data["number"]
        numbers = numbers_in(text, settings.PHONE_REGION).numbers
        if text and len(numbers) != 1:
            raise forms.ValidationError(_("Write one phone number."), code="no-number")
        return numbers[0] if text else ""

    def clean(self) -> dict[str, Any]:
        sent = super().clean() or {}
        if not self.errors and bool(sent["employee"]) == bool(sent["number"]):
            raise forms.ValidationError(_("Choose an employee, or write a phone number."), code="nobody")
        if not self.errors and self.data.get("act") == "erase" and not sent["sure"]:
            self.add_error("sure", _("Tick it to erase."))
        return sent


@for_administrators
def page(request: HttpRequest) -> HttpResponseBase:
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = (erase if request.POST.get("act") == "erase" else hand_out)(request, form)
        if done is not None:
            return done
    context = {
        "form": form,
        "media": form.media,
        "periods": periods_in_force(),
        "lines": list(History.objects.filter(about=About.PERSON).order_by("-id")[:LINES_SHOWN]),
    }
    return shown(request, "privacy/others.html", context, title=_("Personal data"))


def hand_out(request: HttpRequest, form: PersonForm) -> HttpResponseBase | None:
    employee, number = form.cleaned_data["employee"], form.cleaned_data["number"]
    file = spooled()
    try:
        if employee:
            hand_out_employee(employee.portal_id, file, **_signed(request))
        else:
            hand_out_number(number, file, **_signed(request))
    except NothingKept:
        file.close()
        form.add_error(None, _("Nothing is kept about this person."))
        return None
    return downloaded(file)


def erase(request: HttpRequest, form: PersonForm) -> HttpResponseBase | None:
    employee, number = form.cleaned_data["employee"], form.cleaned_data["number"]
    try:
        if employee:
            calls = erase_employee(employee.portal_id, **_signed(request))
        else:
            calls = erase_number(number, **_signed(request))
    except StillHere:
        form.add_error("employee", _("He works here. Dismiss him in the portal first."))
        return None
    words = ngettext(
        "Erased; %(count)s call is without his data.", "Erased; %(count)s calls are without his data.", calls
    )
    messages.success(request, words % {"count": calls})
    return HttpResponseRedirect(reverse("dashboard:personal-data"))


def _signed(request: HttpRequest) -> dict[str, Any]:
    return {"by": acting(request), "origin": Origin.ADMIN, "at": timezone.now()}
