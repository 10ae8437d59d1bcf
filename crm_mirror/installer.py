"""The application's address for its initial installation: the portal shows it in a frame, or calls it by itself."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from crm_mirror.connection import Refused, WrongSettings
from crm_mirror.flood import is_flooded
from crm_mirror.installation import connect, offer_in
from crm_mirror.portal.errors import PortalError
from crm_mirror.words import remedy_words, trouble_words

MOST_A_MINUTE = 10  # anybody may post here, and each time the portal is asked
VENDOR = "https://api.bitrix24.com"  # its library tells the portal that the installation is finished


@csrf_exempt  # comes from the portal's page or server; it is proved by connect()
@xframe_options_exempt  # framed by the portal, and by nobody else: see the policy below
@require_POST
@sensitive_post_parameters()
def install(request: HttpRequest) -> HttpResponse:
    if is_flooded("installation", most=MOST_A_MINUTE):
        return page(request, 429, _("This page was called too often."), _("Open the application in a minute."))
    try:
        connect(offer_in(request.POST), at=timezone.now())
    except (Refused, WrongSettings) as refused:
        return page(request, 403, trouble_words(refused), remedy_words(refused))
    except PortalError as error:
        return page(request, 502, _("The portal cannot be asked now."), remedy_words(error))
    return page(request, 200, _("Call Guard is connected to the portal."), "")


def page(request: HttpRequest, status: int, detail: str, remedy: str) -> HttpResponse:
    told = {"detail": detail, "remedy": remedy, "is_connected": status == 200, "vendor": VENDOR}
    response = render(request, "crm_mirror/installation.html", told, status=status)
    framed_by = settings.PORTAL_ORIGIN or "'none'"
    response["Content-Security-Policy"] = f"default-src 'self'; script-src 'self' {VENDOR}; frame-ancestors {framed_by}"
    return response
