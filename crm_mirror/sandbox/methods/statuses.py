"""crm.status.*: values of the CRM's references. Docs: api-reference/crm/status/.

Errors of this family carry a sentence as their code. Values can be added by REST, reference types cannot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_mirror.sandbox import references
from crm_mirror.sandbox.filters_in_memory import matches, sorted_rows
from crm_mirror.sandbox.methods.crm_entities import mapping, refusal
from crm_mirror.sandbox.registry import Answer, Call, Refused, method
from crm_mirror.sandbox.store import Store
from crm_mirror.sandbox.values import to_flag, to_int

if TYPE_CHECKING:
    from crm_mirror.sandbox.portal import Portal

CODE_LENGTH = 50
STAGES_IN_USE = {"STATUS": ("lead", "STATUS_ID"), "DEAL_STAGE": ("deal", "STAGE_ID")}

# name, type, required, read-only, immutable, title
FIELDS = (
    ("ID", "integer", False, True, False, "ID"),
    ("ENTITY_ID", "string", True, False, True, "Entity ID"),
    ("STATUS_ID", "string", True, False, True, "Status"),
    ("SORT", "integer", False, False, False, "Sorting"),
    ("NAME", "string", True, False, False, "Name"),
    ("NAME_INIT", "string", False, True, False, "Default Name"),
    ("SYSTEM", "char", False, True, False, "System"),
    ("CATEGORY_ID", "integer", False, False, True, "CATEGORY_ID"),
    ("COLOR", "string", False, False, False, "COLOR"),
    ("SEMANTICS", "char", False, False, True, "SEMANTICS"),
    ("EXTRA", "crm_status_extra", False, False, False, "Additional Fields"),
)


def shown(row: dict[str, Any]) -> dict[str, Any]:
    extra = references.semantics_extra(row["ENTITY_ID"], row)
    return {**row, "EXTRA": extra} if extra else dict(row)


def require_admin(call: Call) -> None:
    if not call.is_admin:
        raise refusal("Access denied.")


def row_of(store: Store, call: Call, invalid: str) -> dict[str, Any]:
    status_id = to_int(call.param("id"))
    if status_id <= 0:
        raise Refused(400, "Invalid identifier.", invalid)
    found = next((row for row in store.statuses if row["ID"] == str(status_id)), None)
    if found is None:
        raise Refused(400, "Status is not found.", "Directory item not found.")
    return found


@method("crm.status.fields")
def status_fields(call: Call, portal: Portal) -> Answer:
    keys = ("type", "isRequired", "isReadOnly", "isImmutable")
    described = {}
    for name, *flags, title in FIELDS:
        facts = dict(zip(keys, flags, strict=True))
        described[name] = {**facts, "isMultiple": False, "isDynamic": False, "title": title}
    return Answer(described)


@method("crm.status.list")
def status_list(call: Call, portal: Portal) -> Answer:
    """Every matching value at once: the page knows no `start`."""
    wanted, order = call.param("filter", default={}), call.param("order", default={})
    if not all(isinstance(one, dict) or one == [] for one in (wanted, order)):
        raise Refused(400, "Invalid parameters.", "Incorrect parameters passed.")
    rows = [row for row in portal.store.statuses if matches(row, dict(wanted))]
    for name, direction in reversed((dict(order) or {"SORT": "ASC"}).items()):
        rows = sorted_rows(rows, name.upper(), str(direction))
    return Answer([shown(row) for row in rows], len(rows))


@method("crm.status.get")
def status_get(call: Call, portal: Portal) -> Answer:
    status_id = str(to_int(call.param("id")))
    found = next((row for row in portal.store.statuses if row["ID"] == status_id), None)
    if found is None:
        raise Refused(400, "Status is not found.", "Directory item not found.")
    return Answer(shown(found))


@method("crm.status.add")
def status_add(call: Call, portal: Portal) -> Answer:
    require_admin(call)
    fields = {name.upper(): value for name, value in mapping(call, "fields", required=True).items()}
    entity_id, status_id = str(fields.get("ENTITY_ID") or ""), str(fields.get("STATUS_ID") or "")[:CODE_LENGTH]
    missing = [name for name in ("ENTITY_ID", "STATUS_ID") if not fields.get(name)]
    if missing:
        raise refusal("\n".join(f"The field {name} is required." for name in missing))
    if not references.is_type(portal.store, entity_id):
        raise refusal("Specified entity type is not supported.")
    if not fields.get("NAME"):
        raise refusal("The field Title is required.")
    if any(row["ENTITY_ID"] == entity_id and row["STATUS_ID"] == status_id for row in portal.store.statuses):
        raise Refused(400, "ERROR_CORE", "The specified status ID already exists.")
    color = fields.get("COLOR") or (fields.get("EXTRA") or {}).get("COLOR")
    row = references.add_value(
        portal.store,
        entity_id,
        status_id,
        str(fields["NAME"]),
        sort=to_int(fields.get("SORT")) or None,
        semantics=fields.get("SEMANTICS") or None,
        color=color,
    )
    return Answer(int(row["ID"]))


@method("crm.status.update")
def status_update(call: Call, portal: Portal) -> Answer:
    require_admin(call)
    row = row_of(portal.store, call, "An incorrect identifier was passed.")
    fields = {name.upper(): value for name, value in mapping(call, "fields", required=True).items()}
    row |= {name: str(fields[name]) for name in ("NAME", "SORT", "COLOR") if name in fields}
    return Answer(True)


@method("crm.status.delete")
def status_delete(call: Call, portal: Portal) -> Answer:
    require_admin(call)
    row = row_of(portal.store, call, "An invalid identifier was passed.")
    forced = to_flag((call.param("params") or {}).get("FORCED", "N")) == "Y"
    if row["SYSTEM"] == "Y" and not forced:
        text = 'CRM System Status can be deleted only if parameter FORCED is specified and equal to "Y".'
        raise refusal(text)
    if is_used(portal.store, row):
        raise refusal("There are active items in this status.")
    portal.store.statuses.remove(row)
    return Answer(True)


def is_used(store: Store, row: dict[str, Any]) -> bool:
    """Only stages of leads and deals are looked after by the portal."""
    if row["ENTITY_ID"] not in STAGES_IN_USE:
        return False
    table, column = STAGES_IN_USE[row["ENTITY_ID"]]
    return bool(store.rows(f"SELECT 1 FROM {table} WHERE {column} = ? LIMIT 1", (row["STATUS_ID"],)))


@method("crm.status.entity.types")
def entity_types(call: Call, portal: Portal) -> Answer:
    return Answer(references.types(portal.store))


@method("crm.status.entity.items")
def entity_items(call: Call, portal: Portal) -> Answer:
    entity_id = str(call.param("entityId") or "")
    if not references.is_type(portal.store, entity_id):
        text = "The parameter entityId is not defined or invalid."
        raise Refused(400, text, "The directory ID is not specified or is incorrect.")
    rows = sorted_rows([row for row in portal.store.statuses if row["ENTITY_ID"] == entity_id], "SORT", "ASC")
    return Answer([{"NAME": row["NAME"], "SORT": int(row["SORT"]), "STATUS_ID": row["STATUS_ID"]} for row in rows])
