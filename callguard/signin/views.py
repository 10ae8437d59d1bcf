"""The way to the portal and back: who comes back with its word is signed in as the account of that employee."""

from __future__ import annotations

from contextlib import suppress

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME, login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from callguard import role_history
from callguard.access.addresses import network_of
from callguard.access.administrators import learn
from callguard.access.signin import account_of
from callguard.signin.departure import arrive, depart
from callguard.signin.pages import refusal
from crm_mirror import installation, visitors
from crm_mirror.connection import Refused, WrongSettings
from crm_mirror.flood import is_flooded
from crm_mirror.portal.errors import PortalError
from crm_mirror.portal.secret import Secret

BACKEND = "callguard.access.backend.AtWork"
# A minute. Each way back that is begun properly asks the portal twice; a whole office may come from one address.
MOST_FROM_ONE, MOST_IN_ALL = 60, 600


@never_cache
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """A link, not a form: the policy on forms would have to name every page that the portal may lead on to."""
    if is_flooded(f"signin.start.{network_of(request)}", most=MOST_FROM_ONE):
        return too_often(request)
    try:
        state = depart(request.session, to=wanted(request), at=timezone.now())
        return redirect(visitors.door(state))
    except WrongSettings as wrong:
        return refusal(request, 404, _("Signing in with the portal account is not set up here."), wrong.remedy)


def wanted(request: HttpRequest) -> str:
    """Our own page that was asked for, else the first one."""
    address = request.GET.get(REDIRECT_FIELD_NAME, "")
    ours = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if ours else resolve_url(settings.LOGIN_REDIRECT_URL)


@csrf_exempt  # the portal posts when somebody opens the application there; nothing posted is believed unproved
@xframe_options_exempt  # that page is framed by the portal, and by nobody else: see `opened`
@never_cache
@require_http_methods(["GET", "POST"])
def back(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return opened(request)
    response = signed_in(request)
    response["X-Frame-Options"] = "DENY"
    return response


def signed_in(request: HttpRequest) -> HttpResponse:
    try:
        to = arrive(request.session, request.GET.get("state", ""), at=timezone.now())
        if is_too_much(request, "back"):
            return too_often(request)
        code, member_id = (Secret(request.GET.get(name, "")[:255]) for name in ("code", "member_id"))
        guest = visitors.guest_with(code, member_id=member_id)
        account = account_of(guest)
    except (Refused, WrongSettings) as refused:
        return refusal(request, 403, str(refused), refused.remedy)
    except PortalError as error:
        return refusal(request, 502, _("The portal cannot be asked now."), _("Sign in again in a minute."), cause=error)
    role_history.keep_up(at=timezone.now())
    login(request, account, BACKEND)  # under a new session key
    return redirect(to)


def opened(request: HttpRequest) -> HttpResponse:
    """The application's page in the portal, in a frame: a way here, for in a frame nobody can sign in.

    Whoever opens it may turn out to be an administrator; one who does connects the application anew.
    """
    if not is_too_much(request, "opened"):
        with suppress(Refused, WrongSettings, PortalError):
            offer = installation.offer_in(request.POST)
            guest = visitors.guest_bearing(offer.access)
            learn(guest.portal_id, is_admin=guest.is_admin)
            if guest.is_admin:
                installation.connect(offer, at=timezone.now())
    response = render(request, "callguard/signin/opened.html")
    framed_by = settings.PORTAL_ORIGIN or "'none'"
    response["Content-Security-Policy"] = f"default-src 'none'; style-src 'self'; frame-ancestors {framed_by}"
    return response


def is_too_much(request: HttpRequest, way: str) -> bool:
    """Whether the portal would be asked more often than people sign in: from one address, or from everywhere."""
    from_one = is_flooded(f"signin.{way}.{network_of(request)}", most=MOST_FROM_ONE)
    return from_one or is_flooded(f"signin.{way}", most=MOST_IN_ALL)


def too_often(request: HttpRequest) -> HttpResponse:
    return refusal(request, 429, _("This page was called too often."), _("Sign in again in a minute."))
