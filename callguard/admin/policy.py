"""The content security policy of the admin's pages: the site's own, and what django-unfold cannot do without.

unfold is built on Alpine.js, which evaluates the expressions in `x-data`, `x-on` and the like by `new Function`: that
is 'unsafe-eval'. Alpine's other build (@alpinejs/csp) knows no arrow functions and no globals; unfold's templates use
both. So scripts from elsewhere and inline scripts stay forbidden, and evaluation is allowed here alone.
"""

from __future__ import annotations

from collections.abc import Callable

from csp.constants import SELF, UNSAFE_EVAL
from django.http import HttpRequest, HttpResponse

LOOSENED = {"script-src": [UNSAFE_EVAL], "frame-src": [SELF]}  # frames: the palette's page shows the card in two
ROOMS = frozenset({"admin", "setup", "signin", "box", "dashboard"})


class UnfoldPolicy:
    """Middleware, inside csp's: loosens the policy of pages that are drawn by unfold."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match  # None: no such page
        if match and match.app_name in ROOMS:
            response._csp_update = LOOSENED  # type: ignore[attr-defined]  # how django-csp is told
        return response
