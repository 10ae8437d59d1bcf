"""The leads and deals behind a figure, as the page and its files list them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from callguard.dashboard.kpi.words import sum_words
from callguard.kpi import won
from callguard.reports.company import Company as Everybody
from callguard.reports.question import Question
from crm_mirror.admin.pieces import portal_url
from crm_mirror.models import Company, Contact, Deal, Lead

LISTS: Mapping[str, Callable[[Question], QuerySet[Any]]] = {
    "converted": won.leads_converted,
    "won": won.deals_won,
    "taken": won.deals_taken,
    "kept": won.deals_kept,
}
AT_ONCE = 1000


@dataclass(frozen=True)
class Line:
    """`url`, `client_url`: in the portal. `taken`: won from a colleague's client."""

    done_at: datetime | None
    title: str
    url: str
    client: str
    client_url: str
    responsible: str
    amount: Decimal | None
    currency: str
    taken: bool
    portal_id: int

    @property
    def sum_words(self) -> str:
        return "" if self.amount is None else sum_words(self.amount, self.currency)

    @property
    def values(self) -> list[Any]:
        """As a file writes them, in the order of `titles`."""
        return [
            *(self.done_at, self.title, self.portal_id, self.client, self.responsible, self.amount, self.currency),
            _("yes") if self.taken else "",
        ]


def titles() -> list[str]:
    return [
        *(_("Stage since"), _("Name"), _("Portal ID"), _("Client"), _("Responsible"), _("Amount"), _("Currency")),
        _("From a colleague's client"),
    ]


def lines(rows: Iterable[Lead | Deal], everybody: Everybody) -> list[Line]:
    """Two queries more, for the names of the clients."""
    found = list(rows)
    companies, contacts = (
        dict(model.objects.filter(portal_id__in=ids - {None}).values_list("portal_id", "title"))
        for model, ids in (
            (Company, {one.company_id for one in found}),
            (Contact, {one.contact_id for one in found if one.company_id is None}),
        )
    )
    return [_line(one, everybody, companies, contacts) for one in found]


def exported(rows: QuerySet[Any], everybody: Everybody) -> Iterator[list[Any]]:
    """In portions, each with the names of its clients."""
    portion: list[Lead | Deal] = []
    for one in rows.iterator(chunk_size=AT_ONCE):
        portion.append(one)
        if len(portion) == AT_ONCE:
            yield from (line.values for line in lines(portion, everybody))
            portion = []
    yield from (line.values for line in lines(portion, everybody))


def _line(one: Lead | Deal, everybody: Everybody, companies: Mapping[int, str], contacts: Mapping[int, str]) -> Line:
    kind, client_id, names = "company", one.company_id, companies
    if client_id is None:
        kind, client_id, names = "contact", one.contact_id, contacts
    is_deal = isinstance(one, Deal)
    return Line(
        done_at=one.moved_at or one.modified_at,
        title=one.title,
        url=portal_url("deal" if is_deal else "lead", one.portal_id),
        client="" if client_id is None else names.get(client_id, f"ID {client_id}"),
        client_url="" if client_id is None else portal_url(kind, client_id),
        responsible=everybody.name_of(one.responsible_id),
        amount=one.amount if isinstance(one, Deal) else None,
        currency=one.currency if isinstance(one, Deal) else "",
        taken=bool(getattr(one, "taken", False)),
        portal_id=one.portal_id,
    )
