"""What every admin page of ours builds on: who may look, and that the mirror is only looked at."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings
from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import HttpRequest
from django.utils.module_loading import import_string
from django.utils.text import capfirst
from django_stubs_ext import StrOrPromise
from unfold.decorators import display

if TYPE_CHECKING:  # unfold ships no types: its class would make ours Any
    from django.contrib.admin import ModelAdmin
else:
    from unfold.admin import ModelAdmin

Method = TypeVar("Method", bound=Callable[..., Any])


def column(
    title: StrOrPromise, *, ordering: str | None = None, label: Mapping[str, str] | None = None
) -> Callable[[Method], Method]:
    """unfold's `display` with types: a computed column or field. With `label` it returns (key of `label`, text)."""
    decorate: Callable[[Method], Method] = display(description=title, ordering=ordering, label=label)
    return decorate


def is_superuser(request: HttpRequest) -> bool:
    return request.user.is_active and request.user.is_superuser


def may_administer(request: HttpRequest) -> bool:
    """Whether the page's reader is an administrator, as the product around sees it (settings.MIRROR_ADMINISTRATOR)."""
    return bool(_judge(settings.MIRROR_ADMINISTRATOR)(request))


@cache
def _judge(name: str) -> Callable[[HttpRequest], bool]:
    judge: Callable[[HttpRequest], bool] = import_string(name) if name else is_superuser
    return judge


class CountingPaginator(Paginator[Any]):
    """For tables that are small enough to be counted."""

    template_name = "crm_mirror/admin/pagination.html"


class AdminPages(ModelAdmin[Any]):
    """Administrators only, whatever permissions a group may hold. Pages for others override `may_see`, `may_edit`."""

    paginator = CountingPaginator
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    list_filter_submit = True
    warn_unsaved_form = True

    def may_see(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """The row; without one the list."""
        return may_administer(request)

    def may_edit(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """The row; without one anything on the page."""
        return may_administer(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.may_see(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may_see(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may_edit(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may_edit(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may_edit(request, obj)


class ReadOnlyAdmin(AdminPages):
    """Rows that somebody else writes: the portal, or the program itself."""

    warn_unsaved_form = False

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def named_for_all(field: Any) -> Any:
    """A form field that says its name to screen readers where no label stands beside it: in the cells of a table."""
    if field:
        field.widget.attrs["aria-label"] = capfirst(field.label)
    return field
