"""The numbers that bonuses are paid by, a person's of a period, as the published case lists them; and the same without
what was won from colleagues' clients. The rows behind each: callguard.kpi.won, and reports.lists for the calls.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.db.models import Count, Sum

from callguard.kpi.won import deals_won, leads_converted
from callguard.reports import sources
from callguard.reports.question import Question

CENT = Decimal("0.01")
Sums = Mapping[str, Decimal]  # by currency; only what was earned in


@dataclass(frozen=True, slots=True)
class Won:
    """Deals won, and what they come to. A deal without an amount counts as a deal alone."""

    deals: int = 0
    sums: Sums = field(default_factory=dict)

    def __add__(self, other: Won) -> Won:
        return Won(self.deals + other.deals, _added(self.sums, other.sums, 1))

    def __sub__(self, other: Won) -> Won:
        return Won(self.deals - other.deals, _added(self.sums, other.sums, -1))


@dataclass(frozen=True, slots=True)
class Kpi:
    """One person's. `taken`: the part of `won` that came from clients he had taken over from colleagues."""

    person_id: int
    to_leads: int = 0
    on_deals: int = 0
    converted: int = 0
    won: Won = field(default_factory=Won)
    taken: Won = field(default_factory=Won)

    @property
    def corrected(self) -> Won:
        return self.won - self.taken


def by_person(q: Question) -> list[Kpi]:
    """Everybody of the question's people who has any, who has won most first. Three queries."""
    found: defaultdict[int, Kpi] = defaultdict(lambda: Kpi(0))
    for person_id, totals in sources.totals(q, "caller").items():
        calls = totals.traffic
        if calls.to_leads or calls.on_deals:
            found[person_id] = replace(found[person_id], to_leads=calls.to_leads, on_deals=calls.on_deals)
    converted = leads_converted(q).order_by().values_list("responsible_id").annotate(count=Count("pk"))
    for person_id, count in converted:
        found[person_id] = replace(found[person_id], converted=count)
    won = deals_won(q).order_by().values_list("responsible_id", "taken", "currency")
    for person_id, taken, currency, deals, amount in won.annotate(deals=Count("pk"), amount=Sum("amount")):
        found[person_id] = _with(found[person_id], Won(deals, _sums(currency, amount)), is_taken=taken)
    return sorted((replace(kpi, person_id=person_id) for person_id, kpi in found.items()), key=_place)


def total(rows: Iterable[Kpi]) -> Kpi:
    whole = Kpi(0)
    for one in rows:
        whole = Kpi(
            0,
            whole.to_leads + one.to_leads,
            whole.on_deals + one.on_deals,
            whole.converted + one.converted,
            whole.won + one.won,
            whole.taken + one.taken,
        )
    return whole


def currencies(rows: Iterable[Kpi]) -> list[str]:
    return sorted({currency for one in rows for currency in one.won.sums})


def _with(kpi: Kpi, won: Won, *, is_taken: bool) -> Kpi:
    return replace(kpi, won=kpi.won + won, taken=kpi.taken + won if is_taken else kpi.taken)


def _sums(currency: str, amount: Decimal | None) -> dict[str, Decimal]:
    return {currency: Decimal(amount).quantize(CENT)} if amount else {}


def _added(one: Sums, other: Sums, sign: int) -> dict[str, Decimal]:
    nought = Decimal(0)
    both = {name: one.get(name, nought) + sign * other.get(name, nought) for name in sorted({*one, *other})}
    return {name: amount for name, amount in both.items() if amount}


def _place(kpi: Kpi) -> tuple[int, int, int, int]:
    return -kpi.corrected.deals, -kpi.converted, -(kpi.on_deals + kpi.to_leads), kpi.person_id
