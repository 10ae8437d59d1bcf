"""The history of a call's conflict, a sentence a line; what was said is read where it is masked and erased."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from callguard import history
from callguard.dispute_words import noted
from callguard.models import About, Call, Decision, Dispute, History

AT_MOST = 100  # lines of a page: a call with more has been quarrelled about enough


@dataclass(frozen=True)
class Line:
    at: datetime
    who: str
    says: str
    words: str


def lines_of(call: Call) -> list[Line]:
    """Newest first. Three queries."""
    said = Spoken.of(call)
    return [line(row, said) for row in history.of(About.CONFLICT, call.pk)[:AT_MOST]]


def line(row: History, said: Spoken) -> Line:
    after: Mapping[str, Any] = row.after or {}
    return Line(row.at, who(row), noted(row.before or {}, after), said.behind(after))


@dataclass(frozen=True)
class Spoken:
    """Words of the call's disputes and of the decision that counts, as their rows have them now."""

    disputes: Mapping[int, Dispute]
    decision: Decision | None

    @classmethod
    def of(cls, call: Call) -> Spoken:
        """Two queries."""
        return cls(Dispute.objects.filter(call=call).in_bulk(), Decision.objects.filter(call=call).first())

    def behind(self, after: Mapping[str, Any]) -> str:
        """Of a line; of a decision that counts no more those that disputes were answered by, if any were."""
        if "decision" not in after:
            said = self.disputes.get(after.get("pk", 0))
            return said.comment if said else ""
        if self.decision and self.decision.number == after.get("number"):
            return self.decision.words
        answered = (self.disputes.get(pk) for pk in after.get("disputes", ()))
        return next((said.decided_words for said in answered if said), "")


def who(row: History) -> str:
    if row.actor_name:
        return row.actor_name
    return _("employee No. %(id)s") % {"id": row.actor_id} if row.actor_id else "Call Guard"
