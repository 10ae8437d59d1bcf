"""The four kinds of CRM entity: their fields as the portal lists them, and how each field is stored and sent.

The field catalogues in `schema/` are the official `crm.*.fields` samples; the order of a row is that of `crm.*.get`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

SCHEMA = Path(__file__).parent / "schema"
MULTIFIELDS = ("PHONE", "EMAIL", "WEB", "IM", "LINK")

# How a field type of the portal is kept: an integer, a decimal, an instant (epoch seconds), a date or a text.
STORED_AS = {
    "integer": "int",
    "user": "int",
    "crm_company": "int",
    "crm_contact": "int",
    "crm_lead": "int",
    "crm_quote": "int",
    "crm_category": "int",
    "enumeration": "int",
    "employee": "int",
    "double": "real",
    "datetime": "instant",
    "date": "date",
    "char": "flag",
    "boolean": "flag",
}


@dataclass(frozen=True)
class Field:
    """One scalar field: a column of the kind's table."""

    name: str  # classic name
    type: str  # the portal's type: string, user, crm_status, …
    item_name: str  # name in crm.item.*
    read_only: bool = False
    multiple: bool = False  # only custom fields: kept as a JSON list
    empty: Any = None  # what a classic answer shows for none

    @cached_property
    def stored_as(self) -> str:
        """One of int, real, instant, date, flag, text, list."""
        return "list" if self.multiple else STORED_AS.get(self.type.lower(), "text")


@dataclass(frozen=True)
class Kind:
    """A kind of CRM entity; `name` is also its table."""

    name: str
    type_id: int
    catalogue: dict[str, dict[str, Any]]  # as crm.*.fields answers
    fields: dict[str, Field]  # in the order of a classic row
    multifields: tuple[str, ...]
    stage_field: str | None = None

    @property
    def title(self) -> str:
        """As in error texts: "Company is not found"."""
        return self.name.capitalize()

    @property
    def event(self) -> str:
        """Beginning of the names of its events."""
        return f"ONCRM{self.name.upper()}"


# Where crm.item.* names a field differently from plain camel case (docs: crm/universal/object-fields).
ITEM_NAMES = {
    "DATE_CREATE": "createdTime",
    "DATE_MODIFY": "updatedTime",
    "CREATED_BY_ID": "createdBy",
    "MODIFY_BY_ID": "updatedBy",
    "MOVED_BY_ID": "movedBy",
    "STATUS_ID": "stageId",
    "STATUS_SEMANTIC_ID": "stageSemanticId",
    "COMPANY_TYPE": "typeId",
}
EMPTY_TEXT = {"BIRTHDATE", "DATE_CLOSED", "BEGINDATE", "CLOSEDATE"}  # samples show "" and not null
EMPTY_ZERO = {"REVENUE", "CATEGORY_ID"}
EMPTY_AMOUNT = {"OPPORTUNITY", "TAX_VALUE"}
STAGES = {"lead": "STATUS_ID", "deal": "STAGE_ID"}
TYPE_IDS = {"lead": 1, "deal": 2, "contact": 3, "company": 4}


def camel(name: str) -> str:
    """`LAST_ACTIVITY_BY` → `lastActivityBy`; `UF_CRM_1721` → `ufCrm_1721` as in the crm.item samples."""
    head, *rest = name.lower().split("_")
    is_custom = name.startswith("UF_")
    return head + "".join(f"_{part}" if is_custom and part[:1].isdigit() else part.capitalize() for part in rest)


def empty_of(name: str) -> Any:
    if name in EMPTY_AMOUNT:
        return "0.00"
    if name in EMPTY_ZERO:
        return "0"
    return "" if name in EMPTY_TEXT else None


def system_field(name: str, described: dict[str, Any]) -> Field:
    item_name = ITEM_NAMES.get(name) or camel(name)
    return Field(name, described["type"], item_name, described["isReadOnly"], empty=empty_of(name))


def load(name: str) -> Kind:
    schema = json.loads((SCHEMA / f"{name}.json").read_text(encoding="utf-8"))
    catalogue = schema["fields"]
    internal = {"type": "integer", "isReadOnly": True}  # FACE_ID: in rows, but not in crm.contact.fields
    fields = {key: system_field(key, catalogue.get(key, internal)) for key in schema["row"]}
    multifields = tuple(key for key in MULTIFIELDS if key in catalogue)
    return Kind(name, TYPE_IDS[name], catalogue, fields, multifields, STAGES.get(name))


@cache
def kinds() -> dict[str, Kind]:
    """The four kinds by name."""
    return {name: load(name) for name in TYPE_IDS}


@cache
def kinds_by_type() -> dict[int, Kind]:
    """The four kinds by entityTypeId."""
    return {kind.type_id: kind for kind in kinds().values()}
