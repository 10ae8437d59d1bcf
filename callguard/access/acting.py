"""The actor of a page's request: looked up once, however many questions the page asks."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from callguard.access.actors import Actor, actor_of
from callguard.access.policies import may_administer, may_sign_in

More = ParamSpec("More")
View = Callable[Concatenate[HttpRequest, More], HttpResponseBase]


def acting(request: HttpRequest) -> Actor:
    """Who acts here, for the policies. Two queries at the first question of a request, none at the others."""
    known: Actor | None = getattr(request, "_actor", None)
    if known is None:
        known = actor_of(request.user)
        request._actor = known  # type: ignore[attr-defined]  # lives and dies with the request
    return known


def administers(request: HttpRequest) -> bool:
    """settings.MIRROR_ADMINISTRATOR, and the answer of every page that nobody else may open."""
    return may_administer(acting(request))


def may_enter(request: HttpRequest) -> bool:
    """The admin site's own question: a staff account of somebody who works here, or of an administrator of ours."""
    return request.user.is_active and request.user.is_staff and may_sign_in(acting(request))


def for_those(opens: Callable[[Actor], bool]) -> Callable[[View[More]], Callable[..., Any]]:
    """A page for those of whom the policy says yes: signed in, else led to the sign-in; 403 for the others."""

    def around(view: View[More]) -> Callable[..., Any]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: More.args, **kwargs: More.kwargs) -> HttpResponseBase:
            if not opens(acting(request)):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return admin.site.admin_view(guarded)

    return around


def for_administrators(view: View[More]) -> Callable[..., Any]:
    """A page that concerns the whole company."""
    return for_those(may_administer)(view)
