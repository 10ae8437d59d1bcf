"""Employees and departments as the portal knows them."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import BooleanRadioFilter

from crm_mirror.admin.base import column
from crm_mirror.admin.filters import PresenceFilter
from crm_mirror.admin.pieces import Linking, admin_link, lines, portal_link
from crm_mirror.admin.search import NameSearch
from crm_mirror.models import Department, Employee


@admin.register(Employee)
class EmployeeAdmin(Linking, NameSearch):
    """Its search also serves every field of the admin where a person is chosen."""

    search_fields = ("name",)
    list_display = ("name", "position", "active", "user_type", "is_portal_admin", "portal_page")
    list_filter = (("active", BooleanRadioFilter), PresenceFilter)
    fields = (
        *("name", "position", "active", "user_type", "departments", "heads", "is_portal_admin"),
        *("deleted_at", "portal_page"),
    )
    readonly_fields = fields

    @column(_("departments"))
    def departments(self, row: Employee) -> str | SafeString:
        return self.named(row, Q(portal_id__in=row.department_ids))

    @column(_("head of"))
    def heads(self, row: Employee) -> str | SafeString:
        return self.named(row, Q(head_id=row.portal_id))

    def named(self, row: Employee, which: Q) -> str | SafeString:
        """Departments: links for who may open them, else their names."""
        found = Department.objects.filter(which)
        return lines(department_links(which) if self.openable(row, found).exists() else map(str, found))

    @column(_("portal"))
    def portal_page(self, row: Employee) -> str | SafeString:
        return portal_link("employee", row.portal_id)


@admin.register(Department)
class DepartmentAdmin(NameSearch):
    search_fields = ("name",)
    list_display = ("name", "parent", "head", "sort")
    list_select_related = ("parent", "head")
    list_filter = (PresenceFilter,)
    fields = ("name", "parent", "head", "sort", "parts", "deleted_at")
    readonly_fields = fields

    @column(_("departments below"))
    def parts(self, row: Department) -> str | SafeString:
        return lines(department_links(Q(parent_id=row.portal_id)))


def department_links(which: Q) -> list[Any]:
    return [admin_link("crm_mirror_department", row.pk, row.name) for row in Department.objects.filter(which)]
