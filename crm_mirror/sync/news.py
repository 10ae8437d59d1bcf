"""What the feed is told of written rows: one change for each, with what was and what is. See models.Change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from crm_mirror.models import Change
from crm_mirror.sync import echoes
from crm_mirror.sync.kinds import LINK, Kind
from crm_mirror.sync.look import Look

STAMPS = frozenset(  # no news by themselves
    {"portal_id", "created_at", "modified_at", "created_by_id", "modified_by_id", "moved_at"}
)
AT_ONCE = 1000

Numbers = Mapping[int, tuple[list[str], list[str]]]  # portal ID → numbers before and now
Pair = tuple[int, int]  # contact, company


def tell_rows(
    kind: Kind, rows: Iterable[Any], before: Mapping[int, Mapping[str, Any]], numbers: Numbers, look: Look
) -> None:
    """Of records just written; `before` holds what the mirror knew of them, by ID. Inside the caller's `writing()`."""
    if not look.is_first:
        tell(change for row in rows if (change := _change(kind, row, before.get(row.portal_id), numbers, look)))


def tell_links(contacts: Iterable[int], before: Collection[Pair], after: Collection[Pair], look: Look) -> None:
    """Of contacts whose companies are others now. Inside the caller's `writing()`."""
    if look.is_first:
        return
    old, new = _companies(before), _companies(after)
    tell(
        Change(
            at=look.at,
            kind=LINK,
            portal_id=str(one),
            what=Change.What.UPDATED,
            facts={"company_ids": [old[one], new[one]]},
            source=look.source,
        )
        for one in sorted(contacts)
    )


def tell_deleted(kind: str, portal_ids: Sequence[int], look: Look) -> None:
    """Of rows just marked deleted. Inside the caller's `writing()`."""
    tell(
        Change(
            at=look.at,
            kind=kind,
            portal_id=str(one),
            what=Change.What.DELETED,
            by_id=look.by.get(one),
            source=look.source,
        )
        for one in portal_ids
    )


def tell(changes: Iterable[Change]) -> None:
    """Inside the caller's `writing()`, which gives the changes their order."""
    news = list(changes)
    echoes.mark(news)
    Change.objects.bulk_create(news, batch_size=AT_ONCE)


def _change(kind: Kind, row: Any, before: Mapping[str, Any] | None, numbers: Numbers, look: Look) -> Change | None:
    """None when only the stamps of the change have moved."""
    known = before or {}
    facts: dict[str, Any] = {
        name: [known.get(name), getattr(row, name)]
        for name in kind.columns
        if name not in STAMPS and known.get(name) != getattr(row, name)
    }
    if row.portal_id in numbers:
        facts["numbers"] = list(numbers[row.portal_id])
    what = Change.What.CREATED if before is None else Change.What.UPDATED
    if known.get("deleted_at"):
        what = Change.What.REVIVED
    if what == Change.What.UPDATED and not facts:
        return None
    modified_at = getattr(row, "modified_at", None)
    return Change(
        at=look.at,
        kind=kind.name,
        portal_id=str(row.portal_id),
        what=what,
        facts=facts,
        by_id=look.by.get(row.portal_id) or getattr(row, "modified_by_id", None),
        modified_at=modified_at,
        lag_s=look.lag(modified_at),
        source=look.source,
    )


def _companies(pairs: Iterable[Pair]) -> defaultdict[int, list[int]]:
    found: defaultdict[int, list[int]] = defaultdict(list)
    for contact_id, company_id in sorted(pairs):
        found[contact_id].append(company_id)
    return found
