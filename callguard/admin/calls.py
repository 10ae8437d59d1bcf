"""Calls as they were answered, frozen, and among them the conflicts. Nobody adds, changes or removes one."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, QuerySet, Subquery
from django.forms import DateField
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime, make_aware
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.paginator import InfinitePaginator

from callguard.access.acting import acting
from callguard.admin.probe import probe_view
from callguard.admin.scopes import Scoped
from callguard.calls import Conclusion, outcome_of
from callguard.models import Call, Conflict, Opened, Palette
from callguard.privacy import note_access
from callguard.words import reason_label, tier_label
from crm_mirror.admin.base import ReadOnlyAdmin, column
from crm_mirror.admin.filters import PersonFilter
from crm_mirror.admin.pieces import NOTHING, admin_link, pretty_json
from crm_mirror.admin.search import numbers_of
from crm_mirror.models import Company, Contact, Employee, Entity, Lead

NO_COLOUR = "none"
CLIENTS: dict[str, type[Entity]] = {"company": Company, "contact": Contact, "lead": Lead}  # by Call.entity_type


class DaysFilter(RangeDateFilter):  # type: ignore[misc]  # unfold ships no types
    """From the first moment of one day to the last of another, by the site's clock; what is no day is passed over."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if first := self._day("from"):
            queryset = queryset.filter(rung_at__gte=first)
        if last := self._day("to"):
            queryset = queryset.filter(rung_at__lt=last + timedelta(days=1))
        return queryset

    def _day(self, end: str) -> datetime | None:
        try:  # as the language writes days; unfold's own reading knows English ones only
            day = DateField(required=False).clean(self.used_parameters.get(f"{self.parameter_name}_{end}"))
        except ValidationError:
            return None
        return make_aware(datetime(day.year, day.month, day.day)) if day else None  # noqa: DTZ001 -- made aware here


class ColourFilter(admin.SimpleListFilter):
    title = _("colour")
    parameter_name = "colour"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        codes = Palette.objects.values_list("code", flat=True)
        return [*((code, code) for code in codes), (NO_COLOUR, _("no colour"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(colour=self.value()) if self.value() else queryset


class OutcomeFilter(admin.SimpleListFilter):
    title = _("outcome")
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("heeded", _("heeded")), ("proceeded", _("proceeded")), ("unknown", _("not known yet"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "heeded":
                return queryset.filter(answered=False)
            case "proceeded":
                return queryset.filter(answered=True)
            case "unknown":
                return queryset.filter(answered=None)
        return queryset


class CallPages(Scoped, ReadOnlyAdmin):
    """What calls and conflicts share. Names come by subquery: a caller may be missing from the mirror."""

    paginator = InfinitePaginator
    show_full_result_count = False
    ordering = ("-rung_at",)
    search_fields = ("call_id",)
    search_help_text = _("A phone number in any spelling, or the call's ID")
    list_display = (
        *("when", "caller_name", "number", "colour_chip", "outcome", "why", "client"),
        *("responsible", "direction"),
    )
    list_display_links = ("when",)
    list_filter: ClassVar[Any] = (
        ("rung_at", DaysFilter),
        ("caller", PersonFilter),
        ColourFilter,
        ("direction", ChoicesDropdownFilter),
    )
    fieldsets = (
        (_("The call"), {"fields": ("rung_at", "caller_name", "number", "direction", "call_id", "page")}),
        (
            _("The verdict"),
            {
                "fields": (
                    *("card", "why", "step", "client", "survivor", "through", "responsible_then", "status_then"),
                    *("is_conflict", "rules_version", "mirror_age"),
                )
            },
        ),
        (_("How it ended"), {"fields": ("ended_at", "outcome_words", "answered", "duration", "ended_by")}),
        (_("Everything that was answered"), {"fields": ("verdict_json",), "classes": ("collapse",)}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [name for _title, options in self.fieldsets for name in options["fields"]]  # type: ignore[misc]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        name = Employee.objects.filter(portal_id=OuterRef("caller_id")).values("name")[:1]
        rows: QuerySet[Any] = super().get_queryset(request).annotate(name_of_caller=Subquery(name))
        return rows

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not (term := search_term.strip()):
            return queryset, False
        numbers = numbers_of(term)
        return queryset.filter(number__in=numbers) if numbers else queryset.filter(call_id=term), False

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        if call := context.get("original"):
            note_access(acting(request), about=call.caller_id, page=Opened.CALL, at=timezone.now(), detail=call.call_id)
        return super().render_change_form(request, context, *args, **kwargs)

    @column(_("time"), ordering="rung_at")
    def when(self, call: Call) -> str:
        return date_format(localtime(call.rung_at), "SHORT_DATETIME_FORMAT")

    @column(_("caller"))
    def caller_name(self, call: Any) -> str:
        return call.name_of_caller or f"ID {call.caller_id}"

    @column(_("colour"), ordering="colour")
    def colour_chip(self, call: Call) -> str | SafeString:
        return chip(call.verdict.get("palette")) or str(_("no colour"))

    @column(_("reason"))
    def why(self, call: Call) -> Any:
        return reason_label(call.reason)

    @column(_("client"))
    def client(self, call: Call) -> str | SafeString:
        return linked(call.verdict.get("entity"))

    @column(_("merged into since"))
    def survivor(self, call: Call) -> str | SafeString:
        if call.survivor_id is None:
            return NOTHING
        row = self.openable(call, CLIENTS[call.entity_type].objects.filter(portal_id=call.survivor_id)).first()
        return admin_link(f"crm_mirror_{call.entity_type}", row.pk, row) if row else f"ID {call.survivor_id}"

    @column(_("through the contact"))
    def through(self, call: Call) -> str | SafeString:
        return linked(call.verdict.get("contact"))

    @column(_("responsible then"))
    def responsible(self, call: Call) -> str:
        return named(call.verdict.get("responsible"))

    @column(_("responsible at that moment"))
    def responsible_then(self, call: Call) -> str:
        return named(call.verdict.get("responsible"))

    @column(_("status at that moment"))
    def status_then(self, call: Call) -> str:
        return named(call.verdict.get("status"))

    @column(_("step"))
    def step(self, call: Call) -> Any:
        return tier_label(call.tier)

    @column(_("conflict"))
    def is_conflict(self, call: Call) -> Any:
        return _("yes") if call.conflict else _("no")

    @column(_("outcome"), label={"heeded": "success", "proceeded": "danger", "": ""})
    def outcome(self, call: Call) -> tuple[str, Any]:
        match outcome_of(call):
            case Conclusion.HEEDED:
                return ("heeded", _("heeded"))
            case Conclusion.PROCEEDED:
                return ("proceeded", _("proceeded"))
        return ("", NOTHING)

    @column(_("outcome"))
    def outcome_words(self, call: Call) -> Any:
        return self.outcome(call)[1]

    @column(_("card as shown"))
    def card(self, call: Call) -> str | SafeString:
        if not (palette := call.verdict.get("palette")):
            return str(_("The card kept its own colours."))
        context = {"palette": palette, "message": call.verdict.get("message")}
        return render_to_string("callguard/admin/card.html", context)

    @column(_("page of the call"))
    def page(self, call: Call) -> SafeString:
        address = reverse("dashboard:conflict" if call.conflict else "dashboard:call", args=[call.pk])
        return format_html('<a class="text-link" href="{}">{}</a>', address, _("What became of it"))

    @column(_("verdict"))
    def verdict_json(self, call: Call) -> SafeString:
        return pretty_json(call.verdict)


@admin.register(Call)
class CallAdmin(CallPages):
    """Also the home of the probe, which asks like a call and leaves none."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.probe)
        return [path("probe/", view, name="callguard_call_probe"), *super().get_urls()]

    def probe(self, request: HttpRequest) -> Any:
        return probe_view(request, self)


@admin.register(Conflict)
class ConflictAdmin(CallPages):
    list_filter = (*CallPages.list_filter, OutcomeFilter)


def chip(palette: dict[str, Any] | None) -> SafeString | None:
    """The palette's label in its colours."""
    if not palette:
        return None
    words = '<span class="callguard-chip" data-css="background:{};color:{}">{}</span>'
    return format_html(words, palette["background"], palette["text"], palette["label"])


def linked(entity: dict[str, Any] | None) -> str | SafeString:
    """`entity` or `contact` of a verdict: its title, a link to the portal's page where there is one."""
    if not entity:
        return NOTHING
    title = entity["title"] or f"ID {entity['id']}"
    link = '<a class="text-link" href="{}" target="_blank" rel="noopener noreferrer">{}</a>'
    return format_html(link, entity["url"], title) if entity.get("url") else str(title)


def named(person_or_status: dict[str, Any] | None) -> str:
    return str(person_or_status["name"]) if person_or_status else NOTHING
