"""What figures count, each defined once: the tallies sum by these, the lists behind figures filter by them."""

from __future__ import annotations

from django.db.models import Count, Q

from callguard.calls import OUTGOING
from callguard.models import Tier

OF_CALLS: dict[str, Q] = {
    "calls": Q(),
    "outgoing": Q(direction__in=OUTGOING),
    "to_leads": Q(direction__in=OUTGOING, tier=Tier.LEAD),
    "on_deals": Q(direction__in=OUTGOING, deal_id__isnull=False),
}
# Each conflict is pending, excused or blamed, and only the last says anything about anybody.
PENDING = Q(conflict=True, judged_at=None)
EXCUSED = Q(conflict=True, judged_at__isnull=False, excused=True)
BLAMED = Q(conflict=True, judged_at__isnull=False, excused=False)
OF_CONFLICTS: dict[str, Q] = {
    "conflicts": Q(conflict=True),
    "pending": PENDING,
    "excused": EXCUSED,
    "blamed": BLAMED,
    "heeded": BLAMED & Q(answered=False),
    "proceeded": BLAMED & Q(answered=True),
    "open": BLAMED & Q(answered=None),
    "takeovers": BLAMED & Q(taken_over=True),
    # Of a time without colours: nobody could heed what nobody saw. The trend compares it with the time after.
    "unseen": Q(conflict=True, shown=False),
    "unseen_proceeded": Q(conflict=True, shown=False, answered=True),
}
SUM = "sum_"
STATES = {"pending": PENDING, "yes": EXCUSED, "no": BLAMED}


def counts(measures: dict[str, Q]) -> dict[str, Count]:
    """Aggregates over calls, each with SUM before its name: a call has an `excused` of its own."""
    return {SUM + name: Count("pk", filter=which) if which else Count("pk") for name, which in measures.items()}
