"""Accounts: who signs in here, and who that is in the portal."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from callguard.models import Account
from crm_mirror.admin.base import AdminPages


@admin.register(Account)
class AccountAdmin(AdminPages, UserAdmin[Account]):
    """Two switches: may sign in to the pages at all; may do everything here, whatever the portal says of him."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "get_full_name", "employee", "is_active", "is_superuser", "last_login")
    list_select_related = ["employee"]
    list_filter = ("is_active", "is_superuser")
    filter_horizontal = ()
    autocomplete_fields = ["employee"]
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password", "employee")}),
        (_("Personal info"), {"fields": ("first_name", "last_name", "email")}),
        (_("Permissions"), {"fields": ("is_active", "is_staff", "is_superuser")}),
        (_("Important dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "usable_password", "password1", "password2")}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Who one is in the portal another administrator changes: else one would decide on oneself as somebody else."""
        fields = super().get_readonly_fields(request, obj)
        is_settled = isinstance(obj, Account) and obj == request.user and obj.employee_id is not None
        return (*fields, "employee") if is_settled else fields

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody locks himself out."""
        return super().has_delete_permission(request, obj) and obj != request.user
