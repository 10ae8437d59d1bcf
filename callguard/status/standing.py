"""How a company's status stands: accepted, on its way to the portal, refused by it, or doubtful. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from callguard import history
from callguard.models import About, CompanyStatus, History
from callguard.status.change import value_set_by
from callguard.status.outcomes import REFUSED, WAS_OVERTAKEN
from crm_mirror.models import Company, OutboxCall, Status
from crm_mirror.outbox import GIVEN_UP, OPEN, was_overtaken


class State(StrEnum):
    ACCEPTED = "accepted"
    PENDING = "pending"
    REFUSED = "refused"
    FLAGGED = "flagged"  # changed in the portal, and nobody can tell whether that was allowed


@dataclass(frozen=True, slots=True)
class Standing:
    """Values as Status.value. `value`: what counts now; `wanted`: what is on its way or was refused; `call`: with what.

    `accepted`: what was accepted last, which differs from `value` while somebody's doubtful change stands.
    """

    company_id: int
    state: State
    value: str | None
    accepted: str | None
    since: datetime | None = None
    wanted: str | None = None
    call: OutboxCall | None = None

    @property
    def refusal(self) -> str:
        """Why the portal did not take it, in a person's words; "" unless it was refused."""
        return words_of(self.call) if self.state == State.REFUSED and self.call else ""

    @property
    def quotation(self) -> str:
        """What the portal itself said of a call that was refused or still tries."""
        return said_by_portal(self.call) if self.call else ""


def standing_of(company: Company) -> Standing:
    return standings_of([company])[company.portal_id]


def standings_of(companies: Iterable[Company]) -> dict[int, Standing]:
    """By portal ID. One query."""
    shown = {one.portal_id: one.status_id for one in companies}
    rows = CompanyStatus.objects.filter(company_id__in=shown).select_related("sent", "refused")
    known = {row.company_id: _standing(row, shown[row.company_id]) for row in rows}
    return {one: known.get(one) or Standing(one, State.ACCEPTED, value, value) for one, value in shown.items()}


def _standing(row: CompanyStatus, shown: str | None) -> Standing:
    """`shown`: by the mirror, behind for a moment after the portal took our value: what was accepted counts."""
    call = row.sent or row.refused
    state = state_of(row, call)
    if state in (State.ACCEPTED, State.FLAGGED):
        value = row.accepted if state == State.ACCEPTED else shown
        return Standing(row.company_id, state, value, row.accepted, row.accepted_at)
    return Standing(row.company_id, state, shown, row.accepted, row.accepted_at, value_set_by(call), call)


def state_of(row: CompanyStatus, call: OutboxCall | None) -> State:
    if call is not None and call.state in OPEN:
        return State.PENDING
    if call is not None and call.state in GIVEN_UP and not was_overtaken(call):
        return State.REFUSED
    return State.FLAGGED if row.flagged_at else State.ACCEPTED


def companies_in(state: State) -> QuerySet[CompanyStatus, int | None]:
    """Portal IDs of the companies whose status is pending, refused or flagged, as `state_of` has it; for a filter."""
    pending = Q(sent__state__in=OPEN) | Q(sent=None, refused__state__in=OPEN)
    refused = (Q(sent__state__in=GIVEN_UP) & ~WAS_OVERTAKEN) | Q(sent=None, refused__state__in=GIVEN_UP)
    doubtful = Q(flagged_at__isnull=False) & ~pending & ~refused
    which = {State.PENDING: pending, State.REFUSED: refused, State.FLAGGED: doubtful}
    return CompanyStatus.objects.filter(which[state]).values_list("company_id", flat=True)


def needing_somebody() -> QuerySet[CompanyStatus, int | None]:
    """Portal IDs of the companies whose status is doubtful or was refused: somebody allowed has to set it."""
    rows = CompanyStatus.objects.filter(Q(flagged_at__isnull=False) | Q(refused__state__in=GIVEN_UP))
    return rows.exclude(sent__state__in=OPEN).values_list("company_id", flat=True)


def last_set(company_id: int) -> History | None:
    """The line of whoever set the status last; that the portal refused it is no setting. One query."""
    return history.of(About.STATUS, company_id).exclude(ground=REFUSED).first()


def names_of_statuses() -> dict[str, str]:
    """Names by value, retired ones too. One query."""
    return dict(Status.objects.values_list("value", "name"))


# --- What the portal said --------------------------------------------------------------------------------------------
def said_by_portal(call: OutboxCall) -> str:
    """Its own words, without the name of the method before them."""
    return call.error.removeprefix(f"{call.method}: ").strip()


def words_of(call: OutboxCall) -> str:
    """Why the call was given up and what to do, for the person who set the status."""
    said = said_by_portal(call).casefold()
    if call.state == OutboxCall.State.DEAD:
        return _("The portal could not be reached for a long time. Set the status again when it answers.")
    if "not found" in said:
        return _("The portal no longer has this company.")
    if any(sign in said for sign in ("access denied", "access_denied", "insufficient_scope", "higher privileges")):
        return _(
            "The portal does not let Call Guard change this company. An administrator of the portal has to give the "
            "webhook or application the right to; then set the status again."
        )
    return _("The portal did not take the status. Set it again, or ask an administrator.")
