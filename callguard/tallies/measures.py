"""What figures count, each defined once: the tallies sum by these, the lists behind figures filter by them."""

from __future__ import annotations

from django.db.models import Count, Q

from callguard.calls import OUTGOING
from callguard.models import ConflictState, Tier

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
STATES = {ConflictState.PENDING: PENDING, ConflictState.EXCUSED: EXCUSED, ConflictState.BLAMED: BLAMED}
OUTCOMES: dict[str, Q] = {
    "heeded": BLAMED & Q(answered=False),
    "proceeded": BLAMED & Q(answered=True),
    "takeovers": BLAMED & Q(taken_over=True),
    # Of a time without colours: nobody could heed what nobody saw. The trend compares it with the time after.
    "unseen": Q(conflict=True, shown=False),
    "unseen_proceeded": Q(conflict=True, shown=False, answered=True),
}
OF_CONFLICTS: dict[str, Q] = {
    "conflicts": Q(conflict=True),
    **{str(state): which for state, which in STATES.items()},
    "open": BLAMED & Q(answered=None),  # neither heeded nor proceeded yet; never summed, it is what is left
    **OUTCOMES,
}


def counts(measures: dict[str, Q]) -> dict[str, Count]:
    """Aggregates over calls, each with `n_` before its name: a call has an `excused` of its own."""
    return {f"n_{name}": Count("pk", filter=which) if which else Count("pk") for name, which in measures.items()}
