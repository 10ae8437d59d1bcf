"""Who is asking: a card token from the portal, or somebody signed in here. Both become a Caller, without a query."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from callguard import role_history
from callguard.access import tokens
from callguard.access.actors import Actor, actor_of, employee_actor
from callguard.access.administrators import learn
from callguard.access.managers import EMPLOYEE_TYPES
from callguard.access.people import people_synced
from callguard.api.problems import EmployeeDismissed, EmployeeUnknown
from callguard.models import Account
from crm_mirror.models import Employee
from crm_mirror.portal.secret import Secret

if TYPE_CHECKING:  # DRF imports this module, named in settings, while its own views are still half loaded
    from rest_framework.views import APIView

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Caller:
    """`request.user` of the API: the employee in whose name is asked. Proven, but perhaps dismissed."""

    portal_id: int
    is_portal_admin: bool | None = None  # what the token says; None: nothing
    account: Account | None = None  # of a session
    is_authenticated: bool = True


def caller_of(request: Request) -> Caller:
    """Who asks; the view's permission has seen to it that somebody does."""
    return cast(Caller, request.user)


class CardTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <card token>`."""

    def authenticate(self, request: Request) -> tuple[Caller, tokens.CardToken] | None:
        token = bearer_token(request)
        if token is None:
            return None
        claims = self.claims_of(token)
        return Caller(claims.portal_id, claims.is_portal_admin), claims

    def claims_of(self, token: Secret) -> tokens.CardToken:
        if not token.isascii():
            raise AuthenticationFailed(_("The token is damaged."))
        try:
            return tokens.read(
                token,
                secret=settings.CARD_TOKEN_SECRET,
                max_age=settings.CARD_TOKEN_MAX_AGE,
                at=timezone.now(),
            )
        except tokens.BadToken as error:
            raise AuthenticationFailed(str(error)) from error

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def bearer_token(request: Request) -> Secret | None:
    """What stands behind `Bearer`; None where another scheme, or nothing, does."""
    scheme, _space, token = get_authorization_header(request).partition(b" ")
    return Secret(token.strip().decode("latin-1")) if scheme.lower() == b"bearer" else None


class StaffSession(SessionAuthentication):
    """Somebody signed in to the admin, asking in the name of the employee that the account is linked to. With CSRF."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        signed_in = super().authenticate(request)
        if signed_in is None:
            return None
        account = signed_in[0]
        if not account.is_staff:
            raise PermissionDenied(_("Only staff accounts and card tokens may ask."))
        return employee_of(account), account


def employee_of(account: Account) -> Caller:
    """The employee behind the account. Raises PermissionDenied with the remedy when nobody is."""
    if account.employee_id is None:
        raise PermissionDenied(
            _("Open this account in the admin and choose its employee: verdicts are asked in somebody's name."),
            code="account-not-linked",
        )
    return Caller(account.employee_id, account=account)


def acting(request: Request) -> Actor:
    """The actor of a request, for policies; what a token says of its bearer is remembered. Two queries, or three."""
    caller = caller_of(request)
    if caller.account is not None:
        return actor_of(caller.account)
    if learn(caller.portal_id, is_admin=caller.is_portal_admin):
        role_history.look(at=timezone.now())
    return employee_actor(caller.portal_id, is_admin=caller.is_portal_admin)


class IsCaller(BasePermission):
    """For views that ask `answer.verdict_for`, which refuses the unknown and the dismissed in its own statement."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.user, Caller)  # DRF makes a no without a caller a 401


class IsActiveEmployee(IsCaller):
    """The portal's own list of people decides; a dismissed one's tokens and sessions stop with him. One query.

    Before the first sync of people nobody is known, and nobody is refused for it (as in callguard.answer).
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not super().has_permission(request, view):
            return False
        people = Employee.objects.filter(portal_id=caller_of(request).portal_id, user_type__in=EMPLOYEE_TYPES)
        row = people.values_list("active", "deleted_at").first()
        if row is None and people_synced():
            raise EmployeeUnknown
        if row is not None and (not row[0] or row[1] is not None):
            raise EmployeeDismissed
        return True


class CallerThrottle(SimpleRateThrottle):
    """API_RATE_PER_CALLER, counted per employee in the cache (per process, unless CACHE_URL is shared)."""

    scope = "caller"

    def get_rate(self) -> str:
        return str(settings.API_RATE_PER_CALLER)

    def allow_request(self, request: Request, view: APIView) -> bool:
        try:
            return bool(super().allow_request(request, view))
        except RedisError as error:  # a phone is ringing: better uncounted than unanswered
            log.warning("The shared cache does not answer, requests are not counted: %s", type(error).__name__)
            return True

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        return f"calls-of-{request.user.portal_id}" if isinstance(request.user, Caller) else None
