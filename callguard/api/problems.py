"""Every error of the API as a problem document (RFC 9457): type, title, status, detail; for 400 errors by field."""

from __future__ import annotations

import logging
import math
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import Error as DbError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.translation import gettext_lazy as _
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.response import Response

from callguard.answer import CallerDismissed, CallerUnknown

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:callguard:problem:"
# What the last part of `type` may be, and its title. Part of the contract: add, never rename.
TITLES = {
    "invalid": _("Some fields are not as they should be"),
    "parse-error": _("The body cannot be read"),
    "bad-request": _("The request cannot be understood"),
    "not-authenticated": _("Who is asking?"),
    "authentication-failed": _("This token proves nothing"),
    "permission-denied": _("Not allowed"),
    "employee-unknown": _("The portal has no such employee"),
    "employee-dismissed": _("The employee no longer works here"),
    "account-not-linked": _("The account is not linked to an employee"),
    "not-found": _("Nothing here"),
    "method-not-allowed": _("Not by this method"),
    "call-of-another": _("The call belongs to somebody else"),
    "length-required": _("How long is the body?"),
    "too-large": _("The body is too large"),
    "unsupported-media-type": _("JSON is wanted"),
    "throttled": _("Too many requests"),
    "error": _("An error on our side"),
    "unavailable": _("Not available at the moment"),
}


class CallOfAnother(exceptions.APIException):
    """409. Says nothing about whose the call is."""

    status_code = 409
    default_code = "call-of-another"
    default_detail = _("This call ID is already taken.")


class NoSuchCall(exceptions.APIException):
    """404. A call of somebody else is no call, as far as this caller hears."""

    status_code = 404
    default_code = "not-found"
    default_detail = _("You have no call of this ID.")


class NoSuchCompany(exceptions.APIException):
    """404. Of a company that he may not see nobody learns whether there is one."""

    status_code = 404
    default_code = "not-found"
    default_detail = _("There is no company of this ID.")


class NoSuchPerson(exceptions.APIException):
    """404. Of somebody whose figures he may not see nobody learns whether there is one."""

    status_code = 404
    default_code = "not-found"
    default_detail = _("There is no employee of this ID among those whose figures you see.")


class EmployeeUnknown(exceptions.APIException):
    status_code = 403
    default_code = "employee-unknown"
    default_detail = _("The mirror does not know this employee. If he is new, the next sync brings him.")


class EmployeeDismissed(exceptions.APIException):
    status_code = 403
    default_code = "employee-dismissed"
    default_detail = _("The employee is dismissed in the portal.")


class LengthRequired(exceptions.APIException):
    """411: a chunked body behind a server that does not unpack it; reading on could wait for ever."""

    status_code = 411
    default_code = "length-required"
    default_detail = _("Send the body with a Content-Length.")


class TooLarge(exceptions.APIException):
    status_code = 413
    default_code = "too-large"
    default_detail = _("The body is larger than this API ever needs.")


class Unavailable(exceptions.APIException):
    status_code = 503
    default_code = "unavailable"
    default_detail = _("The database does not answer. Try again in a moment.")
    wait = 5


class BadRequest(exceptions.APIException):
    status_code = 400
    default_code = "bad-request"
    default_detail = _("The request is not one that a browser or a script would send.")


class Broken(exceptions.APIException):
    """500. What broke is in the log only."""

    default_code = "error"
    default_detail = _("Something went wrong. The administrator finds it in the log.")


def problem_handler(error: Exception, context: dict[str, Any]) -> Response:
    """DRF's hook for whatever a view raises; nothing gets past it, so that nothing leaks and nothing is HTML."""
    known = api_error(error)
    if known.status_code >= 500:
        log.error("%s %s failed", context["request"].method, context["request"].path, exc_info=error)
    return Response(problem(known), known.status_code, headers=headers_of(known), content_type=MEDIA_TYPE)


def api_error(error: Exception) -> exceptions.APIException:
    """The error as one of ours or DRF's."""
    match error:
        case exceptions.APIException():
            return error
        case Http404():
            return exceptions.NotFound(*error.args)
        case PermissionDenied():
            return exceptions.PermissionDenied()
        case CallerUnknown():
            return EmployeeUnknown()
        case CallerDismissed():
            return EmployeeDismissed()
        case RequestDataTooBig():
            return TooLarge()
        case SuspiciousOperation():
            return BadRequest()
        case DbError():
            return Unavailable()
    return Broken()


def problem(error: exceptions.APIException) -> dict[str, Any]:
    code = code_of(error)
    answer = {"type": TYPE_PREFIX + code, "title": str(TITLES[code]), "status": error.status_code}
    if isinstance(error, exceptions.ValidationError):
        return answer | {"detail": str(_("See errors, field by field.")), "errors": by_field(error.detail)}
    answer["detail"] = str(error.detail)
    return answer | {"errors": {"body": [answer["detail"]]}} if error.status_code == 400 else answer


def by_field(detail: Any) -> dict[str, Any]:
    return detail if isinstance(detail, dict) else {"body": detail}


def code_of(error: exceptions.APIException) -> str:
    codes = error.get_codes()
    code = codes.replace("_", "-") if isinstance(codes, str) else "invalid"
    return code if code in TITLES else error.default_code.replace("_", "-")


def headers_of(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(math.ceil(wait))
    return headers


def plain_problem(error: exceptions.APIException) -> HttpResponse:
    """The same document where no DRF view is at work."""
    answer = JsonResponse(problem(error), status=error.status_code, content_type=MEDIA_TYPE)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@csrf_exempt
def nothing_here(request: HttpRequest) -> HttpResponse:
    """What lies under /api/ and is no address of ours."""
    return plain_problem(exceptions.NotFound(_("There is no such address. Those of this API end with a slash.")))


def is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


# --- What the site shows for an error outside of any view; config.urls names these -----------------------------------
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return plain_problem(BadRequest()) if is_api(request) else defaults.bad_request(request, exception)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if is_api(request):
        return plain_problem(exceptions.PermissionDenied())
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return plain_problem(exceptions.NotFound()) if is_api(request) else defaults.page_not_found(request, exception)


def broken(request: HttpRequest) -> HttpResponseBase:
    return plain_problem(Broken()) if is_api(request) else defaults.server_error(request)
