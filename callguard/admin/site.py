"""The site around the pages: its first page, and the label that tells a demo from the real thing."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callguard.admin.acting import may_enter

admin.site.index_title = gettext_lazy("Overview")  # in the language of the reader
admin.site.index_template = "callguard/admin/index.html"
admin.site.has_permission = may_enter  # type: ignore[method-assign]  # our policies, not Django's staff flag alone
admin.site.unregister(Group)  # rights do not come from groups here, so nobody should look for them there


def environment(request: HttpRequest) -> tuple[str, str] | None:
    """unfold's ENVIRONMENT: a label in the page's head, and its colour."""
    return (_("demo"), "warning") if settings.DEMO else None
