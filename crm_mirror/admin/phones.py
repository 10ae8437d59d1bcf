"""The index of numbers, and the list of CRM values that gave none: what somebody should clean in the portal."""

from typing import Any

from django.contrib import admin
from django.db.models import Case, OuterRef, QuerySet, Subquery, When
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.paginator import InfinitePaginator

from crm_mirror.admin.base import ReadOnlyAdmin, column
from crm_mirror.admin.pieces import admin_link, portal_link
from crm_mirror.admin.search import numbers_of, words_in
from crm_mirror.models import Company, Contact, EntityType, Lead, PhoneNumber, UnreadablePhone
from crm_mirror.phones import Kind

CARRIERS: dict[str, type[Company] | type[Contact] | type[Lead]] = {
    EntityType.COMPANY: Company,
    EntityType.CONTACT: Contact,
    EntityType.LEAD: Lead,
}
REASONS: dict[str, Any] = {  # Kind is a str
    Kind.INTERNAL: _("an internal number"),
    Kind.HIDDEN: _("a hidden number"),
    Kind.UNREADABLE: _("no number in it"),
}


def of_the_carrier(field: str) -> Case:
    """A field of the entity that the row belongs to, found by the index on its portal ID."""

    def from_table(model: Any) -> Subquery:
        return Subquery(model.objects.filter(portal_id=OuterRef("entity_id")).values(field)[:1])

    return Case(*(When(entity_type=kind, then=from_table(model)) for kind, model in CARRIERS.items()))


class CarriedAdmin(ReadOnlyAdmin):
    """Rows that belong to a company, contact or lead."""

    paginator = InfinitePaginator
    show_full_result_count = False
    ordering = ("id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        carrier = {"carrier_pk": of_the_carrier("pk"), "carrier_title": of_the_carrier("title")}
        rows: QuerySet[Any] = super().get_queryset(request).annotate(**carrier)
        return rows

    @column(_("belongs to"))
    def carrier(self, row: Any) -> str | SafeString:
        if row.carrier_pk is None:
            return f"ID {row.entity_id}"
        return admin_link(f"crm_mirror_{row.entity_type}", row.carrier_pk, row.carrier_title)

    @column(_("portal"))
    def portal_page(self, row: Any) -> str | SafeString:
        return portal_link(row.entity_type, row.entity_id)


@admin.register(PhoneNumber)
class PhoneNumberAdmin(CarriedAdmin):
    search_fields = ("e164",)
    search_help_text = _("A phone number in any spelling")
    list_display = ("e164", "entity_type", "carrier", "portal_page")
    list_filter = (("entity_type", ChoicesDropdownFilter),)
    fields = list_display
    readonly_fields = list_display

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not search_term.strip():
            return queryset, False
        return queryset.filter(e164__in=numbers_of(search_term)), False


class ReasonFilter(admin.SimpleListFilter):
    title = _("why")
    parameter_name = "why"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(REASONS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(UnreadablePhone)
class UnreadablePhoneAdmin(CarriedAdmin):
    search_fields = ("value",)
    search_help_text = _("Text in the CRM")
    list_display = ("value", "why", "entity_type", "carrier", "portal_page")
    list_filter = (("entity_type", ChoicesDropdownFilter), ReasonFilter)
    fields = list_display
    readonly_fields = list_display

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return queryset.filter(words_in("value", search_term)), False

    @column(_("why"))
    def why(self, row: UnreadablePhone) -> Any:
        return REASONS.get(row.kind, row.kind)
