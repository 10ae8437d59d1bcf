"""The list of the portal's administrators: looked through, completed by hand, and confirmed to be whole."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from callguard import administrators
from callguard.access.acting import acting
from callguard.access.administrators import list_is_complete
from callguard.administrators import EmptyList, Known, NotRemovable, Source
from callguard.models import About, Account, History, Substitution
from crm_mirror.models import Employee

LINES_SHOWN = 10
SOURCES: dict[Source, StrOrPromise] = {
    Source.SETTING: gettext_lazy("BITRIX_ADMIN_IDS names him"),
    Source.CONNECTION: gettext_lazy("the connection acts for him, and the portal says that he is one"),
    Source.BY_HAND: gettext_lazy("added by hand"),
    Source.SHOWN: gettext_lazy("the portal said so when he signed in or got a card token"),
}


class AddForm(forms.Form):
    """Chosen from the employees, so that nobody has to know an ID."""

    employee = forms.ModelChoiceField(
        label=gettext_lazy("Employee"),
        queryset=Employee.objects.filter(deleted_at=None),
        to_field_name="portal_id",
        widget=AutocompleteSelect(Substitution._meta.get_field("substitute"), admin.site),
    )


def page(request: HttpRequest) -> HttpResponse:
    title = {"title": _("Administrators of the portal"), "back": "page"}
    context = {**admin.site.each_context(request), **title, **the_list()}
    return TemplateResponse(request, "callguard/admin/administrators.html", context)


def the_list(form: AddForm | None = None) -> dict[str, Any]:
    """What templates/callguard/admin/setup/administrators.html shows; also a step of the set-up. Six queries."""
    form = form or AddForm()
    return {
        "form": form,
        "media": form.media,
        "known": [(one, how_known(one)) for one in administrators.known()],
        "is_whole": list_is_complete(),
        "is_named_by_setting": bool(settings.BITRIX_ADMIN_IDS),
        "confirmation": administrators.confirmation(),
        "guard": settings.STATUS_GUARD,
        "lines": list(History.objects.filter(about=About.ADMINISTRATORS).order_by("-id")[:LINES_SHOWN]),
    }


def how_known(one: Known) -> StrOrPromise:
    if one.source == Source.BY_HAND and one.by:
        return _("added by hand: %(name)s") % {"name": one.by}
    return SOURCES[one.source]


def change(request: HttpRequest) -> HttpResponse:
    """One of the page's buttons: `act` says which, `back` where the page was shown."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    acts = {"add": add, "remove": remove, "confirm": confirm, "withdraw": withdraw}
    if (act := acts.get(request.POST.get("act", ""))) is None:
        raise Http404
    act(request)
    is_wizard = request.POST.get("back") == "wizard"
    return HttpResponseRedirect(
        reverse("setup:step", args=["administrators"]) if is_wizard else reverse("setup:administrators")
    )


def add(request: HttpRequest) -> None:
    form = AddForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose an employee first."))
        return
    employee: Employee = form.cleaned_data["employee"]
    administrators.add(employee, by=acting(request), at=timezone.now())
    messages.success(request, _("%(name)s is on the list.") % {"name": employee.name})


def remove(request: HttpRequest) -> None:
    portal_id = request.POST.get("employee", "")
    employee = Employee.objects.filter(portal_id=int(portal_id)).first() if portal_id.isdecimal() else None
    if employee is None:
        raise Http404
    try:
        administrators.remove(employee, by=acting(request), at=timezone.now())
    except NotRemovable as lasting:
        messages.error(
            request,
            _("%(name)s stays on the list: %(why)s.") % {"name": employee.name, "why": SOURCES[lasting.source]},
        )
    else:
        messages.success(request, _("%(name)s is no longer on the list.") % {"name": employee.name})


def confirm(request: HttpRequest) -> None:
    account = request.user
    if not isinstance(account, Account):
        raise Http404
    try:
        administrators.confirm(account, by=acting(request), at=timezone.now())
    except EmptyList:
        messages.error(request, _("A portal has at least one administrator: add him first."))
    else:
        messages.success(request, _("The list is confirmed."))


def withdraw(request: HttpRequest) -> None:
    administrators.withdraw(by=acting(request), at=timezone.now())
    messages.success(request, _("The confirmation is taken back."))
