"""Phones, e-mails and the like: rows of their own, each with an ID that updates name (docs: crm/data-types)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from crm_mirror.sandbox.kinds import Kind
from crm_mirror.sandbox.store import Store

FLAGS = {"PHONE": "HAS_PHONE", "EMAIL": "HAS_EMAIL", "IM": "HAS_IMOL"}
DEFAULT_VALUE_TYPE = {"PHONE": "WORK", "EMAIL": "WORK", "WEB": "WORK", "IM": "OPENLINE", "LINK": "USER"}
EXTENSION = re.compile(r"(доб|вн|ext|,|#|;).*$", re.IGNORECASE | re.DOTALL)
INSERT = "INSERT INTO multifield (KIND, ELEMENT_ID, TYPE_ID, VALUE_TYPE, VALUE, CODE) VALUES (?, ?, ?, ?, ?, ?)"


def search_code(type_id: str, value: str) -> str:
    """What the portal's duplicate search compares: digits without extension, a Russian 8 read as 7; else lower case."""
    if type_id != "PHONE":
        return value.strip().lower()
    digits = re.sub(r"\D", "", EXTENSION.sub("", value))
    if len(digits) == 10:
        return "7" + digits
    return "7" + digits[1:] if len(digits) == 11 and digits.startswith("8") else digits


def of_elements(
    store: Store, kind: Kind, element_ids: Sequence[int], type_ids: Sequence[str]
) -> dict[int, dict[str, list[dict[str, str]]]]:
    """Element → type → rows as classic answers show them. One query for a whole page."""
    found: dict[int, dict[str, list[dict[str, str]]]] = defaultdict(dict)
    if not element_ids or not type_ids:
        return found
    sql = (
        f"SELECT ELEMENT_ID, TYPE_ID, CAST(ID AS TEXT), VALUE_TYPE, VALUE FROM multifield WHERE KIND = {kind.type_id} "
        f"AND ELEMENT_ID IN ({', '.join('?' * len(element_ids))})"
    )
    for element_id, type_id, row_id, value_type, value in store.rows(sql, element_ids):
        if type_id in type_ids:
            row = {"ID": row_id, "VALUE_TYPE": value_type, "VALUE": value, "TYPE_ID": type_id}
            found[element_id].setdefault(type_id, []).append(row)
    return found


def write(store: Store, kind: Kind, element_id: int, type_id: str, sent: Iterable[Any]) -> None:
    """Apply a multi-field of an add or update: new ones, changes by ID, removal by DELETE 'Y' or an empty VALUE."""
    for one in sent:
        row = one if isinstance(one, dict) else {"VALUE": one}
        value = str(row.get("VALUE") or "").strip()
        if row.get("ID"):
            _change(store, kind, element_id, row, value)
        elif value:
            value_type = str(row.get("VALUE_TYPE") or DEFAULT_VALUE_TYPE[type_id])
            store.execute(INSERT, (kind.type_id, element_id, type_id, value_type, value, search_code(type_id, value)))
    refresh_flags(store, kind, element_id)


def _change(store: Store, kind: Kind, element_id: int, row: dict[str, Any], value: str) -> None:
    where = " WHERE ID = ? AND KIND = ? AND ELEMENT_ID = ?"
    key = (int(row["ID"]), kind.type_id, element_id)
    if row.get("DELETE") == "Y" or ("VALUE" in row and not value):
        store.execute(f"DELETE FROM multifield{where}", key)
        return
    if value:
        (type_id,) = next(iter(store.rows(f"SELECT TYPE_ID FROM multifield{where}", key)), ("PHONE",))
        store.execute(f"UPDATE multifield SET VALUE = ?, CODE = ?{where}", (value, search_code(type_id, value), *key))
    if row.get("VALUE_TYPE"):
        store.execute(f"UPDATE multifield SET VALUE_TYPE = ?{where}", (row["VALUE_TYPE"], *key))


def refresh_flags(store: Store, kind: Kind, element_id: int) -> None:
    """HAS_PHONE and its kin follow the rows."""
    flags = {type_id: flag for type_id, flag in FLAGS.items() if flag in kind.fields}
    if not flags:
        return
    sql = "SELECT DISTINCT TYPE_ID FROM multifield WHERE KIND = ? AND ELEMENT_ID = ?"
    present = {type_id for (type_id,) in store.rows(sql, (kind.type_id, element_id))}
    values = ["Y" if type_id in present else "N" for type_id in flags]
    assignments = ", ".join(f"{flag} = ?" for flag in flags.values())
    store.execute(f"UPDATE {kind.name} SET {assignments} WHERE ID = ?", (*values, element_id))
