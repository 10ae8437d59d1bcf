"""The page for who is not let in: why, and what to do. In the look of the sign-in page."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.translation import gettext as _

from crm_mirror.portal.errors import PortalError


def out_of_date(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW: a form that was open while its reader signed in elsewhere, or one of a foreign page."""
    remedy = _("Go back, load the page anew and send the form once more. Cookies must be allowed for this site.")
    return refusal(request, 403, _("The form has become out of date."), remedy, title=_("Not sent"))


def refusal(
    request: HttpRequest, status: int, detail: str, remedy: str, *, cause: PortalError | None = None, title: str = ""
) -> HttpResponse:
    """`cause`: what the portal's side said, for an administrator who is asked for help. It holds no secret."""
    told = {
        "title": title or _("Not signed in"),
        "detail": detail,
        "remedy": remedy,
        "cause": cause,
        "login_url": resolve_url("admin:login"),
    }
    return render(request, "callguard/signin/refused.html", admin.site.each_context(request) | told, status=status)
