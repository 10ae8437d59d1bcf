"""What a person sees whose password was tried too often (django-axes counts; the settings say how often)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callguard.signin.pages import refusal


def locked_out(
    request: HttpRequest, response: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """Tells nothing of whether there is such an account: names that do not exist are locked alike."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    told = ngettext(
        "Wait %(minutes)d minute and try again, or sign in with the portal account.",
        "Wait %(minutes)d minutes and try again, or sign in with the portal account.",
        minutes,
    )
    remedy = told % {"minutes": minutes}
    page = refusal(request, 429, _("The password was wrong too often from this address."), remedy)
    page["Retry-After"] = str(minutes * 60)
    return page
