"""crm.{company,contact,lead,deal}.{list,get,add,update,delete,fields}: the classic methods.

Docs: api-reference/crm/{companies,contacts,leads,deals}/. Errors are HTTP 400 with an empty code and a text.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from crm_mirror.sandbox import entities, multifields
from crm_mirror.sandbox.kinds import Field, Kind, kinds
from crm_mirror.sandbox.query import Listing, Where, order_of, page_of, where_of
from crm_mirror.sandbox.registry import Answer, Call, Refused, method
from crm_mirror.sandbox.store import Store
from crm_mirror.sandbox.values import classic_column, classic_writer, to_int

if TYPE_CHECKING:
    from crm_mirror.sandbox.portal import Portal


def refusal(text: str) -> Refused:
    """A classic error: an empty code and only a text."""
    return Refused(400, "", text)


def zone_of(call: Call) -> tzinfo:
    zone = call.now.tzinfo
    assert zone is not None  # noqa: S101 - Call.now is aware
    return zone


def mapping(call: Call, name: str, *, required: bool = False) -> dict[str, Any]:
    """A parameter that must be an object; an empty list is an empty object in PHP."""
    value = call.param(name)
    if value is None and not required:
        return {}
    if isinstance(value, list):
        return {str(place): one for place, one in enumerate(value)}
    if not isinstance(value, dict):
        raise refusal(f"Parameter '{name}' must be array.")
    return value


def entity_id_of(call: Call) -> int:
    entity_id = to_int(call.param("id"))
    if entity_id <= 0:
        raise refusal("ID is not defined or invalid.")
    return entity_id


def start_of(call: Call) -> int:
    return to_int(call.param("start", default=0))


def readable(portal: Portal, call: Call, where: Where) -> Where:
    """Rows the user may not read are left out in silence."""
    if portal.visible_only_to(call.user_id):
        where.add("ASSIGNED_BY_ID = ?", call.user_id)
    return where


def selected(fields: dict[str, Field], custom: dict[str, Field], wanted: Any) -> list[Field]:
    """Fields of a row: `*` is all but custom and multiple ones, `UF_*` the custom ones; both by default."""
    names = wanted if isinstance(wanted, list) else list((wanted or {}).values()) if isinstance(wanted, dict) else []
    names = [str(name).upper() for name in names] or ["*", "UF_*"]
    chosen: dict[str, Field] = {}
    for name in names:
        if name == "*":
            chosen |= {key: field for key, field in fields.items() if key not in custom}
        elif name == "UF_*":
            chosen |= custom
        elif name in fields:
            chosen[name] = fields[name]
    return list(chosen.values()) if "ID" in chosen else [fields["ID"], *chosen.values()]


def named_multifields(kind: Kind, wanted: Any) -> list[str]:
    names = wanted if isinstance(wanted, list) else (wanted or {}).values() if isinstance(wanted, dict) else []
    upper = {str(name).upper() for name in names}
    return [name for name in kind.multifields if name in upper]


def classic_rows(rows: list[Any], chosen: list[Field], zone: tzinfo) -> list[dict[str, Any]]:
    """Rows of the chosen fields' columns as a classic answer shows them."""
    names = [field.name for field in chosen]
    writers = [(field.name, write) for field in chosen if (write := classic_writer(field, zone))]
    shown = []
    for row in rows:
        one = dict(zip(names, row, strict=True))
        for name, write in writers:
            one[name] = write(one[name])
        shown.append(one)
    return shown


def add_multifields(store: Store, kind: Kind, rows: list[dict[str, Any]], type_ids: Sequence[str]) -> None:
    """Phones and the like of a whole page; a row without any gets no key."""
    found = multifields.of_elements(store, kind, [int(row["ID"]) for row in rows], type_ids)
    for row in rows if found else ():
        if values := found.get(int(row["ID"])):
            row.update(values)


def list_entities(kind: Kind, call: Call, portal: Portal) -> Answer:
    store, zone = portal.store, zone_of(call)
    fields = store.fields(kind)
    listing = Listing(store, kind, zone, fields)
    where = readable(portal, call, where_of(listing, mapping(call, "filter")))
    wanted = call.param("select")
    chosen = selected(fields, store.custom_fields(kind), wanted)
    columns = [classic_column(field) for field in chosen]
    page = page_of(store, kind, columns, where, order_of(listing, mapping(call, "order")), start_of(call))
    rows = classic_rows(page.rows, chosen, zone)
    add_multifields(store, kind, rows, named_multifields(kind, wanted))
    return Answer(rows, page.total, page.next)


def get_entity(kind: Kind, call: Call, portal: Portal) -> Answer:
    store, zone, entity_id = portal.store, zone_of(call), entity_id_of(call)
    chosen = list(store.fields(kind).values())
    columns = ", ".join(classic_column(field) for field in chosen)
    found = store.rows(f"SELECT {columns} FROM {kind.name} WHERE ID = ?", (entity_id,))
    if not found:
        raise refusal("Not found")
    if is_kept_from(portal, call, kind, entity_id):
        raise refusal("Access denied")
    rows = classic_rows(found, chosen, zone)
    add_multifields(store, kind, rows, kind.multifields)
    return Answer(rows[0])


def is_kept_from(portal: Portal, call: Call, kind: Kind, entity_id: int) -> bool:
    """Whether the user's rights end at rows he is responsible for, and this is another's."""
    if not portal.visible_only_to(call.user_id):
        return False
    return bool(entities.value_of(portal.store, kind, entity_id, "ASSIGNED_BY_ID") != call.user_id)


def check_crm_rights(call: Call, portal: Portal, denied: Refused) -> None:
    """An employee whose role gives no right on the CRM is refused before anything is read."""
    user = portal.store.user(call.user_id)
    if user and user.get("HAS_NO_CRM"):
        raise denied


def add_entity(kind: Kind, call: Call, portal: Portal) -> Answer:
    fields = mapping(call, "fields", required=True)
    entity_id = entities.create(portal.store, kind, fields, by=call.user_id, at=call.now)
    portal.emit(f"{kind.event}ADD", {"ID": entity_id}, by=call.user_id)
    return Answer(entity_id)


def existing(kind: Kind, call: Call, portal: Portal) -> int:
    """The ID of an entity that is there and may be changed."""
    entity_id = entity_id_of(call)
    if not entities.exists(portal.store, kind, entity_id):
        raise refusal(f"{kind.title} is not found")
    if is_kept_from(portal, call, kind, entity_id):
        raise refusal("Access denied.")
    return entity_id


def update_entity(kind: Kind, call: Call, portal: Portal) -> Answer:
    entity_id = entity_id_of(call)
    fields = mapping(call, "fields", required=True)
    existing(kind, call, portal)
    entities.change(portal.store, kind, entity_id, fields, by=call.user_id, at=call.now)
    portal.emit(f"{kind.event}UPDATE", {"ID": entity_id}, by=call.user_id)
    return Answer(True)


def delete_entity(kind: Kind, call: Call, portal: Portal) -> Answer:
    entity_id = existing(kind, call, portal)
    entities.remove(portal.store, kind, entity_id)
    portal.emit(f"{kind.event}DELETE", {"ID": entity_id}, by=call.user_id)
    return Answer(True)


def describe_fields(kind: Kind, call: Call, portal: Portal) -> Answer:
    described = dict(kind.catalogue)
    for one in portal.store.user_fields.values() if kind.name == "company" else ():
        described[one["FIELD_NAME"]] = describe_custom(one)
    return Answer(described)


def describe_custom(one: dict[str, Any]) -> dict[str, Any]:
    label = next((text for text in one["EDIT_FORM_LABEL"].values() if text), one["FIELD_NAME"])
    described: dict[str, Any] = {"type": one["USER_TYPE_ID"], "isRequired": one["MANDATORY"] == "Y"}
    described |= {"isReadOnly": False, "isImmutable": False, "isMultiple": one["MULTIPLE"] == "Y", "isDynamic": True}
    if one["USER_TYPE_ID"] == "crm_status":
        described["statusType"] = one["SETTINGS"].get("ENTITY_TYPE")
    if one["USER_TYPE_ID"] == "enumeration":
        described["items"] = [{"ID": item["ID"], "VALUE": item["VALUE"]} for item in one["LIST"]]
    described |= {"title": one["FIELD_NAME"], "listLabel": label, "formLabel": label, "filterLabel": label}
    return described | {"settings": one["SETTINGS"]}


ACTIONS = {
    "list": list_entities,
    "get": get_entity,
    "add": add_entity,
    "update": update_entity,
    "delete": delete_entity,
    "fields": describe_fields,
}


def register(kind: Kind, action: str) -> None:
    @method(f"crm.{kind.name}.{action}")
    def run(call: Call, portal: Portal) -> Answer:
        check_crm_rights(call, portal, refusal("Access denied."))
        return ACTIONS[action](kind, call, portal)


for _kind in kinds().values():
    for _action in ACTIONS:
        register(_kind, _action)
