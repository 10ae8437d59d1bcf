"""The actor of a page's request: looked up once, however many questions the page asks."""

from __future__ import annotations

from django.http import HttpRequest

from callguard.access.actors import Actor, actor_of


def acting(request: HttpRequest) -> Actor:
    """Who acts here, for the policies. Two queries at the first question of a request, none at the others."""
    known: Actor | None = getattr(request, "_actor", None)
    if known is None:
        known = actor_of(request.user)
        request._actor = known  # type: ignore[attr-defined]  # lives and dies with the request
    return known
