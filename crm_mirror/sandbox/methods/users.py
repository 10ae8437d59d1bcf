"""user.get, user.search, user.fields. Docs: api-reference/user/. Bots and integrators are not returned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_mirror.sandbox.data.user_fields import USER_FIELDS
from crm_mirror.sandbox.filters_in_memory import matches, sorted_rows
from crm_mirror.sandbox.methods.crm_entities import start_of
from crm_mirror.sandbox.query import page_in_memory, split_key
from crm_mirror.sandbox.registry import Answer, Call, method
from crm_mirror.sandbox.store import INTERNAL_USER_KEYS, Store

if TYPE_CHECKING:
    from crm_mirror.sandbox.portal import Portal

NAME_KEYS = ("NAME", "LAST_NAME", "SECOND_NAME", "WORK_POSITION")


def visible_users(store: Store) -> list[dict[str, Any]]:
    shown = [user for user in store.users() if not user.get("IS_HIDDEN")]
    return [{key: value for key, value in user.items() if key not in INTERNAL_USER_KEYS} for user in shown]


def wanted_of(call: Call) -> dict[str, Any]:
    """Conditions from FILTER and, as old callers write them, from the parameters themselves."""
    given = call.param("filter") or {}
    wanted = dict(given) if isinstance(given, dict) else {}
    wanted |= {key: value for key, value in call.params.items() if split_key(key)[1].upper() in USER_FIELDS}
    return wanted


def projected(rows: list[dict[str, Any]], select: Any) -> list[dict[str, Any]]:
    names = {str(name).upper() for name in (select.values() if isinstance(select, dict) else select or ())}
    if not names or "*" in names:
        return rows
    return [{k: v for k, v in row.items() if k in names or ("UF_*" in names and k.startswith("UF_"))} for row in rows]


def answer(call: Call, rows: list[dict[str, Any]]) -> Answer:
    ordered = sorted_rows(rows, str(call.param("sort", default="ID")).upper(), str(call.param("order", default="ASC")))
    page, total, following = page_in_memory(ordered, start_of(call))
    return Answer(projected(page, call.param("select")), total, following)


@method("user.get", scope="user")
def user_get(call: Call, portal: Portal) -> Answer:
    wanted = wanted_of(call)
    name = str(wanted.pop("NAME_SEARCH", "")).casefold()
    rows = [user for user in visible_users(portal.store) if matches(user, wanted) and named(user, name)]
    return answer(call, rows)


@method("user.search", scope="user")
def user_search(call: Call, portal: Portal) -> Answer:
    wanted = wanted_of(call)
    sought = str(call.param("find") or wanted.pop("FIND", "")).casefold()
    names = {key: str(wanted.pop(key)).casefold() for key in (*NAME_KEYS, "UF_DEPARTMENT_NAME") if key in wanted}
    rows = [user for user in visible_users(portal.store) if matches(user, wanted) and named(user, sought)]
    return answer(
        call, [user for user in rows if all(part in str(user.get(k, "")).casefold() for k, part in names.items())]
    )


def named(user: dict[str, Any], sought: str) -> bool:
    whole = " ".join(str(user.get(key, "")) for key in NAME_KEYS).casefold()
    return all(part in whole for part in sought.split())


@method("user.fields", scope="user")
def user_fields(call: Call, portal: Portal) -> Answer:
    return Answer(dict(USER_FIELDS))
