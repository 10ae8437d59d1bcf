"""crm.contact.company.* and crm.company.contact.*: the same links from either end.

Docs: api-reference/crm/contacts/company/, api-reference/crm/companies/contacts/. IDs are numbers here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crm_mirror.sandbox import entities, links
from crm_mirror.sandbox.kinds import Kind, kinds
from crm_mirror.sandbox.methods.crm_entities import check_crm_rights, is_kept_from, refusal
from crm_mirror.sandbox.registry import Answer, Call, Refused, method
from crm_mirror.sandbox.store import Store
from crm_mirror.sandbox.values import to_flag, to_int

if TYPE_CHECKING:
    from crm_mirror.sandbox.portal import Portal


@dataclass(frozen=True)
class Side:
    """One end of the relation: whose links are asked for, and the name of the other end's ID."""

    kind: Kind
    other: Kind
    key: str  # COMPANY_ID or CONTACT_ID
    is_owner: bool  # contacts own their links to companies

    @property
    def relation(self) -> links.LinkKind:
        return links.link_kinds()["contact"]


def sides() -> list[Side]:
    contact, company = kinds()["contact"], kinds()["company"]
    return [Side(contact, company, "COMPANY_ID", True), Side(company, contact, "CONTACT_ID", False)]


def owner_of(side: Side, call: Call, portal: Portal, *, quoted: bool) -> int:
    owner_id = to_int(call.param("id"))
    if owner_id <= 0:
        name = "'ownerEntityID'" if quoted else "ownerEntityID"
        raise refusal(f"The parameter {name} is invalid or not defined.")
    if not entities.exists(portal.store, side.kind, owner_id):
        raise refusal("Not found")
    if is_kept_from(portal, call, side.kind, owner_id):
        raise Refused(400, "ACCESS_DENIED", "Access denied!")
    return owner_id


def items(store: Store, side: Side, owner_id: int) -> list[dict[str, Any]]:
    if side.is_owner:
        found = [(link.target_id, link) for link in links.links_of(store, side.relation, owner_id)]
    else:
        found = links.owners_of(store, side.relation, owner_id)
    return [
        {side.key: other, "SORT": link.sort, "ROLE_ID": link.role_id, "IS_PRIMARY": "Y" if link.is_primary else "N"}
        for other, link in found
    ]


def get_items(side: Side, call: Call, portal: Portal) -> Answer:
    return Answer(items(portal.store, side, owner_of(side, call, portal, quoted=False)))


def set_items(side: Side, call: Call, portal: Portal) -> Answer:
    owner_id = owner_of(side, call, portal, quoted=False)
    sent = call.param("items")
    if not isinstance(sent, list | dict):
        raise refusal("The parameter items must be array.")
    rows = [row for row in (sent.values() if isinstance(sent, dict) else sent) if isinstance(row, dict)]
    replace_all(portal.store, side, owner_id, [row for row in rows if to_int(row.get(side.key)) > 0])
    return Answer(True)


def replace_all(store: Store, side: Side, owner_id: int, rows: list[dict[str, Any]]) -> None:
    if side.is_owner:
        wanted = [link_sent(row, side.key, place) for place, row in enumerate(rows)]
        links.set_links(store, side.relation, owner_id, wanted)
        return
    for other_id, _ in links.owners_of(store, side.relation, owner_id):
        links.remove_link(store, side.relation, other_id, owner_id)
    for place, row in enumerate(rows):
        one = link_sent(row, side.key, place)
        links.add_link(store, side.relation, one.target_id, owner_id, sort=one.sort, is_primary=one.is_primary)


def link_sent(row: dict[str, Any], key: str, place: int) -> links.Link:
    sort = to_int(row.get("SORT")) or links.SORT_STEP * (place + 1)
    return links.Link(to_int(row.get(key)), sort, to_int(row.get("ROLE_ID")), to_flag(row.get("IS_PRIMARY")) == "Y")


def delete_items(side: Side, call: Call, portal: Portal) -> Answer:
    replace_all(portal.store, side, owner_of(side, call, portal, quoted=False), [])
    return Answer(True)


def ends_of(side: Side, call: Call, portal: Portal) -> tuple[int, int, dict[str, Any]]:
    """(contact, company, what was sent) of add and delete."""
    owner_id = owner_of(side, call, portal, quoted=True)
    sent = call.param("fields")
    if not isinstance(sent, dict):
        raise refusal("The parameter 'fields' must be array.")
    other_id = to_int(sent.get(side.key))
    if other_id <= 0:
        raise refusal("The parameter 'fields' is not valid.")
    return (owner_id, other_id, sent) if side.is_owner else (other_id, owner_id, sent)


def add_one(side: Side, call: Call, portal: Portal) -> Answer:
    contact_id, company_id, sent = ends_of(side, call, portal)
    if not entities.exists(portal.store, side.other, company_id if side.is_owner else contact_id):
        raise refusal("Not found")
    is_primary = to_flag(sent.get("IS_PRIMARY")) == "Y"
    links.add_link(
        portal.store, side.relation, contact_id, company_id, sort=to_int(sent.get("SORT")), is_primary=is_primary
    )
    return Answer(True)


def delete_one(side: Side, call: Call, portal: Portal) -> Answer:
    contact_id, company_id, _ = ends_of(side, call, portal)
    return Answer(links.remove_link(portal.store, side.relation, contact_id, company_id))


def fields(side: Side, call: Call, portal: Portal) -> Answer:
    def described(kind: str, title: str, required: bool = False) -> dict[str, Any]:
        flags = {"isReadOnly": False, "isImmutable": False, "isMultiple": False, "isDynamic": False}
        return {"type": kind, "isRequired": required, **flags, "title": title}

    key = described("integer", side.other.title, required=True)
    return Answer({"SORT": described("integer", "Sorting"), "IS_PRIMARY": described("char", "Primary"), side.key: key})


ACTIONS: dict[str, Callable[[Side, Call, Portal], Answer]] = {
    "items.get": get_items,
    "items.set": set_items,
    "items.delete": delete_items,
    "add": add_one,
    "delete": delete_one,
    "fields": fields,
}


def register(side: Side, action: str) -> None:
    @method(f"crm.{side.kind.name}.{side.other.name}.{action}")
    def run(call: Call, portal: Portal) -> Answer:
        check_crm_rights(call, portal, Refused(400, "ACCESS_DENIED", "Access denied!"))
        return ACTIONS[action](side, call, portal)


for _side in sides():
    for _action in ACTIONS:
        register(_side, _action)
