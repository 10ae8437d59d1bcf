"""Companies, contacts, leads and deals: lists and pages. Made for a million rows: nothing is counted."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import BooleanRadioFilter, RelatedDropdownFilter
from unfold.paginator import InfinitePaginator

from crm_mirror.admin.base import column
from crm_mirror.admin.filters import PersonFilter, PresenceFilter
from crm_mirror.admin.pieces import NOTHING, Linking, admin_link, lines, portal_link
from crm_mirror.admin.search import NumberSearch
from crm_mirror.models import (
    Company,
    Contact,
    ContactCompany,
    Deal,
    Employee,
    Entity,
    EntityType,
    Lead,
    PhoneNumber,
    UnreadablePhone,
)

LISTED_LINKS = 50  # a page shows no more linked rows than these
OUTCOMES = {"P": _("in progress"), "S": _("won"), "F": _("lost")}


class EntityAdmin(Linking, NumberSearch):
    """What all four kinds show. `kind` is the portal's name of the kind in links."""

    kind = ""
    linked: tuple[str, ...] = ()
    paginator = InfinitePaginator  # counts nothing
    show_full_result_count = False
    search_fields = ("title",)  # shows the box; NumberSearch decides what it finds
    ordering = ("portal_id",)
    joined: tuple[str, ...] = ("responsible",)

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return [
            (None, {"fields": self.facts}),
            (_("Links"), {"fields": self.linked}),
            (_("By the portal's own record"), {"fields": self.history}),
        ]

    facts: tuple[str, ...] = ("title", "responsible_name", "portal_page")
    history: tuple[str, ...] = ("created_at", "created_by", "modified_at", "modified_by", "deleted_at", "merged_into")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return (*self.facts, *self.linked, *self.history)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Joined on pages too: reading a link to a row that the mirror lacks would raise DoesNotExist."""
        rows: QuerySet[Any] = super().get_queryset(request).select_related(*self.joined)
        return rows

    @column(_("responsible"), ordering="responsible__name")
    def responsible_name(self, row: Any) -> str | SafeString:
        return person(row.responsible_id, row.responsible)

    @column(_("portal"))
    def portal_page(self, row: Any) -> str | SafeString:
        return portal_link(self.kind, row.portal_id)

    @column(_("in the portal"), label={"live": "success", "deleted": "danger"})
    def presence(self, row: Any) -> tuple[str, Any]:
        return ("deleted", _("deleted")) if row.deleted_at else ("live", _("exists"))

    @column(_("created by"))
    def created_by(self, row: Any) -> str | SafeString:
        return self.somebody(row, row.created_by_id)

    @column(_("changed by"))
    def modified_by(self, row: Any) -> str | SafeString:
        return self.somebody(row, row.modified_by_id)

    def somebody(self, row: Any, portal_id: int | None) -> str | SafeString:
        """A colleague whose page its reader may not open is named all the same."""
        if portal_id is None:
            return NOTHING
        found = Employee.objects.filter(portal_id=portal_id)
        employee = found.first()
        if employee and not self.openable(row, found).exists():
            return str(employee)
        return person(portal_id, employee)

    def links(self, row: Any, linked: QuerySet[Any]) -> str | SafeString:
        """The first linked rows: links to their pages, the bare portal ID of one that the reader may not open."""
        entities: list[Entity] = list(linked.order_by("portal_id")[:LISTED_LINKS])
        ids = [entity.pk for entity in entities]
        among = self.openable(row, linked)
        opened = ids if among is linked else set(among.filter(pk__in=ids).values_list("pk", flat=True))
        return lines(link_to(entity) if entity.pk in opened else f"ID {entity.portal_id}" for entity in entities)

    @column(_("merged into"))
    def merged_into(self, row: Any) -> str | SafeString:
        return self.links(row, type(row).objects.filter(portal_id=row.merged_into_id))

    @column(_("numbers"))
    def numbers(self, row: Any) -> str | SafeString:
        return lines(PhoneNumber.objects.filter(entity_type=self.kind, entity_id=row.portal_id).order_by("id"))

    @column(_("unreadable phones"))
    def unreadable(self, row: Any) -> str | SafeString:
        return lines(UnreadablePhone.objects.filter(entity_type=self.kind, entity_id=row.portal_id).order_by("id"))

    @column(_("company"))
    def company(self, row: Any) -> str | SafeString:
        return self.links(row, Company.objects.filter(portal_id=row.company_id))

    @column(_("contact"))
    def contact(self, row: Any) -> str | SafeString:
        return self.links(row, Contact.objects.filter(portal_id=row.contact_id))

    @column(_("made from lead"))
    def lead(self, row: Any) -> str | SafeString:
        return self.links(row, Lead.objects.filter(portal_id=row.lead_id))

    @column(_("outcome"))
    def outcome(self, row: Any) -> Any:
        return OUTCOMES.get(row.semantic, NOTHING)


@admin.register(Company)
class CompanyAdmin(EntityAdmin):
    kind = "company"
    carrier_kinds = {EntityType.COMPANY: "portal_id"}
    list_display = (
        "title",
        "status_name",
        "responsible_name",
        "is_my_company",
        "presence",
        "modified_at",
        "portal_page",
    )
    joined = ("responsible", "status")
    list_filter = (
        ("status", RelatedDropdownFilter),
        ("responsible", PersonFilter),
        ("is_my_company", BooleanRadioFilter),
        PresenceFilter,
    )
    facts = ("title", "status_name", "responsible_name", "is_my_company", "portal_page")
    linked = ("numbers", "unreadable", "contacts", "lead")

    @column(_("status"), ordering="status__sort")
    def status_name(self, row: Company) -> str:
        """The name; the bare value of one that the reference lacks."""
        return str(row.status or row.status_id or NOTHING)

    @column(_("contacts"))
    def contacts(self, row: Company) -> str | SafeString:
        ids = ContactCompany.objects.filter(company_id=row.portal_id).values("contact_id")
        return self.links(row, Contact.objects.filter(portal_id__in=ids))


@admin.register(Contact)
class ContactAdmin(EntityAdmin):
    kind = "contact"
    carrier_kinds = {EntityType.CONTACT: "portal_id"}
    list_display = ("title", "responsible_name", "presence", "modified_at", "portal_page")
    list_filter = (("responsible", PersonFilter), PresenceFilter)
    linked = ("numbers", "unreadable", "companies", "lead")

    @column(_("companies"))
    def companies(self, row: Contact) -> str | SafeString:
        ids = ContactCompany.objects.filter(contact_id=row.portal_id).values("company_id")
        return self.links(row, Company.objects.filter(portal_id__in=ids))


@admin.register(Lead)
class LeadAdmin(EntityAdmin):
    kind = "lead"
    carrier_kinds = {EntityType.LEAD: "portal_id"}
    list_display = ("title", "status_id", "outcome", "responsible_name", "presence", "modified_at", "portal_page")
    list_filter = (("responsible", PersonFilter), PresenceFilter)
    facts = ("title", "status_id", "outcome", "responsible_name", "portal_page")
    linked = ("numbers", "unreadable", "company", "contact")


@admin.register(Deal)
class DealAdmin(EntityAdmin):
    """Deals carry no numbers: a number finds those of the companies and contacts that carry it."""

    kind = "deal"
    carrier_kinds = {EntityType.COMPANY: "company_id", EntityType.CONTACT: "contact_id"}
    list_display = ("title", "stage_id", "outcome", "amount", "currency", "responsible_name", "presence", "portal_page")
    list_filter = (("responsible", PersonFilter), PresenceFilter)
    facts = ("title", "stage_id", "outcome", "closed", "amount", "currency", "responsible_name", "portal_page")
    linked = ("company", "contact", "lead")


def person(portal_id: int | None, employee: Employee | None) -> str | SafeString:
    """Link to an employee; an ID that no employee has (bots, integrators) is shown as it is."""
    if employee:
        return admin_link("crm_mirror_employee", employee.pk, employee)
    return NOTHING if portal_id is None else f"ID {portal_id}"


def link_to(row: Entity) -> SafeString:
    """Marked where the portal has deleted it."""
    return admin_link(f"crm_mirror_{row._meta.model_name}", row.pk, f"{row.title} ✕" if row.deleted_at else row.title)
