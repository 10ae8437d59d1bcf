"""department.get, department.fields. Docs: api-reference/departments/."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_mirror.sandbox.filters_in_memory import matches, sorted_rows
from crm_mirror.sandbox.methods.crm_entities import start_of
from crm_mirror.sandbox.query import page_in_memory
from crm_mirror.sandbox.registry import Answer, Call, method

if TYPE_CHECKING:
    from crm_mirror.sandbox.portal import Portal

FIELDS = {
    "ID": "ID",
    "NAME": "Department Name",
    "SORT": "Sort Order",
    "PARENT": "Parent Department",
    "UF_HEAD": "Manager",
}


@method("department.get", scope="department")
def department_get(call: Call, portal: Portal) -> Answer:
    wanted = {key: value for key, value in call.params.items() if key.upper() in FIELDS and key.upper() != "SORT"}
    rows = [row for _, row in sorted(portal.store.departments.items()) if matches(row, wanted)]
    by, direction = str(call.param("sort", default="")).upper(), str(call.param("order", default="ASC"))
    ordered = sorted_rows(rows, by, direction) if by in FIELDS else rows
    page, total, following = page_in_memory(ordered, start_of(call))
    return Answer(page, total, following)


@method("department.fields", scope="department")
def department_fields(call: Call, portal: Portal) -> Answer:
    return Answer(dict(FIELDS))
