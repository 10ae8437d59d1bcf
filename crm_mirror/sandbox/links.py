"""Many-to-many links: contact → companies, lead → contacts, deal → contacts; one of each owner's is primary.

The owner's scalar field (COMPANY_ID, CONTACT_ID) repeats the primary one. Changing a link moves no DATE_MODIFY.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crm_mirror.sandbox.kinds import Kind, kinds
from crm_mirror.sandbox.store import Store
from crm_mirror.sandbox.values import to_int

SORT_STEP = 10


@dataclass(frozen=True)
class LinkKind:
    """One relation, seen from its owner."""

    owner: Kind
    target: Kind
    field: str  # the owner's field with the primary target


@dataclass(frozen=True)
class Link:
    target_id: int
    sort: int
    role_id: int = 0
    is_primary: bool = False


def link_kinds() -> dict[str, LinkKind]:
    """By the owner's name."""
    every = kinds()
    return {
        "contact": LinkKind(every["contact"], every["company"], "COMPANY_ID"),
        "lead": LinkKind(every["lead"], every["contact"], "CONTACT_ID"),
        "deal": LinkKind(every["deal"], every["contact"], "CONTACT_ID"),
    }


def links_of(store: Store, relation: LinkKind, owner_id: int) -> list[Link]:
    sql = (
        "SELECT TARGET_ID, SORT, ROLE_ID, IS_PRIMARY FROM link WHERE KIND = ? AND OWNER_ID = ? ORDER BY SORT, TARGET_ID"
    )
    rows = store.rows(sql, (relation.owner.type_id, owner_id))
    return [Link(target_id, sort, role_id, primary == "Y") for target_id, sort, role_id, primary in rows]


def owners_of(store: Store, relation: LinkKind, target_id: int) -> list[tuple[int, Link]]:
    """The other way round: (owner, its link to the target)."""
    sql = (
        "SELECT OWNER_ID, TARGET_ID, SORT, ROLE_ID, IS_PRIMARY FROM link "
        "WHERE KIND = ? AND TARGET_ID = ? ORDER BY OWNER_ID"
    )
    rows = store.rows(sql, (relation.owner.type_id, target_id))
    return [
        (owner_id, Link(target, sort, role_id, primary == "Y")) for owner_id, target, sort, role_id, primary in rows
    ]


def targets_of_page(store: Store, relation: LinkKind, owner_ids: Sequence[int]) -> dict[int, list[int]]:
    """Owner → targets for a page of owners. One query."""
    return _page(store, relation, owner_ids, "OWNER_ID", "TARGET_ID")


def owners_of_page(store: Store, relation: LinkKind, target_ids: Sequence[int]) -> dict[int, list[int]]:
    """Target → owners for a page of targets. One query."""
    return _page(store, relation, target_ids, "TARGET_ID", "OWNER_ID")


def _page(store: Store, relation: LinkKind, ids: Sequence[int], known: str, wanted: str) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    sql = (
        f"SELECT {known}, {wanted} FROM link WHERE KIND = {relation.owner.type_id} "
        f"AND {known} IN ({', '.join('?' * len(ids))}) ORDER BY {known}, SORT, {wanted}"
    )
    for one_id, other_id in store.rows(sql, ids) if ids else ():
        found[one_id].append(other_id)
    return found


def set_links(store: Store, relation: LinkKind, owner_id: int, links: Sequence[Link]) -> None:
    """Replace all links of an owner; the first becomes primary when none is, and only one is."""
    primary = next((link.target_id for link in links if link.is_primary), links[0].target_id if links else None)
    unique = {link.target_id: link for link in links}
    with store.writing():
        store.execute("DELETE FROM link WHERE KIND = ? AND OWNER_ID = ?", (relation.owner.type_id, owner_id))
        store.executemany(
            "INSERT INTO link (KIND, OWNER_ID, TARGET_ID, SORT, ROLE_ID, IS_PRIMARY) VALUES (?, ?, ?, ?, ?, ?)",
            [
                (
                    relation.owner.type_id,
                    owner_id,
                    one.target_id,
                    one.sort,
                    one.role_id,
                    _flag(one.target_id == primary),
                )
                for one in unique.values()
            ],
        )
        store.execute(f"UPDATE {relation.owner.name} SET {relation.field} = ? WHERE ID = ?", (primary, owner_id))


def add_link(
    store: Store, relation: LinkKind, owner_id: int, target_id: int, *, sort: int = 0, is_primary: bool = False
) -> None:
    others = [link for link in links_of(store, relation, owner_id) if link.target_id != target_id]
    if is_primary:
        others = [Link(link.target_id, link.sort, link.role_id) for link in others]
    place = sort or max((link.sort for link in others), default=0) + SORT_STEP
    set_links(store, relation, owner_id, [*others, Link(target_id, place, is_primary=is_primary)])


def remove_link(store: Store, relation: LinkKind, owner_id: int, target_id: int) -> bool:
    before = links_of(store, relation, owner_id)
    after = [link for link in before if link.target_id != target_id]
    set_links(store, relation, owner_id, after)
    return len(after) < len(before)


def links_sent(ids: Any) -> list[Link]:
    """Links from a plain list of IDs, as COMPANY_IDS and CONTACT_IDS take them; the first is primary."""
    listed = list(ids.values()) if isinstance(ids, dict) else ids if isinstance(ids, list) else [ids]
    wanted = [to_int(one) for one in listed if to_int(one) > 0]
    return [Link(one, SORT_STEP * (place + 1), is_primary=place == 0) for place, one in enumerate(wanted)]


def _flag(value: bool) -> str:
    return "Y" if value else "N"
