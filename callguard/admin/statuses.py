"""The company statuses as the mirror knows them, how many companies have each, and where a rule is missing."""

from typing import Any

from django.contrib import admin
from django.db.models import CharField, Count, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from callguard.admin.history import WithHistory
from callguard.models import About, Rule, StatusMatch, Tier
from crm_mirror.admin.base import ReadOnlyAdmin, column
from crm_mirror.models import Company, Status

GAP = ""  # no rule speaks of the status
NO_COLOUR = "none"


@admin.register(Status)
class StatusAdmin(WithHistory, ReadOnlyAdmin):
    """Fed by the portal, the order too: what were edited here the next sync would undo."""

    list_display = ("name", "value", "in_portal", "state", "companies", "company_rule", "contact_rule")
    fields = ("name", "value", "sort", "in_portal", "retired_at", "companies")
    readonly_fields = fields

    def history_of(self, obj: Status) -> tuple[list[About], object | None]:
        return [About.REFERENCE], obj.pk

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rules = {"by_company": rule_in(Tier.COMPANY), "by_contact": rule_in(Tier.COMPANY_CONTACT)}
        rows: QuerySet[Any] = super().get_queryset(request).annotate(company_count=live_companies(), **rules)
        return rows

    @column(_("state"), label={"used": "success", "retired": ""})
    def state(self, status: Status) -> tuple[str, Any]:
        return ("retired", _("retired")) if status.retired_at else ("used", _("in use"))

    @column(_("companies"), ordering="company_count")
    def companies(self, status: Any) -> int:
        return int(status.company_count)

    @column(_("rule: company"), label={"gap": "danger", "rule": ""})
    def company_rule(self, status: Any) -> tuple[str, Any]:
        return rule_label(status.by_company)

    @column(_("rule: contact of a company"), label={"gap": "danger", "rule": ""})
    def contact_rule(self, status: Any) -> tuple[str, Any]:
        return rule_label(status.by_contact)


def live_companies() -> Coalesce:
    """How many live companies have the status: read from the index on the status, for a handful of statuses."""
    having = Company.objects.live().filter(status_id=OuterRef("value")).order_by().values("status_id")
    return Coalesce(Subquery(having.annotate(rows=Count("pk")).values("rows")), 0, output_field=IntegerField())


def rule_in(tier: Tier) -> Coalesce:
    """Code of the palette that the step's rule gives the status, NO_COLOUR, or GAP."""
    colour = Coalesce("palette__code", Value(NO_COLOUR), output_field=CharField())
    in_step = Rule.objects.filter(tier=tier)
    for_this = in_step.filter(match=StatusMatch.ONE, status=OuterRef("pk"))
    for_any = in_step.filter(match=StatusMatch.ANY)
    return Coalesce(
        Subquery(for_this.values(colour=colour)[:1]), Subquery(for_any.values(colour=colour)[:1]), Value(GAP)
    )


def rule_label(colour: str) -> tuple[str, Any]:
    if colour == GAP:
        return ("gap", _("no rule"))
    return ("rule", _("no colour") if colour == NO_COLOUR else colour)
