"""The actor of a page's request: looked up once, however many questions the page asks."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from callguard.access.actors import Actor, actor_of
from callguard.access.policies import may_administer

More = ParamSpec("More")
View = Callable[Concatenate[HttpRequest, More], HttpResponse]


def acting(request: HttpRequest) -> Actor:
    """Who acts here, for the policies. Two queries at the first question of a request, none at the others."""
    known: Actor | None = getattr(request, "_actor", None)
    if known is None:
        known = actor_of(request.user)
        request._actor = known  # type: ignore[attr-defined]  # lives and dies with the request
    return known


def for_administrators(view: View[More]) -> Callable[..., Any]:
    """A page of the administration that concerns the whole company: signed in, and of those only who administers."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: More.args, **kwargs: More.kwargs) -> HttpResponse:
        if not may_administer(acting(request)):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return admin.site.admin_view(guarded)
