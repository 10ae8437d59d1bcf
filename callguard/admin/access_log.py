"""Who looked at whose record: for administrators; each person reads of himself on the dashboard."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.paginator import InfinitePaginator

from callguard.models import AccessLog
from crm_mirror.admin.base import ReadOnlyAdmin, column
from crm_mirror.models import Employee


@admin.register(AccessLog)
class AccessLogAdmin(ReadOnlyAdmin):
    paginator = InfinitePaginator
    show_full_result_count = False
    ordering = ("-at", "-id")
    list_display = ("at", "reader_name", "person", "page", "detail")
    list_filter = ("page",)
    search_fields = ("reader_name", "=about_id", "detail")
    search_help_text = _("Who looked, or the portal ID of whose record it was")
    fields = ("at", "reader_name", "account", "person", "page", "detail")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccessLog]:
        name = Employee.objects.filter(portal_id=OuterRef("about_id")).values("name")[:1]
        rows: QuerySet[AccessLog] = super().get_queryset(request).annotate(name_of_person=Subquery(name))
        return rows

    @column(_("whose record"))
    def person(self, line: Any) -> Any:
        if line.about_id is None:
            return _("of the whole company")
        return line.name_of_person or f"ID {line.about_id}"
