"""The kinds of rows that are mirrored: how each is listed, read and kept. The order is that of a full sync."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

from django.db import models

from crm_mirror.models import Company, Contact, ContactCompany, Deal, Department, Employee, EntityType, Lead
from crm_mirror.portal import records
from crm_mirror.portal.paging import Listing, Row

STATUS = "status"  # no list of rows: sync.statuses
LINK = "link"
NAMES = (STATUS, "employee", "department", "company", "contact", LINK, "lead", "deal")
VERDICT_NAMES = ("employee", "company", "contact", LINK, "lead")  # what a verdict is made of

COMMON = ["ID", "ASSIGNED_BY_ID", "CREATED_BY_ID", "MODIFY_BY_ID", "DATE_CREATE", "DATE_MODIFY"]
CONTACT_TYPE_ID = 3  # entityTypeId; docs: api-reference/crm/data-types


@dataclass(frozen=True)
class Kind:
    """`columns`: those of the model that a record fills, in the record's order."""

    name: str
    listing: Listing
    parse: Callable[[Row], Any]
    model: type[models.Model]
    columns: tuple[str, ...]
    get_method: str = ""  # reads one row by ID and tells "Not found" from "Access denied"
    phones_of: EntityType | None = None
    is_small: bool = False  # a page or two at most portals
    is_kept: bool = False  # rows that do not come are kept: dismissed employees come with ACTIVE = false


def columns_of(record: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(record) if field.name != "phones")


def crm_kind(name: str, record: type[Any], model: type[models.Model], select: Sequence[str], **more: Any) -> Kind:
    listing = Listing(f"crm.{name}.list", {"select": [*COMMON, *select]})
    return Kind(name, listing, more.pop("parse"), model, columns_of(record), f"crm.{name}.get", **more)


def kinds(status_field: str) -> dict[str, Kind]:
    """By name, in order. `status_field`: the company field that holds the status."""
    company = crm_kind(
        "company",
        records.Company,
        Company,
        ["TITLE", "IS_MY_COMPANY", "LEAD_ID", "PHONE", status_field],
        parse=partial(records.company, status_field=status_field),
        phones_of=EntityType.COMPANY,
    )
    contact = crm_kind(
        "contact",
        records.Contact,
        Contact,
        ["NAME", "SECOND_NAME", "LAST_NAME", "COMPANY_ID", "LEAD_ID", "PHONE"],
        parse=records.contact,
        phones_of=EntityType.CONTACT,
    )
    names = ["TITLE", "NAME", "LAST_NAME", "COMPANY_TITLE"]
    lead = crm_kind(
        "lead",
        records.Lead,
        Lead,
        [*names, "STATUS_ID", "STATUS_SEMANTIC_ID", "MOVED_TIME", "COMPANY_ID", "CONTACT_ID", "PHONE"],
        parse=records.lead,
        phones_of=EntityType.LEAD,
    )
    stage = ["STAGE_ID", "STAGE_SEMANTIC_ID", "MOVED_TIME", "CATEGORY_ID", "CLOSED"]
    refers = ["COMPANY_ID", "CONTACT_ID", "LEAD_ID", "OPPORTUNITY", "CURRENCY_ID"]
    deal = crm_kind("deal", records.Deal, Deal, ["TITLE", *stage, *refers], parse=records.deal)
    return {kind.name: kind for kind in (employee_kind(), department_kind(), company, contact, link_kind(), lead, deal)}


def employee_kind() -> Kind:
    listing = Listing("user.get", {"ADMIN_MODE": True}, filter_key="FILTER", sorts_flat=True)
    columns = columns_of(records.Employee)
    return Kind("employee", listing, records.employee, Employee, columns, is_small=True, is_kept=True)


def department_kind() -> Kind:
    listing = Listing("department.get", sorts_flat=True, by_offset=True)
    return Kind("department", listing, records.department, Department, columns_of(records.Department), is_small=True)


def link_kind() -> Kind:
    """Contacts with their companies: 2,500 a request, where the portal is new enough to know `companyIds`."""
    params = {"entityTypeId": CONTACT_TYPE_ID, "select": ["id", "companyIds"]}
    listing = Listing("crm.item.list", params, id_key="id", rows_in="items")
    return Kind(LINK, listing, records.links, ContactCompany, ())


def without_status(kind: Kind) -> Kind:
    """The same for a portal without the status field: what the mirror knows of statuses is left alone."""
    return replace(kind, columns=tuple(column for column in kind.columns if column != "status_id"))
