"""The history of a call's conflict, a sentence a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from callguard import history
from callguard.dispute_words import noted
from callguard.models import About, Call, History

AT_MOST = 100  # lines of a page: a call with more has been quarrelled about enough


@dataclass(frozen=True)
class Line:
    at: datetime
    who: str
    says: str
    words: str


def lines_of(call: Call) -> list[Line]:
    """Newest first. One query."""
    return [line(row) for row in history.of(About.CONFLICT, call.pk)[:AT_MOST]]


def line(row: History) -> Line:
    after: Mapping[str, Any] = row.after or {}
    return Line(row.at, who(row), noted(row.before or {}, after), str(after.get("words") or ""))


def who(row: History) -> str:
    if row.actor_name:
        return row.actor_name
    return _("employee No. %(id)s") % {"id": row.actor_id} if row.actor_id else "Call Guard"
