"""Setting companies' statuses: the one way there is, whoever sets them and from wherever.

The change goes out through the outbox, in one transaction with its history. What the portal says of it stands in the
call; the mirror follows when the change comes back through the feed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from callguard import history
from callguard.access.actors import Actor
from callguard.access.policies import may_change_status
from callguard.models import About, CompanyStatus, Origin
from crm_mirror import outbox
from crm_mirror.models import Company, OutboxCall, Status

PURPOSE = "status"
ROWS_AT_ONCE = 500
COLUMNS = ("accepted", "accepted_at", "flagged_at", "sent", "refused")


class NotAllowed(Exception):
    """The actor is neither the responsible's manager nor an administrator."""


class NoSuchStatus(Exception):
    """The portal does not know the status, or it is retired."""


def offered() -> QuerySet[Status]:
    """The statuses that may be set, in order."""
    return Status.objects.filter(in_portal=True, retired_at=None)


def set_status(company: Company, value: str, *, by: Actor, origin: Origin, at: datetime) -> CompanyStatus:
    """Let the portal have this status (Status.value). Raises NotAllowed, NoSuchStatus; changes nothing then.

    Setting what the company has already settles a doubt about it and sends nothing.
    """
    if not may_change_status(by, company.responsible_id):
        raise NotAllowed(_("Only the responsible's manager and administrators change the status."))
    check_offered(value)
    with transaction.atomic():
        return _put([company], value, by=by, origin=origin, at=at)[0]


@dataclass
class Plan:
    """What setting a status does to some companies: changes these, passes those over. `gone`: not there any more."""

    changes: list[Company] = field(default_factory=list)
    same: list[Company] = field(default_factory=list)
    forbidden: list[Company] = field(default_factory=list)
    gone: int = 0

    def add(self, other: Plan) -> None:
        self.changes += other.changes
        self.same += other.same
        self.forbidden += other.forbidden
        self.gone += other.gone


def plan_for(company_ids: Sequence[int], value: str, *, by: Actor) -> Plan:
    """What `set_statuses` would do. Two queries for each five hundred."""
    whole = Plan()
    for ids in in_batches(company_ids):
        whole.add(_plan(ids, value, by=by))
    return whole


def set_statuses(company_ids: Sequence[int], value: str, *, by: Actor, origin: Origin, at: datetime) -> Plan:
    """As `set_status` for each of these (portal IDs), passing over what may not or need not be changed.

    A few statements and one transaction for each five hundred: what was cut off half way is finished by asking again.
    Raises NoSuchStatus.
    """
    check_offered(value)
    whole = Plan()
    for ids in in_batches(company_ids):
        with transaction.atomic():
            plan = _plan(ids, value, by=by)
            _put(plan.changes, value, by=by, origin=origin, at=at)
        whole.add(plan)
    return whole


def in_batches(company_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (company_ids[at : at + ROWS_AT_ONCE] for at in range(0, len(company_ids), ROWS_AT_ONCE))


def check_offered(value: str) -> None:
    """Raises NoSuchStatus."""
    if not offered().filter(value=value).exists():
        raise NoSuchStatus(_("The portal no longer offers this status. Choose another one."))


def locked(shown: Mapping[int, str | None], *, at: datetime) -> dict[int, CompanyStatus]:
    """What stands for each of these companies, locked; what is given with it, where nothing did yet. By portal ID.

    Two queries, in one order: two processes that take the same rows do not wait for each other in a circle.
    """
    CompanyStatus.objects.bulk_create(
        [CompanyStatus(company_id=one, accepted=shown[one], accepted_at=at) for one in sorted(shown)],
        batch_size=ROWS_AT_ONCE,
        ignore_conflicts=True,
    )
    rows = CompanyStatus.objects.filter(company_id__in=shown).select_related("sent").order_by("company_id")
    return {row.company_id: row for row in rows.select_for_update(of=("self",))}


def _plan(company_ids: Sequence[int], value: str, *, by: Actor) -> Plan:
    rows = Company.objects.live().filter(portal_id__in=company_ids).order_by("portal_id")
    companies: list[Company] = list(rows.select_related("status", "responsible"))
    standings = CompanyStatus.objects.in_bulk([one.portal_id for one in companies], field_name="company_id")
    plan = Plan(gone=len(company_ids) - len(companies))
    for one in companies:
        if not may_change_status(by, one.responsible_id):
            plan.forbidden.append(one)
        elif is_settled(one, standings.get(one.portal_id), value):
            plan.same.append(one)
        else:
            plan.changes.append(one)
    return plan


def is_settled(company: Company, standing: CompanyStatus | None, value: str) -> bool:
    """Whether the company has the status already, with nothing doubtful about it and nothing under way."""
    if company.status_id != value or standing is None:
        return company.status_id == value
    nothing_else = standing.sent_id is None and standing.refused_id is None and standing.flagged_at is None
    return nothing_else and standing.accepted == value


def _put(companies: Sequence[Company], value: str, *, by: Actor, origin: Origin, at: datetime) -> list[CompanyStatus]:
    """Inside a transaction, whoever asks may. Six statements, however many companies."""
    standings = locked({one.portal_id: one.status_id for one in companies}, at=at)
    # read behind the lock: whoever held it may have seen another status in the portal since the caller looked
    shown = dict(Company.objects.filter(portal_id__in=standings).values_list("portal_id", "status_id"))
    calls: list[OutboxCall] = []
    lines = []
    for one in companies:
        standing = standings[one.portal_id]
        facts: dict[str, Any] = {"before": standing.accepted, "after": value, "by": by, "origin": origin, "at": at}
        lines.append(history.line(About.STATUS, one.portal_id, title=one.title, **facts))
        if (
            shown.get(one.portal_id) != value or standing.sent_id is not None
        ):  # what is under way may put another one there
            standing.sent = call_to_set(one.portal_id, value, at=at)
            calls.append(standing.sent)
        standing.accepted, standing.accepted_at = value, at
        standing.flagged_at = standing.refused = None
    outbox.enqueue_all(calls)
    keep(standings.values())
    history.add(lines)
    return [standings[one.portal_id] for one in companies]


def keep(standings: Collection[CompanyStatus]) -> None:
    """Write what was changed of them, after the calls they name."""
    for standing in standings:
        if standing.sent_id is None:
            standing.sent = standing.sent  # its ID is known only now
    CompanyStatus.objects.bulk_update(standings, COLUMNS, batch_size=ROWS_AT_ONCE)


def call_to_set(
    company_id: int, value: str | None, *, at: datetime, instead_of: Iterable[str | None] = ()
) -> OutboxCall:
    """The call that sets a status, for outbox.enqueue_all. `instead_of`: only while the portal shows one of these.

    docs: api-reference/crm/companies/crm-company-update; REGISTER_SONET_EVENT = N keeps it out of people's news.
    """
    field = settings.BITRIX_STATUS_FIELD
    check: dict[str, Any] = {"method": "crm.company.get", "params": {"id": company_id}, "expect": {field: value or ""}}
    if expected := ["" if one is None else one for one in instead_of]:
        check["only_if"] = {field: expected}
    return outbox.call_to(
        entity=f"company:{company_id}",
        purpose=PURPOSE,
        method="crm.company.update",
        params={"id": company_id, "fields": {field: value or ""}, "params": {"REGISTER_SONET_EVENT": "N"}},
        check=check,
        at=at,
    )


def value_set_by(call: OutboxCall | None) -> str | None:
    """The status that a call of ours sets; None for none."""
    return (call.params["fields"].get(settings.BITRIX_STATUS_FIELD) if call else None) or None
