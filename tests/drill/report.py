"""What the drill found out, as figures and as a table."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from crm_mirror.models import Change, InboxEvent, OutboxCall
from crm_mirror.sandbox.portal import Portal
from tests.drill.causes.models import Cause
from tests.drill.compare import Difference, summary

SHOWN = 20  # differences that are listed


@dataclass
class Figures:
    """Everything but `notes` and the counts of what was done must be nought."""

    lost: int = 0
    wiped: int = 0
    doubled: int = 0
    left_over: int = 0
    surplus: int = 0
    different: int = 0
    buried_alive: int = 0  # on the way: marked deleted though nobody had deleted it
    drift: int = 0  # after the last reconcile
    unlike_a_full_sync: int = 0
    writes_missing: int = 0
    writes_doubled: int = 0
    writes_out_of_order: int = 0
    writes: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not any(value for name, value in vars(self).items() if name not in {"writes", "notes"})


def of_mirror(found: Iterable[Difference], into: Figures) -> None:
    listed = list(found)
    for what, count in summary(listed).items():
        setattr(into, what, count)
    into.notes += [str(one) for one in listed[:SHOWN]]


def of_queues(into: Figures) -> None:
    """What nobody has worked off, given up things included."""
    events = InboxEvent.objects.exclude(state__in=["done", "ignored"])
    calls = OutboxCall.objects.exclude(state="done")
    into.left_over = events.count() + calls.count()
    into.notes += [f"left over: {one} {one.state} {one.note[:200]}" for one in events[:SHOWN]]
    into.notes += [f"left over: {one} {one.state} {one.error[:200]}" for one in calls[:SHOWN]]


def of_feed(ever_gone: set[tuple[str, int]], into: Figures) -> None:
    """Rows that the mirror took for gone although they never were."""
    told = Change.objects.filter(what=Change.What.DELETED, kind__in=["company", "contact", "lead", "deal"])
    wrong = {(kind, int(portal_id)) for kind, portal_id in told.values_list("kind", "portal_id")} - ever_gone
    into.buried_alive = len(wrong)
    into.notes += [f"buried alive: {kind} {portal_id}" for kind, portal_id in sorted(wrong)[:SHOWN]]


def of_writes(portal: Portal, into: Figures) -> None:
    """Every cause has reached the portal once, those of one company in their order."""
    arrived = Counter(value for (value,) in portal.store.rows("SELECT VALUE FROM multifield WHERE TYPE_ID = 'PHONE'"))
    causes = list(Cause.objects.order_by("id"))
    into.writes = len(causes)
    into.writes_missing = sum(not arrived[cause.token] for cause in causes)
    into.writes_doubled = sum(max(0, arrived[cause.token] - 1) for cause in causes)
    last = {cause.company_id: cause.token for cause in causes}
    comments = dict(portal.store.rows("SELECT ID, COMMENTS FROM company"))
    into.writes_out_of_order = sum(comments[company] != token for company, token in last.items())


def table(figures: Figures, told: Mapping[str, Counter[str]], seconds: float) -> str:
    lines = [f"{name:<24}{sum(counts.values()):>7}   {in_words(counts)}" for name, counts in told.items()]
    for name, value in vars(figures).items():
        if name != "notes":
            lines.append(f"{name.replace('_', ' '):<24}{value:>7}")
    lines += [f"  {note}" for note in figures.notes]
    verdict = "clean" if figures.is_clean else "NOT CLEAN"
    numbers = {name: value for name, value in vars(figures).items() if name != "notes"}
    return "\n".join([*lines, f"{verdict} after {seconds:.0f} s", json.dumps(numbers)])


def in_words(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common(12))
