"""Pages inside the cloud's own: the call card's tab, and the worker that never shows itself.

The portal opens them by POST and signs nothing (rest.md §9). Whose browser it is the configured portal says, asked with
the token that came along; then the page gets a card token of ours and asks the same API as the card script.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from callguard.access import tokens
from callguard.access.addresses import network_of
from callguard.access.administrators import learn
from callguard.access.signin import refuse_who_may_not
from crm_mirror import visitors
from crm_mirror.connection import Refused, WrongSettings
from crm_mirror.flood import is_flooded
from crm_mirror.portal.errors import PortalError
from crm_mirror.portal.secret import Secret

LIFE = timedelta(hours=2)  # of a card token; the page fetches the next one by itself
MOST_FROM_ONE = 300  # openings a minute that ask the portal; a whole office may come from one address
REMEMBERED = 300  # seconds in which the same token of the portal is not asked about again: workers open with each page
CAUGHT = (Refused, WrongSettings, PortalError)


@csrf_exempt  # comes from the portal's page; nothing posted is believed unproved
@xframe_options_exempt  # framed by the portal, and by nobody else: see `framed`
@never_cache
@require_POST
@sensitive_post_parameters()
def card(request: HttpRequest) -> HttpResponse:
    """CALL_CARD: the palette's full background with the verdict, beside the portal's own card."""
    try:
        return page(request, "callguard/cloud/card.html", token=token_for(request))
    except CAUGHT as error:
        return page(request, "callguard/cloud/sorry.html", status=status_of(error), **words_of(error))


@csrf_exempt
@xframe_options_exempt
@never_cache
@require_POST
@sensitive_post_parameters()
def worker(request: HttpRequest) -> HttpResponse:
    """PAGE_BACKGROUND_WORKER: sets title and status text of cards that other telephony shows. Nobody sees the page."""
    try:
        return page(request, "callguard/cloud/worker.html", token=token_for(request))
    except CAUGHT as error:
        return page(request, "callguard/cloud/sorry.html", status=status_of(error), **words_of(error))


@csrf_exempt  # proved by the portal's token in the body, as the pages are; no cookie counts here
@never_cache
@require_POST
@sensitive_post_parameters()
def fresh_token(request: HttpRequest) -> JsonResponse:
    """`AUTH_ID` → `{"token": …}`: the next card token for a page that has stood for long."""
    try:
        return JsonResponse({"token": token_for(request)})
    except CAUGHT as error:
        return JsonResponse(words_of(error), status=status_of(error))


@csrf_exempt
@xframe_options_exempt
@require_POST
def worker_failed(request: HttpRequest) -> HttpResponse:
    """Where the portal turns when it cannot load the worker's page: there is nothing to repair from here."""
    return HttpResponse(status=204)


def token_for(request: HttpRequest) -> str:
    """A card token for the bearer of the portal's access token. Raises Refused, WrongSettings, PortalError."""
    if not settings.CARD_TOKEN_SECRET:
        raise WrongSettings(_("CARD_TOKEN_SECRET is not set."), _("An administrator puts a long random one into .env."))
    access = Secret(request.POST.get("AUTH_ID", "")[:255])
    if not access:
        raise Refused(_("The portal opens this page in a call card; it does not open by itself."), "")
    guest = guest_with(access, request)
    refuse_who_may_not(guest.portal_id)
    known = tokens.CardToken(guest.portal_id, guest.is_admin)
    return tokens.issued(known, secret=settings.CARD_TOKEN_SECRET, ttl=LIFE, at=timezone.now())


def guest_with(access: Secret, request: HttpRequest) -> visitors.Guest:
    """Whom the portal names, asked once in a while. Raises as `token_for`."""
    key = "callguard.cloud." + hashlib.sha256(access.encode()).hexdigest()
    known: visitors.Guest | None = cache.get(key)
    if known is None:
        if is_flooded(f"cloud.{network_of(request)}", most=MOST_FROM_ONE):
            raise Refused(_("This page was called too often."), _("It works again in a minute."))
        known = visitors.guest_bearing(access)
        cache.set(key, known, REMEMBERED)
        learn(known.portal_id, is_admin=known.is_admin)
    return known


def status_of(error: Exception) -> int:
    return 502 if isinstance(error, PortalError) else 403


def words_of(error: Exception) -> dict[str, str]:
    """For the person at the phone. What went wrong with the portal is the administrator's to read, in the log."""
    if isinstance(error, Refused | WrongSettings):
        return {"detail": str(error), "remedy": error.remedy}
    return {
        "detail": _("The portal cannot be asked now."),
        "remedy": _("The call goes on; there is no colour this time."),
    }


def page(request: HttpRequest, template: str, *, status: int = 200, **told: str) -> HttpResponse:
    response = render(request, template, {"portal": settings.PORTAL_ORIGIN, **told}, status=status)
    return framed(response)


def framed(response: HttpResponse) -> HttpResponse:
    """Scripts and styles are ours alone; asked are we and the portal; only the portal may frame the page."""
    portal = settings.PORTAL_ORIGIN or "'none'"
    response["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        f"connect-src 'self' {settings.PORTAL_ORIGIN}; frame-ancestors {portal}; base-uri 'none'; form-action 'none'"
    )
    return response
