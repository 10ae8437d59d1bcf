"""Employees and departments as `user.get` and `department.get` show them."""

from __future__ import annotations

from typing import Any

from crm_mirror.sandbox.envelope import PhpObject
from crm_mirror.sandbox.store import Store

REGISTERED = "2024-02-01T00:00:00+03:00"
ROOT = 1


def user_row(
    user_id: int,
    name: str,
    *,
    departments: list[int],
    position: str = "",
    active: bool = True,
    admin: bool = False,
    hidden: bool = False,
    inner: str = "",
) -> dict[str, Any]:
    """`name` is "Имя Фамилия" or "Имя Отчество Фамилия"."""
    first, *middle, last = name.split() if " " in name else (name, "")
    return {
        "ID": str(user_id),
        "XML_ID": "",
        "ACTIVE": active,
        "NAME": first,
        "LAST_NAME": last,
        "SECOND_NAME": " ".join(middle),
        "EMAIL": f"user{user_id}@example.com",
        "LAST_LOGIN": "2026-11-20T09:00:00+03:00",
        "DATE_REGISTER": REGISTERED,
        "TIME_ZONE": "",
        "IS_ONLINE": "N",
        "TIMESTAMP_X": PhpObject(),
        "LAST_ACTIVITY_DATE": PhpObject(),
        "PERSONAL_GENDER": "",
        "PERSONAL_WWW": "",
        "PERSONAL_BIRTHDAY": "",
        "PERSONAL_MOBILE": "",
        "PERSONAL_CITY": "",
        "WORK_PHONE": "",
        "WORK_POSITION": position,
        "UF_EMPLOYMENT_DATE": "",
        "UF_DEPARTMENT": departments,
        "UF_PHONE_INNER": inner,
        "USER_TYPE": "employee",
        "IS_ADMIN": admin,
        "IS_HIDDEN": hidden,
    }


def add_user(store: Store, user_id: int, name: str, **details: Any) -> int:
    store.put_user(user_row(user_id, name, **details))
    return user_id


def add_department(
    store: Store, department_id: int, name: str, *, parent: int | None = ROOT, head: int | None = None
) -> int:
    """A vacant post has no UF_HEAD, the root no PARENT, as in the samples."""
    row: dict[str, Any] = {"ID": str(department_id), "NAME": name, "SORT": 500}
    if parent is not None:
        row["PARENT"] = str(parent)
    if head is not None:
        row["UF_HEAD"] = str(head)
    store.departments[department_id] = row
    return department_id
