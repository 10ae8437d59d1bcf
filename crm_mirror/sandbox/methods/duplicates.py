"""crm.duplicate.findbycomm and crm.entity.mergeBatch. Docs: api-reference/crm/duplicates/."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_mirror.sandbox import entities
from crm_mirror.sandbox.kinds import Kind, kinds, kinds_by_type
from crm_mirror.sandbox.multifields import search_code
from crm_mirror.sandbox.query import as_list
from crm_mirror.sandbox.registry import Answer, Call, Refused, method
from crm_mirror.sandbox.values import to_int

if TYPE_CHECKING:
    from crm_mirror.sandbox.portal import Portal

MOST = 20  # values taken, and entities found for a kind before the search stops
SEARCHED = ("lead", "contact", "company")


@method("crm.duplicate.findbycomm")
def find_by_comm(call: Call, portal: Portal) -> Answer:
    type_id = str(call.param("type") or "").upper()
    if not type_id:
        raise Refused(400, "Communication type is not defined", "Parameter 'type' is required.")
    if type_id not in ("PHONE", "EMAIL"):
        text = f"Communication type '{type_id}' is not supported in current context"
        raise Refused(400, text, "An unsupported communication type was specified.")
    values = [str(value) for value in as_list(call.param("values")) if value][:MOST]
    if not values:
        raise Refused(400, "Communication values is not defined", "Parameter 'values' is required.")
    only = str(call.param("entity_type") or "").lower()
    found = search(portal, call, type_id, values, [name for name in SEARCHED if only in ("", name)])
    return Answer(found or [])


def search(portal: Portal, call: Call, type_id: str, values: list[str], names: list[str]) -> dict[str, list[int]]:
    """Kind → IDs; a kind with twenty or more ends the search, so later kinds are missing."""
    found: dict[str, list[int]] = {}
    for name in names:
        ids = carriers(portal, call, kinds()[name], type_id, values)
        if ids:
            found[name.upper()] = ids[:MOST]
        if len(ids) >= MOST:
            break
    return found


def carriers(portal: Portal, call: Call, kind: Kind, type_id: str, values: list[str]) -> list[int]:
    codes = [code for code in (search_code(type_id, value) for value in values) if code]
    sql = (
        f"SELECT DISTINCT {kind.name}.ID FROM multifield JOIN {kind.name} ON {kind.name}.ID = ELEMENT_ID "
        f"WHERE +KIND = ? AND multifield.TYPE_ID = ? AND CODE IN ({', '.join('?' * len(codes))})"
    )
    args: list[Any] = [kind.type_id, type_id, *codes]
    if portal.visible_only_to(call.user_id):
        sql += " AND ASSIGNED_BY_ID = ?"
        args.append(call.user_id)
    return [entity_id for (entity_id,) in portal.store.rows(f"{sql} ORDER BY 1 LIMIT {MOST}", args)]


def merge_error(text: str) -> Refused:
    return Refused(400, 0, text)


@method("crm.entity.mergeBatch")
def merge_batch(call: Call, portal: Portal) -> Answer:
    """The first lives; the others are deleted, each with its own event, while the survivor's phones move in silence."""
    params = call.param("params")
    params = params if isinstance(params, dict) else call.params
    if not to_int(params.get("entityTypeId")):
        raise merge_error("The parameter entityTypeId is required.")
    kind = kinds_by_type().get(to_int(params["entityTypeId"]))
    if kind is None:
        raise merge_error(f"Entity type {params['entityTypeId']} is not supported")
    ids = [to_int(one) for one in as_list(params.get("entityIds")) if to_int(one) > 0]
    if not ids:
        raise merge_error("The parameter entityIds does not contains valid elements.")
    if len(ids) < 2:
        raise merge_error("The parameter entityIds must contains at least two elements.")
    if not all(entities.exists(portal.store, kind, one) for one in ids):
        raise merge_error("Owner was not found")
    entities.merge(portal.store, kind, ids[0], ids[1:], by=call.user_id, at=call.now)
    for removed in ids[1:]:
        portal.emit(f"{kind.event}DELETE", {"ID": removed}, by=call.user_id)
    return Answer({"STATUS": "SUCCESS", "ENTITY_IDS": ids})
