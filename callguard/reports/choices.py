"""What the filters of the figures offer: only what the actor may ask about."""

from __future__ import annotations

from callguard.reports.company import Part, Somebody
from callguard.reports.question import NO_STATUS, Question
from crm_mirror.models import Status


def departments(q: Question) -> list[Part]:
    """Those with people in the scope, each behind the one it belongs to."""
    return [
        part for part in q.company.ordered if q.scope is None or not q.scope.isdisjoint(q.company.people_of(part.id))
    ]


def people(q: Question) -> list[Somebody]:
    """By name; those who left stay, for their calls do."""
    return [one for one in q.company.people.values() if q.scope is None or one.id in q.scope]


def statuses() -> list[tuple[str, str]]:
    """Value and name in the reference's order, retired ones too. One query."""
    return [*Status.objects.order_by("sort", "name").values_list("value", "name"), (NO_STATUS, "–")]
