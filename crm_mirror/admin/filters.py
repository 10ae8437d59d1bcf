"""Filters that lists of mirrored rows share."""

from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class PresenceFilter(SimpleListFilter):
    """Rows that the portal has, or those it has no longer."""

    title = _("in the portal")
    parameter_name = "presence"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return [("live", _("exists")), ("deleted", _("deleted"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "live":
                return queryset.filter(deleted_at=None)
            case "deleted":
                return queryset.exclude(deleted_at=None)
        return queryset
