"""The company status this product brings: the same three values in either kind of field."""

from __future__ import annotations

from crm_mirror.sandbox import custom_fields, references
from crm_mirror.sandbox.store import Store

FIELD = "UF_CRM_CALLGUARD_STATUS"
REFERENCE = "CALLGUARD_STATUS"
WAITING, PROCESSING, WORKING = "В ожидании", "В обработке", "В работе"
CODES = {WAITING: "WAITING", PROCESSING: "IN_PROCESS", WORKING: "IN_WORK"}
LABEL = "Статус компании"


def provision(store: Store, kind: str) -> dict[str, int | str]:
    """Create the field as `enumeration` or `crm_status`; returns what is stored for each name."""
    field = {"FIELD_NAME": FIELD, "USER_TYPE_ID": kind, "LABEL": LABEL, "SHOW_FILTER": "E"}
    if kind == "enumeration":
        field["LIST"] = [{"VALUE": name, "XML_ID": code} for name, code in CODES.items()]  # type: ignore[assignment]
        one = custom_fields.create(store, field)
        return {name: custom_fields.item_id(one, name) for name in CODES}
    store.reference_types[REFERENCE] = LABEL
    for name, code in CODES.items():
        references.add_value(store, REFERENCE, code, name)
    custom_fields.create(store, field | {"SETTINGS": {"ENTITY_TYPE": REFERENCE}})
    return dict(CODES)
