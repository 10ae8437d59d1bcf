"""Rows of crm.item.*: camelCase names, numbers as numbers, and the many fields that are always empty.

Docs: api-reference/crm/universal/object-fields and the samples of crm.item.get, .add, .update.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from crm_mirror.sandbox import links, multifields
from crm_mirror.sandbox.kinds import Field, Kind
from crm_mirror.sandbox.store import Store
from crm_mirror.sandbox.values import item, to_int

COMMON = """
id createdTime updatedTime createdBy updatedBy assignedById opened lastActivityBy lastActivityTime utmSource utmMedium
utmCampaign utmContent utmTerm observers comments webformId originatorId originId searchContent
"""
MULTI = """
phoneMobile phoneWork phoneMailing emailHome emailWork emailMailing imol email phone hasPhone hasEmail hasImol
"""
STAGED = """
dateCreateShort dateModifyShort companyId contactId stageId stageSemanticId productId opportunity currencyId sourceId
sourceDescription title isReturnCustomer isManualOpportunity movedBy movedTime contactIds
"""
CLIENT = "leadId originVersion categoryId typeId"
LEAD = """
isConvert statusDescription name lastName secondName shortName companyTitle post address dateClosed birthdate honorific
login skype icq
"""
DEAL = """
leadId quoteId categoryId isNew isRecurring isRepeatedApproach closed typeId taxValue probability begindate
begindateShort closedate closedateShort eventDate eventDateShort eventId eventDescription locationId additionalInfo
orderStage isWork isWon isLose receivedAmount lostAmount hasProducts
"""
CONTACT = """
companyId companyIds sourceId sourceDescription name lastName secondName shortName photo post address export birthdate
honorific login
"""
COMPANY = """
title logo address addressLegal bankingDetails industry revenue currencyId employees isMyCompany contactIds
"""

# What `select: ['*']` brings for each kind.
NAMES: dict[str, list[str]] = {
    "lead": " ".join((COMMON, MULTI, STAGED, LEAD)).split(),
    "deal": " ".join((COMMON, STAGED, DEAL)).split(),
    "contact": " ".join((COMMON, MULTI, CLIENT, CONTACT)).split(),
    "company": " ".join((COMMON, MULTI, CLIENT, COMPANY)).split(),
}
CONSTANTS: dict[str, Any] = {"observers": [], "webformId": 0, "categoryId": 0, "imol": ""}
ADDRESS_PARTS = {"address", "addressLegal"}  # disabled in items: always empty
OF_MULTIFIELDS = {
    "phone": ("PHONE", None),
    "phoneWork": ("PHONE", "WORK"),
    "phoneMobile": ("PHONE", "MOBILE"),
    "phoneMailing": ("PHONE", "MAILING"),
    "email": ("EMAIL", None),
    "emailWork": ("EMAIL", "WORK"),
    "emailHome": ("EMAIL", "HOME"),
    "emailMailing": ("EMAIL", "MAILING"),
}
LINKED = {
    "contact": {"companyIds": ("contact", True)},
    "lead": {"contactIds": ("lead", True)},
    "deal": {"contactIds": ("deal", True)},
    "company": {"contactIds": ("contact", False)},
}  # name → relation by its owner, and whether the item is the owner


@dataclass(frozen=True)
class ItemNames:
    """How the caller writes names: custom fields in camel case or, with useOriginalUfNames=Y, as they are."""

    kind: Kind
    store: Store
    original_custom: bool
    with_company_ids: bool = True

    def shown(self, field: Field) -> str:
        return field.name if self.original_custom and field.name.startswith("UF_") else field.item_name

    @property
    def fields(self) -> dict[str, Field]:
        """Scalar fields by every name an item method takes: camel case and upper case of it."""
        known: dict[str, Field] = {}
        for field in self.store.fields(self.kind).values():
            if field.item_name in NAMES[self.kind.name] or field.name.startswith("UF_"):
                known |= {self.shown(field): field, upper_name(field): field}
        return known

    @property
    def linked(self) -> dict[str, tuple[str, bool]]:
        known = LINKED[self.kind.name]
        return known if self.with_company_ids else {name: one for name, one in known.items() if name != "companyIds"}


def upper_name(field: Field) -> str:
    """`createdTime` → `CREATED_TIME`, which crm.item.fields calls upperName."""
    if field.name.startswith("UF_"):
        return field.name
    return re.sub(r"(?<!^)(?=[A-Z])", "_", field.item_name).upper()


@dataclass(frozen=True)
class Selection:
    """What of an item is wanted: scalar fields to read, and whatever hangs on it."""

    fields: dict[str, Field]  # by the name they are shown under
    everything: bool
    linked: tuple[str, ...]
    values: tuple[str, ...]  # of multi-fields: phone, phoneWork, email, …

    @property
    def columns(self) -> list[str]:
        return [field.name for field in self.fields.values()]


def selection(names: ItemNames, select: Any) -> Selection:
    """`select` of crm.item.list; `fm` comes only with `*`, and the ID always."""
    wanted = [str(name) for name in (select.values() if isinstance(select, dict) else select or ("*",))]
    everything = "*" in wanted
    known = names.fields
    chosen = {"id": known["id"]}
    if everything:
        chosen |= {names.shown(field): field for field in known.values()}
    else:
        chosen |= {names.shown(known[name]): known[name] for name in wanted if name in known}
    linked = tuple(name for name in names.linked if everything or name in wanted)
    values = tuple(name for name in NAMES[names.kind.name] if name in OF_MULTIFIELDS and (everything or name in wanted))
    return Selection(chosen, everything, linked, values)


def shown_items(names: ItemNames, chosen: Selection, rows: list[Any], zone: tzinfo) -> list[dict[str, Any]]:
    """Rows of the selected columns as items."""
    place = list(chosen.fields).index("id")
    ids = [row[place] for row in rows]
    shown = [
        {name: item(field, value, zone) for (name, field), value in zip(chosen.fields.items(), row, strict=True)}
        for row in rows
    ]
    for name in chosen.linked:
        targets = linked_ids(names, name, ids)
        for entity_id, one in zip(ids, shown, strict=True):
            one[name] = targets.get(entity_id, [])
    if chosen.values or chosen.everything:
        add_values(names, chosen, ids, shown)
    return shown


def linked_ids(names: ItemNames, name: str, ids: list[int]) -> dict[int, list[int]]:
    owner, is_owner = names.linked[name]
    relation = links.link_kinds()[owner]
    if is_owner:
        return links.targets_of_page(names.store, relation, ids)
    return links.owners_of_page(names.store, relation, ids)


def add_values(names: ItemNames, chosen: Selection, ids: list[int], shown: list[dict[str, Any]]) -> None:
    """Phones and e-mails as single values and, with `*`, as `fm` and whatever else a whole item has."""
    kind = names.kind
    found = multifields.of_elements(names.store, kind, ids, kind.multifields)
    for entity_id, one in zip(ids, shown, strict=True):
        values = found.get(entity_id, {})
        one |= {name: first_value(values, *OF_MULTIFIELDS[name]) for name in chosen.values}
        if not chosen.everything:
            continue
        complete(names, one)
        if kind.multifields:
            one["fm"] = [fm_row(row) for type_id in kind.multifields for row in values.get(type_id, ())]


def complete(names: ItemNames, one: dict[str, Any]) -> None:
    """Add the fields that the portal shows and never fills."""
    for name in NAMES[names.kind.name]:
        if name in ADDRESS_PARTS:
            one[name] = None
        elif name != "companyIds" or names.with_company_ids:
            one.setdefault(name, CONSTANTS.get(name))
    one["entityTypeId"] = names.kind.type_id


def first_value(values: dict[str, list[dict[str, str]]], type_id: str, value_type: str | None) -> str:
    rows = [row for row in values.get(type_id, ()) if value_type in (None, row["VALUE_TYPE"])]
    return rows[0]["VALUE"] if rows else ""


def fm_row(row: dict[str, str]) -> dict[str, Any]:
    return {"id": to_int(row["ID"]), "valueType": row["VALUE_TYPE"], "value": row["VALUE"], "typeId": row["TYPE_ID"]}
