"""The page «Коробочный портал»: the package for the portal's local/, made for this installation, and its use."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from callguard.access.acting import acting, for_administrators
from callguard.bitrix_box import package
from crm_mirror.connection import WrongSettings

log = logging.getLogger(__name__)


@require_GET
def page(request: HttpRequest) -> TemplateResponse:
    return shown(request)


def shown(request: HttpRequest, *, status: int = 200) -> TemplateResponse:
    context = {**admin.site.each_context(request), "title": _("Boxed portal"), "line": package.line(), **readiness()}
    return TemplateResponse(request, "callguard/admin/box.html", context, status=status)


def readiness() -> dict[str, Any]:
    """What the package would say, or what is to be set first. Never the secret."""
    try:
        told = package.facts()
    except WrongSettings as wrong:
        return {"refusal": wrong}
    return {
        "facts": [
            (_("address of Call Guard"), told.address),
            (_("secret of the card tokens"), _("filled in from CARD_TOKEN_SECRET")),
            (_("status field"), told.status_field),
            (_("reference"), told.reference),
        ]
    }


@require_POST
def download(request: HttpRequest) -> HttpResponse:
    """The ZIP. By POST: it holds the secret, which no link shall bring to anybody. The admin's pages are not cached."""
    try:
        made = package.packed(package.facts())
    except WrongSettings:  # taken away since the page was opened; the page says it
        return shown(request, status=409)
    log.info("The package for the boxed portal was taken by %s", acting(request).name)
    answer = HttpResponse(made, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{package.NAME}"'
    return answer


app_name = "box"
urlpatterns = [
    path("box/", for_administrators(page), name="page"),
    path("box/package/", for_administrators(download), name="package"),
]
