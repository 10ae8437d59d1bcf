"""Which deal a call was about: the caller's own with this client that was open when it rang. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Client:
    """Who is behind a number, by portal IDs: everybody who carries it, and whoever the verdict named."""

    companies: frozenset[int] = frozenset()
    contacts: frozenset[int] = frozenset()
    leads: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Dealing:
    """A deal as far as it matters here. `until`: when it was closed or deleted; None while it is neither."""

    id: int
    since: datetime | None
    until: datetime | None
    company_id: int | None
    contact_id: int | None
    lead_id: int | None

    def is_with(self, client: Client) -> bool:
        return self.company_id in client.companies or self.contact_id in client.contacts or self.lead_id in client.leads

    def is_open(self, at: datetime) -> bool:
        return (self.since is None or self.since <= at) and (self.until is None or self.until > at)


def current_deal(client: Client, deals: Iterable[Dealing], *, rung_at: datetime) -> int | None:
    """Of the caller's `deals` the newest that was open with this client."""
    return max((deal.id for deal in deals if deal.is_with(client) and deal.is_open(rung_at)), default=None)
