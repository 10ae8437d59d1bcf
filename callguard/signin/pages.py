"""The page for who is not let in: why, and what to do. In the look of the sign-in page."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.translation import gettext as _

from crm_mirror.portal.errors import PortalError


def refusal(
    request: HttpRequest, status: int, detail: str, remedy: str, *, cause: PortalError | None = None
) -> HttpResponse:
    """`cause`: what the portal's side said, for an administrator who is asked for help. It holds no secret."""
    told = {
        "title": _("Not signed in"),
        "detail": detail,
        "remedy": remedy,
        "cause": cause,
        "login_url": resolve_url("admin:login"),
    }
    return render(request, "callguard/signin/refused.html", admin.site.each_context(request) | told, status=status)
