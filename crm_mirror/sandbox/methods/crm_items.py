"""crm.item.{list,get,add,update,delete,fields} for leads, deals, contacts and companies.

Docs: api-reference/crm/universal/. Errors carry codes here, unlike those of the classic methods.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from crm_mirror.sandbox import entities
from crm_mirror.sandbox.item_rows import ItemNames, selection, shown_items, upper_name
from crm_mirror.sandbox.kinds import Kind, kinds_by_type
from crm_mirror.sandbox.methods.crm_entities import check_crm_rights, is_kept_from, mapping, readable, start_of, zone_of
from crm_mirror.sandbox.query import Listing, order_of, page_of, where_of
from crm_mirror.sandbox.registry import Answer, Call, Refused, method
from crm_mirror.sandbox.values import to_flag, to_int

if TYPE_CHECKING:
    from crm_mirror.sandbox.portal import Portal

DIRECTIONS = {"ASC", "DESC"}


def names_of(call: Call, portal: Portal) -> ItemNames:
    check_crm_rights(call, portal, Refused(400, "ACCESS_DENIED", "Access denied"))
    kind = kinds_by_type().get(to_int(call.param("entityTypeId")))
    if kind is None:
        raise Refused(400, "NOT_FOUND", "Smart process not found")
    original = to_flag(call.param("useOriginalUfNames", default="N")) == "Y"
    return ItemNames(kind, portal.store, original, portal.config.item_list_company_ids)


def check_order(listing: Listing, wanted: dict[str, Any]) -> None:
    for name, direction in wanted.items():
        if listing.name(name) not in listing.fields:
            raise invalid(f"Invalid order: field '{name}' is not allowed in order")
        if str(direction).upper() not in DIRECTIONS:
            text = f"allowed sort directions are `ASC, DESC`. But got '{direction}' for field '{name}'"
            raise invalid(f"Invalid order: {text}")


def invalid(text: str) -> Refused:
    return Refused(400, "INVALID_ARG_VALUE", text)


def refuse_filter(name: str) -> NoReturn:
    raise invalid(f"Invalid filter: field '{name}' is not allowed in filter")


@method("crm.item.list")
def item_list(call: Call, portal: Portal) -> Answer:
    names, zone = names_of(call, portal), zone_of(call)
    listing = Listing(portal.store, names.kind, zone, names.fields, refuse_filter, of_items=True)
    order = mapping(call, "order")
    check_order(listing, order)
    where = readable(portal, call, where_of(listing, mapping(call, "filter")))
    chosen = selection(names, call.param("select"))
    page = page_of(portal.store, names.kind, chosen.columns, where, order_of(listing, order), start_of(call))
    return Answer({"items": shown_items(names, chosen, page.rows, zone)}, page.total, page.next)


def one_item(names: ItemNames, item_id: int, call: Call) -> Answer:
    chosen = selection(names, None)
    columns = ", ".join(chosen.columns)
    rows = names.store.rows(f"SELECT {columns} FROM {names.kind.name} WHERE ID = ?", (item_id,))
    return Answer({"item": shown_items(names, chosen, rows, zone_of(call))[0]})


def existing(names: ItemNames, call: Call, portal: Portal, missing: str) -> int:
    item_id = to_int(call.param("id"))
    if not entities.exists(portal.store, names.kind, item_id):
        raise Refused(400, "NOT_FOUND", missing)
    if is_kept_from(portal, call, names.kind, item_id):
        raise Refused(400, "ACCESS_DENIED", "You do not have permission to view this item")
    return item_id


@method("crm.item.get")
def item_get(call: Call, portal: Portal) -> Answer:
    names = names_of(call, portal)
    return one_item(names, existing(names, call, portal, "Element not found"), call)


def classic_fields(names: ItemNames, sent: dict[str, Any]) -> dict[str, Any]:
    """What was sent under item names, under classic ones."""
    known = names.fields
    written: dict[str, Any] = {}
    for name, value in sent.items():
        field = known.get(name) or known.get(name.upper())
        if field is not None:
            written[field.name] = value
        elif name in ("companyIds", "contactIds"):
            written["COMPANY_IDS" if name == "companyIds" else "CONTACT_IDS"] = value
        elif name == "fm":
            written |= multifields_sent(value)
    return written


def multifields_sent(sent: Any) -> dict[str, list[dict[str, Any]]]:
    """`fm` rows grouped by type, as classic methods take them."""
    grouped: dict[str, list[dict[str, Any]]] = {}
    for row in sent.values() if isinstance(sent, dict) else sent or ():
        one = {"VALUE": row.get("value"), "VALUE_TYPE": row.get("valueType")}
        if row.get("id"):
            one["ID"] = row["id"]
        grouped.setdefault(str(row.get("typeId", "PHONE")), []).append(one)
    return grouped


@method("crm.item.add")
def item_add(call: Call, portal: Portal) -> Answer:
    names = names_of(call, portal)
    sent = classic_fields(names, mapping(call, "fields"))
    item_id = entities.create(portal.store, names.kind, sent, by=call.user_id, at=call.now)
    portal.emit(f"{names.kind.event}ADD", {"ID": item_id}, by=call.user_id)
    return one_item(names, item_id, call)


@method("crm.item.update")
def item_update(call: Call, portal: Portal) -> Answer:
    names = names_of(call, portal)
    item_id = existing(names, call, portal, "Item not found")
    sent = classic_fields(names, mapping(call, "fields"))
    entities.change(portal.store, names.kind, item_id, sent, by=call.user_id, at=call.now)
    portal.emit(f"{names.kind.event}UPDATE", {"ID": item_id}, by=call.user_id)
    return one_item(names, item_id, call)


@method("crm.item.delete")
def item_delete(call: Call, portal: Portal) -> Answer:
    names = names_of(call, portal)
    item_id = existing(names, call, portal, "Item not found")
    entities.remove(portal.store, names.kind, item_id)
    portal.emit(f"{names.kind.event}DELETE", {"ID": item_id}, by=call.user_id)
    return Answer([])


@method("crm.item.fields")
def item_fields(call: Call, portal: Portal) -> Answer:
    names = names_of(call, portal)
    described = {names.shown(field): describe(names.kind, field) for field in names.fields.values()}
    for name in names.linked:
        target = "crm_company" if name == "companyIds" else "crm_contact"
        described[name] = blank(target, name, multiple=True) | {"upperName": name[:-3].upper() + "_IDS"}
    return Answer({"fields": described})


def describe(kind: Kind, field: Any) -> dict[str, Any]:
    known = kind.catalogue.get(field.name) or blank(field.type, field.name, multiple=field.multiple)
    return {**known, "upperName": upper_name(field)}


def blank(type_name: str, title: str, *, multiple: bool) -> dict[str, Any]:
    flags = {"isRequired": False, "isReadOnly": False, "isImmutable": False, "isMultiple": multiple}
    return {"type": type_name, **flags, "isDynamic": title.startswith("UF_"), "title": title}
