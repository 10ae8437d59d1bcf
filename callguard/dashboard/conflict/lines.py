"""The history of a call's conflict, a sentence a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from callguard import history
from callguard.decisions import EXCUSED, KEPT
from callguard.models import About, Call, DisputeReason, History

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
    return Line(row.at, who(row), sentence(row.before or {}, after), str(after.get("words") or ""))


def who(row: History) -> str:
    if row.actor_name:
        return row.actor_name
    return _("employee No. %(id)s") % {"id": row.actor_id} if row.actor_id else "Call Guard"


def sentence(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What happened; a line of somebody else's as its fields."""
    if "decision" in after:
        return decision_words(str(after["decision"]), is_first=before.get("decision") is None)
    if "dispute" in after:
        reason = after.get("reason", "")
        label = DisputeReason(reason).label if reason in DisputeReason.values else reason
        return _("Disputed: “%(reason)s”") % {"reason": label}
    return "; ".join(f"{name}: {before.get(name, '–')} → {value}" for name, value in after.items())


def decision_words(code: str, *, is_first: bool) -> str:
    if is_first:
        return {EXCUSED: _("Decided: excused"), KEPT: _("Decided: not excused")}.get(code, code)
    return {EXCUSED: _("Decided anew: excused"), KEPT: _("Decided anew: not excused")}.get(code, code)
