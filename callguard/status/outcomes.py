"""What became of the statuses that were sent to the portal: done, overtaken, or refused."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from callguard import history
from callguard.models import About, CompanyStatus, Origin
from callguard.status.change import value_set_by
from callguard.status.watch import Desk
from crm_mirror.models import Change, Company, OutboxCall, SyncCursor
from crm_mirror.outbox import GIVEN_UP, OVERTAKEN, was_overtaken

REFUSED = "refused"  # ground in the history: the portal did not take the status
AT_ONCE = 500
WAS_OVERTAKEN = Q(sent__state=OutboxCall.State.REFUSED, sent__error__startswith=OVERTAKEN)


def settle(*, at: datetime) -> int:
    """Note the outcomes that came since; returns how many calls the portal did not take. One query when none came.

    What the portal took is on its way until the mirror has seen it. What the portal refused stands as the portal shows
    it, doubtful until somebody allowed sets it again; the portal's words stay beside it. What was overtaken by a change
    in the portal stands as it was: that change comes through the feed and before the guard, or from here.
    """
    ended = CompanyStatus.objects.filter(sent__state__in=[OutboxCall.State.DONE, *GIVEN_UP])
    if not ended.exists():
        return 0
    ended.filter(sent__state=OutboxCall.State.DONE, sent__echoed_at__isnull=False).update(sent=None)
    _settle_unseen(at=at)
    total = 0
    while count := _settle_some(at=at):
        total += count
    return total


@transaction.atomic
def _settle_unseen(*, at: datetime) -> None:
    """Let go of what was carried out and brought no news, for the portal showed it before, and of what was overtaken.

    Where somebody put back what the mirror had known before we looked, the feed tells nothing: the guard hears it here.
    """
    rows = list(_unseen().select_related("sent").select_for_update(of=("self",)).order_by("company_id")[:AT_ONCE])
    companies = Company.objects.in_bulk([row.company_id for row in rows], field_name="portal_id")
    looked_at = SyncCursor.objects.filter(kind="company").values_list("true_at", flat=True).first()
    over, untold = [], []
    for row in rows:
        company, counts = companies.get(row.company_id), _value_that_counts(row)
        if company is None or company.deleted_at or company.status_id == counts:
            over.append(row.pk)
        elif looked_at and row.sent and (row.sent.done_at is None or row.sent.done_at < looked_at):
            over.append(row.pk)
            if not (is_overtaken(row) and row.flagged_at):  # else the guard has heard of it
                facts = {"status_id": [counts, company.status_id]}
                portal_id = str(row.company_id)
                untold.append(Change(at=at, kind="company", portal_id=portal_id, what=Change.What.UPDATED, facts=facts))
    CompanyStatus.objects.filter(pk__in=over).update(sent=None)
    if untold:
        Desk.for_changes(untold, at=at).work_off(untold)


def _unseen() -> QuerySet[CompanyStatus]:
    return CompanyStatus.objects.filter(Q(sent__state=OutboxCall.State.DONE) | WAS_OVERTAKEN)


def _value_that_counts(row: CompanyStatus) -> str | None:
    """What the portal should show once the call has ended: its value, or where it was overtaken what was accepted."""
    return row.accepted if is_overtaken(row) else value_set_by(row.sent)


@transaction.atomic
def _settle_some(*, at: datetime) -> int:
    stuck = CompanyStatus.objects.filter(sent__state__in=GIVEN_UP).exclude(WAS_OVERTAKEN).select_related("sent")
    rows = list(stuck.select_for_update(of=("self",)).order_by("company_id")[:AT_ONCE])
    if rows:
        companies = Company.objects.in_bulk([row.company_id for row in rows], field_name="portal_id")
        _fall_back(rows, companies, at=at)
        for row in rows:
            row.refused, row.sent = row.sent, None
        CompanyStatus.objects.bulk_update(rows, ["accepted", "accepted_at", "flagged_at", "sent", "refused"])
    return len(rows)


def is_overtaken(row: CompanyStatus) -> bool:
    return row.sent is not None and was_overtaken(row.sent)


def _fall_back(refused: list[CompanyStatus], companies: dict[int, Company], *, at: datetime) -> None:
    """Let these stand as the portal shows them. Where that is what counts, somebody was faster: nothing is doubtful."""
    lines = []
    for row in refused:
        company = companies.get(row.company_id)
        if company is None or company.status_id == row.accepted:
            continue
        lines.append(
            history.line(
                About.STATUS,
                row.company_id,
                before=row.accepted,
                after=company.status_id,
                by=None,
                origin=Origin.PORTAL,
                at=at,
                title=company.title,
                ground=REFUSED,
            )
        )
        row.accepted, row.accepted_at, row.flagged_at = company.status_id, at, at
    history.add(lines)
