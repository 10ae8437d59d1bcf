"""A call in a line of a list: the same columns on the page and in its files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from callguard.dashboard.words import OUTCOMES, STATES, state_of
from callguard.models import Call, Tier
from callguard.reports.company import Company
from crm_mirror.admin.pieces import portal_url

AT_ONCE = 2000  # rows held at a time by an export


@dataclass(frozen=True)
class Line:
    """`page`: the call's own page; `client_url`: the client's in the portal. `state`, `outcome`: icon and word."""

    rung_at: datetime
    page: str
    caller: str
    client: str
    client_url: str
    number: str
    responsible: str
    status: str
    tier: str
    state: tuple[str, Any]
    outcome: tuple[str, Any]
    duration: int | None
    taken_over: bool
    unseen: bool
    call_id: str

    @property
    def values(self) -> list[Any]:
        """As a file writes them, in the order of `titles`."""
        return [
            *(self.rung_at, self.caller, self.number, self.client, self.responsible, self.status, self.tier),
            *(str(self.state[1]), str(self.outcome[1]), self.duration),
            *(_("yes") if flag else "" for flag in (self.taken_over, self.unseen)),
            self.call_id,
        ]


def titles() -> list[str]:
    return [
        *(_("Time"), _("Called"), _("Number"), _("Client"), _("Responsible then"), _("Status then"), _("Step")),
        *(_("Judgement"), _("Outcome"), _("Duration, s"), _("Taken over"), _("Before the colours"), _("Call ID")),
    ]


def needed(rows: QuerySet[Call]) -> QuerySet[Call]:
    """Without what a line does not say: the evidence alone is bigger than all of it."""
    return rows.defer("evidence")


def line_of(call: Call, company: Company) -> Line:
    told = call.verdict
    entity, responsible, status = (told.get(name) or {} for name in ("entity", "responsible", "status"))
    return Line(
        rung_at=call.rung_at,
        page=page_of(call),
        caller=company.name_of(call.caller_id),
        client=str(entity.get("title") or (f"ID {call.entity_id}" if call.entity_id else "")),
        client_url=portal_url(call.entity_type, call.entity_id) if call.entity_id else "",
        number=call.number,
        responsible=responsible.get("name") or (company.name_of(call.responsible_id) if call.responsible_id else ""),
        status=str(status.get("name") or ""),
        tier=str(Tier(call.tier).label) if call.tier in Tier.values else "",
        state=STATES[state_of(call)],
        outcome=OUTCOMES[call.answered],
        duration=call.duration,
        taken_over=call.taken_over,
        unseen=call.conflict and not call.shown,
        call_id=call.call_id,
    )


def page_of(call: Call) -> str:
    try:
        return reverse("dashboard:call", args=[call.pk])
    except NoReverseMatch:
        return reverse("admin:callguard_call_change", args=[call.pk])


def exported(rows: QuerySet[Call], company: Company) -> Iterator[list[Any]]:
    for call in in_portions(needed(rows)):
        yield line_of(call, company).values


def in_portions(rows: QuerySet[Call]) -> Iterable[Call]:
    return rows.iterator(chunk_size=AT_ONCE)


# --- Pages of a list -------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Page:
    """`older`: what the next page is asked with, "" on the last."""

    calls: list[Call]
    older: str


def page_after(rows: QuerySet[Call], after: str, *, size: int) -> Page:
    """Newest first, those older than the call that `after` names: however long the list, a page costs the same."""
    from_here = older_than(rows, after) if after else rows
    found = list(islice(needed(from_here)[: size + 1], size + 1))
    calls = found[:size]
    return Page(calls, place_of(calls[-1]) if len(found) > size else "")


def place_of(call: Call) -> str:
    return f"{call.rung_at.isoformat()}~{call.pk}"


def older_than(rows: QuerySet[Call], place: str) -> QuerySet[Call]:
    """All of them for a place that cannot be read."""
    moment, _tilde, pk = place.partition("~")
    try:
        at, last = datetime.fromisoformat(moment), int(pk)
    except ValueError:
        return rows
    if at.tzinfo is None or not 0 < last < 2**63:
        return rows
    return rows.filter(rung_at__lte=at).exclude(rung_at=at, pk__gte=last)
