"""crm.company.userfield.{add,get,list,update,delete}. Docs: api-reference/crm/companies/userfields/."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from crm_mirror.sandbox import custom_fields
from crm_mirror.sandbox.filters_in_memory import matches, sorted_rows
from crm_mirror.sandbox.methods.crm_entities import entity_id_of, mapping, refusal
from crm_mirror.sandbox.methods.statuses import require_admin
from crm_mirror.sandbox.registry import Answer, Call, Refused, method

if TYPE_CHECKING:
    from crm_mirror.sandbox.portal import Portal

PREFIX = "UF_CRM_"
NAME_LENGTH = 50
EVENT = "ONCRMCOMPANYUSERFIELD"


def core_error(text: str) -> Refused:
    return Refused(400, "ERROR_CORE", text)


def field_of(call: Call, portal: Portal) -> dict[str, Any]:
    field_id = entity_id_of(call)
    if field_id not in portal.store.user_fields:
        raise Refused(400, "ERROR_NOT_FOUND", f"The entity with ID '{field_id}' is not found")
    return portal.store.user_fields[field_id]


def announce(portal: Portal, call: Call, what: str, one: dict[str, Any]) -> None:
    """Payload as in the docs of the userfield events: the ID, the entity and the field's name."""
    fields = {"ID": one["ID"], "ENTITY_ID": one["ENTITY_ID"], "FIELD_NAME": one["FIELD_NAME"]}
    portal.emit(f"{EVENT}{what}", fields, by=call.user_id)


def checked_name(written: Any) -> str:
    if not written:
        raise refusal("The 'FIELD_NAME' field is not found.")
    name = str(written).upper()
    name = name if name.startswith(PREFIX) else PREFIX + name
    if len(name) > NAME_LENGTH:
        raise core_error("Field name is too long (more than 50 characters).")
    if not re.fullmatch(r"[A-Z0-9_]+", name):
        raise core_error("Field name contains invalid characters. Allowed characters are: A-Z, 0-9 and _.")
    return name


def check_codes(items: list[dict[str, Any]]) -> None:
    codes = [str(item["XML_ID"]) for item in items if item.get("XML_ID")]
    for code in codes:
        if codes.count(code) > 1:
            raise core_error(f"List item with XML_ID={code} already exists.")


@method("crm.company.userfield.add")
def userfield_add(call: Call, portal: Portal) -> Answer:
    require_admin(call)
    fields = {name.upper(): value for name, value in mapping(call, "fields", required=True).items()}
    name = checked_name(fields.get("FIELD_NAME"))
    if not fields.get("USER_TYPE_ID"):
        raise refusal("The 'USER_TYPE_ID' field is not found.")
    if fields["USER_TYPE_ID"] not in custom_fields.SETTINGS:
        raise core_error("Invalid custom type specified.")
    if custom_fields.find(portal.store, name):
        raise core_error(f"The field {name} for object CRM_COMPANY already exists.")
    check_codes(custom_fields.items_sent(fields.get("LIST")))
    one = custom_fields.create(portal.store, fields | {"FIELD_NAME": name})
    announce(portal, call, "ADD", one)
    return Answer(int(one["ID"]))


@method("crm.company.userfield.get")
def userfield_get(call: Call, portal: Portal) -> Answer:
    return Answer(dict(field_of(call, portal)))


@method("crm.company.userfield.list")
def userfield_list(call: Call, portal: Portal) -> Answer:
    """Labels come as plain texts here, in the language of the filter's LANG."""
    wanted = {name.upper(): value for name, value in mapping(call, "filter").items()}
    language = str(wanted.pop("LANG", "ru"))
    rows = [one for one in portal.store.user_fields.values() if matches(one, wanted)]
    for name, direction in reversed((mapping(call, "order") or {"SORT": "ASC", "ID": "ASC"}).items()):
        rows = sorted_rows(rows, name.upper(), str(direction))
    return Answer([with_labels(one, language) for one in rows], len(rows))


def with_labels(one: dict[str, Any], language: str) -> dict[str, Any]:
    labels = {name: one[name].get(language) or None for name in custom_fields.LABELS}
    return {name: labels.get(name, value) for name, value in one.items()}


@method("crm.company.userfield.update")
def userfield_update(call: Call, portal: Portal) -> Answer:
    require_admin(call)
    one = field_of(call, portal)
    fields = {name.upper(): value for name, value in mapping(call, "fields", required=True).items()}
    check_codes(custom_fields.items_sent(fields.get("LIST")))
    list_changed = custom_fields.alter(portal.store, one, fields)
    announce(portal, call, "UPDATE", one)
    if list_changed:
        announce(portal, call, "SETENUMVALUES", one)
    return Answer(True)


@method("crm.company.userfield.delete")
def userfield_delete(call: Call, portal: Portal) -> Answer:
    require_admin(call)
    one = field_of(call, portal)
    custom_fields.drop(portal.store, int(one["ID"]))
    announce(portal, call, "DELETE", one)
    return Answer(True)
