"""Filters that lists of mirrored rows share."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter


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


class PersonFilter(AutocompleteSelectFilter):  # type: ignore[misc]  # unfold ships no types
    """One row of another page, found by typing. Names none that its reader may not open, not by a guessed ID either."""

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        pages = self.model_admin.admin_site.get_model_admin(self.field.remote_field.model)
        for choice in super().choices(changelist):
            choice["form"].fields[self.lookup_kwarg].queryset = pages.get_queryset(self.request)
            yield choice
