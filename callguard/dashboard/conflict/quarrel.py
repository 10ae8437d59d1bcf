"""What people say about a call: disputes with what became of them, the decision that counts, comments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from callguard.dashboard.conflict.fixes import Fix, fix_for
from callguard.models import Call, Decision, Dispute, DisputeState

TONES = {DisputeState.OPEN: "info", DisputeState.ACCEPTED: "success", DisputeState.REJECTED: "danger"}


@dataclass(frozen=True)
class Said:
    """A dispute to be read. `fix`: what to put right in the data, offered once it was accepted."""

    dispute: Dispute
    reason: str
    state: str
    tone: str
    is_overdue: bool
    told: str
    fix: Fix | None


def disputes_of(call: Call, *, caller: str, at: datetime) -> list[Said]:
    """Newest first. One query, and two for each accepted one."""
    return [said_of(one, caller=caller, at=at) for one in call.disputes.select_related("call")]


def said_of(one: Dispute, *, caller: str, at: datetime) -> Said:
    return Said(
        dispute=one,
        reason=capfirst(one.get_reason_display()),
        state=one.get_state_display(),
        tone=TONES[DisputeState(one.state)],
        is_overdue=is_overdue(one, at=at),
        told=", ".join(person["name"] for person in one.told) or _("nobody"),
        fix=fix_for(one, caller=caller) if one.state == DisputeState.ACCEPTED else None,
    )


def is_overdue(one: Dispute, *, at: datetime) -> bool:
    return one.state == DisputeState.OPEN and one.due_at is not None and one.due_at < at


def decision_on(call: Call) -> Decision | None:
    """One query."""
    return Decision.objects.filter(call=call).first()
