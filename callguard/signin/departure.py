"""What binds the way back from the portal to the browser that left for it: a state in its session, good once."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from crm_mirror.connection import Refused

KEY = "signin"
LASTS = timedelta(minutes=10)  # a person may have to sign in to the portal first


def depart(session: SessionBase, *, to: str, at: datetime) -> str:
    """A new state, in place of an earlier one. `to`: our page that is wanted."""
    state = secrets.token_urlsafe(32)
    session[KEY] = {"state": state, "to": to, "at": at.timestamp()}
    return state


def arrive(session: SessionBase, state: str, *, at: datetime) -> str:
    """The page that was wanted. Raises Refused for a state that this browser did not leave with; any is used up."""
    left: dict[str, Any] = session.pop(KEY, {})
    if not state or not constant_time_compare(state, str(left.get("state") or "")):
        raise Refused(
            _("This sign-in was not begun here, in this browser, or it has been answered already."),
            _("Sign in once more."),
        )
    if not 0 <= at.timestamp() - float(left["at"]) <= LASTS.total_seconds():
        raise Refused(_("This sign-in took too long."), _("Sign in once more."))
    return str(left["to"])
