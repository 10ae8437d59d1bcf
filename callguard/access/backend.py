"""Which accounts there are to sign in with, and to go on with: asked at sign-in and again at each request."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend

from callguard.access.people import may_stay


class AtWork(ModelBackend):
    """Django's own, less the accounts of people who do not work here any more. Nothing is written on a dismissal, so
    nothing has to be put back when the person returns; a session that was open then ends for good (access.watch)."""

    def user_can_authenticate(self, user: Any) -> bool:
        return super().user_can_authenticate(user) and may_stay(user)
