"""Substitutions: who may work with whose clients, from which day to which."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from callguard import substitutions
from callguard.access.acting import acting
from callguard.access.actors import NOBODY, Actor
from callguard.access.policies import may_enter_substitution, may_see_substitutions
from callguard.admin.history import WithHistory
from callguard.admin.scopes import Scoped
from callguard.models import About, Substitution
from crm_mirror.admin.base import AdminPages, column
from crm_mirror.admin.search import words_in
from crm_mirror.models import Employee

ASKED = ("substitute", "substituted", "first_day", "last_day")
OWN_DAYS_GONE = _("Your own substitution for days that have come is entered by another manager.")


class SubstitutionForm(forms.ModelForm[Substitution]):
    actor: Actor = NOBODY  # who fills it in; SubstitutionAdmin.get_form says

    class Meta:
        help_texts = {
            "substitute": _(
                "Only the clients of the absent employee count as his own, not those of whom that one stands in for."
            ),
            "last_day": _("This day counts too. Several people may stand in for one, each with an entry of his own."),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if set(ASKED) <= cleaned.keys():  # else a field of its own has something to say already
            entry = Substitution(pk=self.instance.pk, **{name: cleaned[name] for name in ASKED})
            if meeting := substitutions.overlapping(entry):
                raise forms.ValidationError(refusal(meeting), code="overlap")
            try:
                substitutions.refuse_own_days_gone(entry, by=self.actor, at=timezone.now())
            except substitutions.OwnDaysGone as refused:
                raise forms.ValidationError(OWN_DAYS_GONE, code="own_days_gone") from refused
        return cleaned


def refusal(meeting: Substitution) -> str:
    """What whoever enters a second one is told."""
    return _("%(who)s already substitutes %(whom)s from %(first)s to %(last)s. Change that entry instead.") % {
        "who": meeting.substitute,
        "whom": meeting.substituted,
        "first": date_format(meeting.first_day),
        "last": date_format(meeting.last_day),
    }


def refused_own_days(request: HttpRequest) -> HttpResponse:
    messages.error(request, OWN_DAYS_GONE)
    return HttpResponseRedirect(request.get_full_path())


class TimeFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("now", _("in force")), ("ahead", _("ahead")), ("over", _("over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        today = timezone.localdate()
        match self.value():
            case "now":
                return queryset.filter(first_day__lte=today, last_day__gte=today)
            case "ahead":
                return queryset.filter(first_day__gt=today)
            case "over":
                return queryset.filter(last_day__lt=today)
        return queryset


@admin.register(Substitution)
class SubstitutionAdmin(Scoped, WithHistory, AdminPages):
    form = SubstitutionForm
    list_display = ("substitute", "substituted", "first_day", "last_day", "state", "entered_by")
    list_select_related = ["substitute", "substituted", "entered_by"]
    list_filter = (TimeFilter,)
    search_fields = ("substitute__name", "substituted__name")
    search_help_text = _("Name of an employee")
    autocomplete_fields = ["substitute", "substituted"]
    fields = ASKED

    history_about = (About.SUBSTITUTION,)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found = words_in("substitute__name", search_term) | words_in("substituted__name", search_term)
        return queryset.filter(found), False

    def may_edit(self, request: HttpRequest, obj: Model | None = None) -> bool:
        actor = acting(request)
        return may_see_substitutions(actor) and (obj is None or may_enter_substitution(actor, obj.substituted_id))  # type: ignore[attr-defined]  # a Substitution

    def get_form(self, request: HttpRequest, obj: Any | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Whoever stands in already may stay, though somebody with more people chose him."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.actor = acting(request)
        if obj is not None and (field := form.base_fields.get("substitute")):
            field.queryset = field.queryset | Employee.objects.filter(portal_id=obj.substitute_id)
        return form

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field: Any = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "substituted" and not (actor := acting(request)).is_administrator:
            field.queryset = field.queryset.filter(portal_id__in=actor.manages)
            field.error_messages["invalid_choice"] = _("Choose somebody whom you manage.")
        return field

    @column(_("state"), label={"now": "success", "ahead": "info", "over": ""})
    def state(self, row: Substitution) -> tuple[str, Any]:
        today = timezone.localdate()
        if today > row.last_day:
            return ("over", _("over"))
        return ("now", _("in force")) if row.first_day <= today else ("ahead", _("ahead"))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except substitutions.Overlapping as other:  # entered while this form was on its way
            messages.error(request, refusal(other.entry))
            return HttpResponseRedirect(request.get_full_path())
        except substitutions.OwnDaysGone:  # midnight came while this form was on its way
            return refused_own_days(request)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except substitutions.OwnDaysGone:
            return refused_own_days(request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        try:
            return super().changelist_view(request, extra_context)
        except substitutions.OwnDaysGone:  # one of those that were to be deleted
            return refused_own_days(request)

    def save_model(self, request: HttpRequest, obj: Substitution, form: Any, change: bool) -> None:
        if not change:
            obj.entered_by = request.user  # type: ignore[assignment]  # signed in: an Account
        substitutions.enter(obj, by=acting(request), at=timezone.now())

    def delete_model(self, request: HttpRequest, obj: Substitution) -> None:
        substitutions.take_back(obj, by=acting(request), at=timezone.now())

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """All or none."""
        for entry in queryset.select_related("substitute", "substituted"):
            self.delete_model(request, entry)
