"""The site around the pages: its first page, and the label that tells a demo from the real thing."""

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callguard.access.acting import may_enter
from crm_mirror import visitors

admin.site.index_title = gettext_lazy("Overview")  # in the language of the reader
admin.site.index_template = "callguard/admin/index.html"
admin.site.login_template = "callguard/admin/login.html"
admin.site.has_permission = may_enter  # type: ignore[method-assign]  # our policies, not Django's staff flag alone
admin.site.unregister(Group)  # rights do not come from groups here, so nobody should look for them there


def environment(request: HttpRequest) -> tuple[str, str] | None:
    """unfold's ENVIRONMENT: a label in the page's head, and its colour."""
    return (_("demo"), "warning") if settings.DEMO else None


def around(request: HttpRequest) -> dict[str, Any]:
    """unfold's GLOBAL_CALLBACK: whether one can sign in through the portal and where to, for every page.

    No `colors`, which would become an inline <style>: they are in colours.css.
    """
    wanted = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME, "")
    return {"portal_signin": visitors.may_come(), "signin_next": quote(wanted), "colors": None}
