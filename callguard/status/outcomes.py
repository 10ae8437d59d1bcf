"""What became of the statuses that were sent to the portal: done, overtaken, or refused."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from callguard import history
from callguard.models import About, CompanyStatus, Origin
from crm_mirror.models import Company, OutboxCall
from crm_mirror.outbox import GIVEN_UP, was_overtaken

REFUSED = "refused"  # ground in the history: the portal did not take the status
AT_ONCE = 500


def settle(*, at: datetime) -> int:
    """Note the outcomes that came since; returns how many calls the portal did not take. One query when none came.

    What the portal refused stands as the portal shows it, doubtful until somebody allowed sets it again; the portal's
    words stay beside it. What was overtaken by a change in the portal stands as it was: that change comes through the
    feed and before the guard.
    """
    ended = CompanyStatus.objects.filter(sent__state__in=[OutboxCall.State.DONE, *GIVEN_UP])
    states = set(ended.values_list("sent__state", flat=True).distinct())
    if OutboxCall.State.DONE in states:
        CompanyStatus.objects.filter(sent__state=OutboxCall.State.DONE).update(sent=None)
    total = 0
    while not states.isdisjoint(GIVEN_UP) and (count := _settle_some(at=at)):
        total += count
    return total


@transaction.atomic
def _settle_some(*, at: datetime) -> int:
    stuck = CompanyStatus.objects.filter(sent__state__in=GIVEN_UP).select_related("sent")
    rows = list(stuck.select_for_update(of=("self",)).order_by("company_id")[:AT_ONCE])
    if rows:
        companies = Company.objects.in_bulk([row.company_id for row in rows], field_name="portal_id")
        refused = [row for row in rows if not is_overtaken(row)]
        _fall_back(refused, companies, at=at)
        for row in refused:
            row.refused = row.sent
        for row in rows:
            row.sent = None
        CompanyStatus.objects.bulk_update(rows, ["accepted", "accepted_at", "flagged_at", "sent", "refused"])
    return len(rows)


def is_overtaken(row: CompanyStatus) -> bool:
    return row.sent is not None and was_overtaken(row.sent)


def _fall_back(refused: list[CompanyStatus], companies: dict[int, Company], *, at: datetime) -> None:
    """Let these stand as the portal shows them."""
    lines = []
    for row in refused:
        company = companies.get(row.company_id)
        if company is None:
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
