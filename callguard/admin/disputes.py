"""Disputes as a table, for administrators and for those who manage the caller. They are decided on the call's page."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from callguard.admin.calls import chip, linked, named
from callguard.admin.scopes import Scoped
from callguard.models import Dispute
from crm_mirror.admin.base import ReadOnlyAdmin, column
from crm_mirror.admin.pieces import NOTHING, admin_link
from crm_mirror.models import Employee


@admin.register(Dispute)
class DisputeAdmin(Scoped, ReadOnlyAdmin):
    """Names come by subquery: a caller may be missing from the mirror."""

    list_display = (
        *("when", "caller_name", "reason", "comment", "state", "due_at", "colour_chip", "client", "responsible"),
        "told_names",
    )
    list_filter = (("state", ChoicesDropdownFilter), ("reason", ChoicesDropdownFilter))
    list_display_links = ("when",)
    list_select_related = ("call",)
    search_fields = ("=call__call_id", "comment")
    search_help_text = _("The call's ID, or words of the comment")
    fields: ClassVar[Any] = (
        *("when", "caller_name", "reason", "comment", "evidence", "link", "told_names"),
        *("state", "due_at", "reminded_at", "escalated_at", "decided_at", "decided_by_name", "decided_words", "page"),
        *("call_link", "colour_chip", "client", "responsible"),
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        name = Employee.objects.filter(portal_id=OuterRef("by_id")).values("name")[:1]
        rows = super().get_queryset(request).select_related("call")
        named_rows: QuerySet[Any] = rows.annotate(name_of_caller=Subquery(name))
        return named_rows

    @column(_("time"), ordering="at")
    def when(self, said: Dispute) -> str:
        return date_format(localtime(said.at), "SHORT_DATETIME_FORMAT")

    @column(_("caller"))
    def caller_name(self, said: Any) -> str:
        return said.name_of_caller or f"ID {said.by_id}"

    @column(_("told"))
    def told_names(self, said: Dispute) -> str:
        return ", ".join(person["name"] for person in said.told) or NOTHING

    @column(_("call"))
    def call_link(self, said: Dispute) -> SafeString:
        return admin_link("callguard_call", said.call.pk, said.call)

    @column(_("page of the call"))
    def page(self, said: Dispute) -> SafeString:
        address = reverse("dashboard:conflict", args=[said.call.pk])
        return format_html('<a class="text-link" href="{}">{}</a>', address, _("Disputes and decision"))

    @column(_("colour"))
    def colour_chip(self, said: Dispute) -> str | SafeString:
        return chip(said.call.verdict.get("palette")) or str(_("no colour"))

    @column(_("client"))
    def client(self, said: Dispute) -> str | SafeString:
        return linked(said.call.verdict.get("entity"))

    @column(_("responsible then"))
    def responsible(self, said: Dispute) -> str:
        return named(said.call.verdict.get("responsible"))
