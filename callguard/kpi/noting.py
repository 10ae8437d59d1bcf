"""Notes with each outgoing call the deal it was about, soon after it rang: nobody at the phone waits for that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from callguard.calls import OUTGOING
from callguard.kpi.current import Client, Dealing, current_deal
from callguard.models import Call, DealMark
from crm_mirror.models import ContactCompany, Deal, EntityType, PhoneNumber, SyncCursor

AT_ONCE = 1000
MOST_AT_ONCE = 20_000  # calls of one round; the next goes on
LOOK_BACK = timedelta(minutes=2)  # a call may have been written that much later than it rang


def note_deals(*, at: datetime, batch: int = AT_ONCE, most: int = MOST_AT_ONCE) -> int:
    """Look through the calls that rang since the last time; returns how many were about a deal.

    As far as the mirror of deals is true: one made just before the call must be known. Two queries when that has not
    moved. A deal once noted stays.
    """
    mark, until = DealMark.objects.first(), _deals_true_as_of(at)
    if until is None or (mark and mark.rung_until >= until):
        return 0
    since = mark.rung_until - LOOK_BACK if mark else None
    count, reached = _look_through(since, until, batch, most)
    _move(mark, reached)
    return count


def _deals_true_as_of(at: datetime) -> datetime | None:
    true_at = SyncCursor.objects.filter(kind="deal").values_list("true_at", flat=True).first()
    return min(true_at, at) if true_at else None


def _move(mark: DealMark | None, reached: datetime) -> None:
    if mark is None:
        DealMark.objects.get_or_create(pk=1, defaults={"rung_until": reached})
    else:
        DealMark.objects.filter(rung_until__lt=reached).update(rung_until=reached)


def _look_through(since: datetime | None, until: datetime, batch: int, most: int) -> tuple[int, datetime]:
    """How many were noted, and up to which ring all have been looked at."""
    waiting = Call.objects.filter(direction__in=OUTGOING, deal_id=None, rung_at__lte=until).order_by("rung_at", "pk")
    beyond, count, reached = Q(rung_at__gte=since) if since else Q(), 0, until
    for _start in range(0, most, batch):
        calls = list(waiting.filter(beyond).defer("verdict", "evidence")[:batch])
        count += _note(calls)
        if len(calls) < batch:
            return count, until
        reached = calls[-1].rung_at
        beyond = Q(rung_at__gt=reached) | Q(rung_at=reached, pk__gt=calls[-1].pk)
    return count, reached


def _note(calls: Sequence[Call]) -> int:
    """Five queries at most, however many calls."""
    if not calls:
        return 0
    clients = _clients_of(calls)
    deals = _deals_of({call.caller_id for call in calls}, clients.values())
    noted = []
    for call in calls:
        call.deal_id = current_deal(clients[call.pk], deals[call.caller_id], rung_at=call.rung_at)
        if call.deal_id is not None:
            call.untallied = True
            noted.append(call)
    return Call.objects.bulk_update(noted, ["deal_id", "untallied"])


def _clients_of(calls: Sequence[Call]) -> dict[int, Client]:
    """By the calls' keys. The number finds more than the decisive entity: of twins either may hold the deal."""
    carriers: defaultdict[str, set[tuple[str, int]]] = defaultdict(set)
    numbers = {call.number for call in calls if call.number}
    for e164, kind, one in PhoneNumber.objects.filter(e164__in=numbers).values_list("e164", "entity_type", "entity_id"):
        carriers[e164].add((kind, one))
    contacts = {one for found in carriers.values() for kind, one in found if kind == EntityType.CONTACT}
    companies = _companies_of(contacts)
    return {call.pk: _client(carriers[call.number] | _named(call), companies) for call in calls}


def _companies_of(contacts: Iterable[int]) -> defaultdict[int, set[int]]:
    found: defaultdict[int, set[int]] = defaultdict(set)
    for contact, company in ContactCompany.objects.filter(contact_id__in=contacts).values_list(
        "contact_id", "company_id"
    ):
        found[contact].add(company)
    return found


def _named(call: Call) -> set[tuple[str, int]]:
    """The decisive entity, and the one that it was merged into since."""
    return {(call.entity_type, one) for one in (call.entity_id, call.survivor_id) if one is not None}


def _client(entities: set[tuple[str, int]], companies: defaultdict[int, set[int]]) -> Client:
    by_kind: defaultdict[str, set[int]] = defaultdict(set)
    for kind, one in entities:
        by_kind[kind].add(one)
    linked = {company for contact in by_kind[EntityType.CONTACT] for company in companies.get(contact, ())}
    return Client(
        frozenset(by_kind[EntityType.COMPANY] | linked),
        frozenset(by_kind[EntityType.CONTACT]),
        frozenset(by_kind[EntityType.LEAD]),
    )


def _deals_of(callers: set[int], clients: Iterable[Client]) -> defaultdict[int, list[Dealing]]:
    """By the callers whose they are."""
    known = list(clients)
    with_them = (
        Q(company_id__in={one for client in known for one in client.companies})
        | Q(contact_id__in={one for client in known for one in client.contacts})
        | Q(lead_id__in={one for client in known for one in client.leads})
    )
    found: defaultdict[int, list[Dealing]] = defaultdict(list)
    for deal in Deal.objects.filter(with_them, responsible_id__in=callers):
        found[deal.responsible_id].append(_dealing(deal))
    return found


def _dealing(deal: Deal) -> Dealing:
    closed_at = (deal.moved_at or deal.modified_at) if deal.closed else None
    until = min((moment for moment in (closed_at, deal.deleted_at) if moment), default=None)
    return Dealing(deal.portal_id, deal.created_at, until, deal.company_id, deal.contact_id, deal.lead_id)
